"""Which browser is taken, and what happens without one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.web import browser
from tests.web.browser import browser_path, no_browser


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without a browser, whose PATH is one empty folder."""
    monkeypatch.delenv("FIFTEEN_CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(browser, "MAC", str(tmp_path / "Google Chrome"))
    return tmp_path


def put(path: Path) -> None:
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)


def test_the_browser_named_comes_before_the_first_on_the_path(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert browser_path() is None
    put(nowhere / "Google Chrome")
    assert browser_path() == str(nowhere / "Google Chrome")
    put(nowhere / "google-chrome")
    put(nowhere / "chromium")
    assert browser_path() == str(nowhere / "chromium")
    monkeypatch.setenv("FIFTEEN_CHROMIUM", "/elsewhere/chrome")
    assert browser_path() == "/elsewhere/chrome"


def test_without_a_browser_a_test_is_skipped_but_where_changes_are_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="install Chromium"):
        no_browser()
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="install Chromium"):
        no_browser()
