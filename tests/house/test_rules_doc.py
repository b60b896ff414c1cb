"""`docs/rules` is what the rules would make it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))
import rules_doc
from fifteen.rulebook import load_rulebook


def test_the_pages_are_those_of_the_rules(capsys: pytest.CaptureFixture[str]) -> None:
    assert rules_doc.main(["--check"]) == 0, "run scripts/rules_doc.py"


def test_a_page_that_drifted_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules_doc, "FOLDER", tmp_path / "rules")
    assert rules_doc.main([]) == 0
    assert rules_doc.main(["--check"]) == 0
    page = tmp_path / "rules" / "note.md"
    page.write_text(page.read_text().replace("| block |", "| warn |"))
    assert rules_doc.main(["--check"]) == 1


def test_each_rule_stands_on_one_page_with_its_citation_and_status() -> None:
    book = load_rulebook()
    text = "".join(rules_doc.pages(book).values())
    for id_, parameter in book.parameters.items():
        if not id_.startswith("payer."):
            rows = [line for line in text.splitlines() if line.startswith(f"| `{id_}` |")]
            assert len(rows) == len(parameter.at), id_
            assert all(book.cite(each.entry.refs) in row for each, row in zip(parameter.at, rows, strict=True))
