"""Tables as text files: read whatever program wrote them and said how, written so that none takes a cell for a formula.

Which encoding and which delimiter a file has is decided by looking at it, and told. What cannot be a table at all is
`UnreadableInput`, with one sentence that says what to do; one broken row is a `Row` with a `fault`, and its neighbours
stand. A line is that of the file as an editor counts, also where a cell holds several.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import msgspec

from fifteen.kernel.errors import UnreadableInput

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
ENCODINGS = {"utf-8-sig": "UTF-8", "utf-8": "UTF-8", "utf-16": "UTF-16", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16",
             "cp1252": "Windows-1252"}  # fmt: skip
_LOOKED_AT = 64  # rows from which the delimiter is decided
_FORMULA = re.compile(r"'*(?:[\s\u200b\ufeff]*[=+\-@＝＋－＠]|[\t\r\n])")
_TEXT_ONLY = re.compile(r'="([^"]*)"')
_NOT_TEXT = (
    (b"PK\x03\x04", "an Excel workbook"), (b"\xd0\xcf\x11\xe0", "an old Excel workbook"), (b"%PDF", "a PDF"),
    (b"\x1f\x8b", "a compressed file"), (b"\x89PNG", "a picture"), (b"\xff\xd8\xff", "a picture"),
)  # fmt: skip
_PAGE = re.compile(rb"\s*<(?:!doctype|html|table|\?xml)", re.IGNORECASE)


class Limits(msgspec.Struct, frozen=True):
    """What a table may hold at most: bytes, rows, columns, and characters of one cell."""

    size: int = 20_000_000
    rows: int = 200_000
    columns: int = 300
    cell: int = 10_000


class Row(msgspec.Struct, frozen=True):
    """One row, and the line of the file that it begins on; `fault` says why its cells are not to be trusted."""

    line: int
    cells: tuple[str, ...]
    fault: str = ""

    @property
    def empty(self) -> bool:
        """Is there nothing in it?"""
        return not self.fault and not any(each.strip() for each in self.cells)


class Sheet(msgspec.Struct, frozen=True):
    """A file as it was read: its rows, empty ones left out, with the encoding and the delimiter by their names."""

    encoding: str
    delimiter: str
    rows: tuple[Row, ...]
    blank: int = 0


def read(content: bytes, limits: Limits | None = None, *, delimiter: str = "") -> Sheet:
    """The rows of a CSV file; `UnreadableInput` where it is none, or larger than it may be.

    `delimiter` is one of `DELIMITERS` where a person knows better than a look at the file.
    """
    limits = limits or Limits()
    if len(content) > limits.size:
        raise UnreadableInput(
            f"the file has {len(content):,} bytes and may have {limits.size:,}; split it, and give one part at a time."
        )
    text, encoding = _decoded(content)
    said, text = _excel_says(text)
    mark = delimiter or said or _delimiter(text)
    if mark not in DELIMITERS:
        raise UnreadableInput(f"{mark!r} is no delimiter; choose one of {', '.join(DELIMITERS.values())}.")
    rows: list[Row] = []
    blank = 0
    for row in _rows(text, mark, limits, 2 if said else 1):
        if row.empty:
            blank += 1
        elif len(rows) == limits.rows:
            raise UnreadableInput(f"the file has more than {limits.rows:,} rows; split it, and give one at a time.")
        else:
            rows.append(row)
    if not rows:
        raise UnreadableInput("the file holds no row; choose the file that was exported.")
    return Sheet(ENCODINGS[encoding], DELIMITERS[mark], tuple(rows), blank)


def _decoded(content: bytes) -> tuple[str, str]:
    for begins, what in _NOT_TEXT:
        if content.startswith(begins):
            raise UnreadableInput(f"the file is {what} and no table of text; save it as CSV, and give that file.")
    if _PAGE.match(content):
        raise UnreadableInput("the file is a web page and no table of text; save it as CSV, and give that file.")
    encoding = _encoding(content)
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UnreadableInput(
            f"line {line}: a byte there is no text in {ENCODINGS[encoding]}; save the file as CSV in UTF-8."
        ) from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise UnreadableInput(f"line {line}: there is a NUL, so this is no text; save the file as CSV in UTF-8.")
    return text, encoding


def _encoding(content: bytes) -> str:
    """By the mark at the beginning; else UTF-8 where it is that throughout; else what Windows wrote in the West."""
    if content.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    head = content[:4096]
    for encoding, zeros in (("utf-16-le", head[1::2]), ("utf-16-be", head[0::2])):
        if zeros.count(0) * 3 > len(zeros):  # Western text in UTF-16 is every second byte a zero
            return encoding
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _excel_says(text: str) -> tuple[str, str]:
    """The delimiter that a first line `sep=;` names, and the text behind that line."""
    found = re.match(r'"?sep=([,;|\t])"?\r?\n', text, re.IGNORECASE)
    return (found[1], text[found.end() :]) if found else ("", text)


def _delimiter(text: str) -> str:
    """The one that makes the most rows of one width; where none makes two columns, the comma."""
    best, mark = (0, 0), ","
    for each in DELIMITERS:
        try:
            widths = Counter(len(row) for row in islice(csv.reader(io.StringIO(text, ""), delimiter=each), _LOOKED_AT))
        except csv.Error:
            continue
        widths.pop(0, 0)  # blank lines
        wide = [(count, width) for width, count in widths.items() if width > 1]
        if wide and max(wide) > best:
            best, mark = max(wide), each
    return mark


def _rows(text: str, delimiter: str, limits: Limits, first: int) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, ""), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + first
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "unexpected end" in str(error) or "field limit" in str(error):
                raise UnreadableInput(
                    f"line {line}: a quotation mark that opens there is never closed; close it or take it away."
                ) from None
            yield Row(line, (), "a quotation mark stands in the middle of a cell; double it, or take it away")
            continue
        if len(cells) > limits.columns:
            raise UnreadableInput(
                f"line {line}: {len(cells):,} columns and at most {limits.columns} can be read; "
                "check the delimiter, or take columns away."
            )
        if any(len(each) > limits.cell for each in cells):
            raise UnreadableInput(
                f"line {line}: a cell is longer than {limits.cell:,} characters; "
                "look for a quotation mark that is never closed, or take the column away."
            )
        yield Row(line, tuple(map(restored, cells)))


def write(rows: Iterable[Sequence[str]]) -> bytes:
    """Rows as CSV in UTF-8 with a mark for Excel, every cell in quotation marks and none of them a formula."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerows([defused(each) for each in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def defused(cell: str) -> str:
    """With an apostrophe before it where a spreadsheet could take it for a formula, also behind spaces."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def restored(cell: str) -> str:
    """What was defused; and what stands in `="00123"`, by which programs keep a spreadsheet from reading a number."""
    if cell.startswith("'") and _FORMULA.match(cell, 1):
        return cell[1:]
    found = _TEXT_ONLY.fullmatch(cell)
    return found[1] if found else cell
