"""The public names stand in one place, and each of them is there."""

import subprocess
import sys

import pytest

import fifteen


def test_all_is_sorted_and_has_no_name_twice() -> None:
    assert fifteen.__all__ == sorted(set(fifteen.__all__))


def test_all_is_exactly_what_can_be_imported() -> None:
    lazy = set(fifteen._HOMES) | {"__version__"}
    assert set(fifteen.__all__) == lazy
    assert dir(fifteen) == fifteen.__all__


@pytest.mark.parametrize("name", fifteen.__all__)
def test_each_name_resolves(name: str) -> None:
    namespace: dict[str, object] = {}
    exec(f"from fifteen import {name}", namespace)
    assert namespace[name] is getattr(fifteen, name)


@pytest.mark.parametrize("name", sorted(fifteen._HOMES))
def test_each_name_says_the_same_in_its_home(name: str) -> None:
    home = sys.modules.get(fifteen._HOMES[name]) or __import__(fifteen._HOMES[name], fromlist=[name])
    assert getattr(home, name) is getattr(fifteen, name)


def test_a_name_nobody_wrote_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'fifteen' has no attribute 'guess_units'"):
        fifteen.guess_units  # noqa: B018


def test_importing_fifteen_imports_no_floor() -> None:
    script = "import sys, fifteen; print([name for name in sys.modules if name.startswith('fifteen.')])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['fifteen.__about__']"
