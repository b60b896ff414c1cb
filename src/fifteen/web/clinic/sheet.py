"""Cells for a spreadsheet: text that no program takes for a formula or for the start of another row."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from typing import Any, TextIO

_FORMULA = "=+-@＝＋－＠"


def cell(value: Any) -> str:
    """One line of text; what could be a formula, also behind spaces, gets an apostrophe before it."""
    text = str(value)
    bare = text.lstrip()
    if text[:1] in ("\t", "\r", "\n") or bare[:1] in tuple(_FORMULA):
        text = f"'{text}"
    return " ".join(text.splitlines()) if any(each in text for each in "\r\n\v\f\x85\u2028\u2029") else text


def write(file: TextIO, rows: Iterable[Iterable[Any]]) -> int:
    """Every row as CSV; how many."""
    writer, count = csv.writer(file), 0
    for row in rows:
        writer.writerow([cell(value) for value in row])
        count += 1
    return count
