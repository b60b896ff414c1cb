"""Notes for the tests: short ones, in prose or in fields."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from fifteen.engine.documentation.answer import NoteAnswer
from fifteen.engine.documentation.check import check_note
from fifteen.engine.documentation.note import Note
from fifteen.engine.documentation.reading import Reading, reading_of
from fifteen.rulebook import Rulebook

DAY = date(2026, 3, 2)
Check = Callable[..., NoteAnswer]
Read = Callable[[str], Reading]


@pytest.fixture
def check(rulebook: Rulebook) -> Check:
    def call(text: str = "", /, **fields: Any) -> NoteAnswer:
        names = ("on", "payer", "billed", "minutes", "people", "earlier", "now")
        asked = {name: fields.pop(name) for name in names if name in fields}
        on = fields.pop("date", DAY)
        return check_note(Note(on=on, text=text, **fields), rulebook, **asked)

    return call


@pytest.fixture
def read(rulebook: Rulebook) -> Read:
    return lambda text: reading_of(Note(on=DAY, text=text), rulebook)
