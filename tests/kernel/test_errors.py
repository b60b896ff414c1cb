"""The tree of errors is the one that is drawn."""

import inspect
import re

import pytest

from fifteen.kernel import errors

CLASSES = {name: cls for name, cls in inspect.getmembers(errors, inspect.isclass) if issubclass(cls, Exception)}


def drawn() -> dict[str, str]:
    """Each class of the drawing with its parent."""
    path: list[str] = ["Exception"]
    parents = {}
    for line in (errors.__doc__ or "").splitlines():
        if found := re.match(r"((?:│   |├── |└── )*)([A-Z]\w+Error|[A-Z][a-z]+[A-Z]\w+)(?:  |$)", line):
            depth = len(found[1]) // 4 + 1
            path[depth:] = [found[2]]
            parents[found[2]] = path[depth - 1]
    return parents


def test_the_drawing_is_the_tree() -> None:
    assert drawn() == {name: cls.__bases__[0].__name__ for name, cls in CLASSES.items()}


def test_the_drawing_was_read() -> None:
    assert drawn()["NotInForce"] == "AskedWrongly"
    assert len(drawn()) >= 8


@pytest.mark.parametrize("name", sorted(CLASSES))
def test_each_error_says_what_it_is_for(name: str) -> None:
    assert CLASSES[name].__doc__
    assert issubclass(CLASSES[name], errors.FifteenError)


@pytest.mark.parametrize("name", sorted(CLASSES))
def test_the_text_of_an_error_is_its_sentence(name: str) -> None:
    assert str(CLASSES[name]("97110: no; write 33.")) == "97110: no; write 33."
