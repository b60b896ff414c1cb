"""Tables of whatever origin are read as they stand or refused in one sentence, and what is written is no formula."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fifteen.interop.tabular import DELIMITERS, Limits, Row, defused, read, restored, write
from fifteen.kernel.errors import UnreadableInput

PLAIN = "name,born\nZoë Ünal,1950-05-01\n"
CELLS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=12)
BEFORE = ["", "'", "''", " ", "\u00a0", "\ufeff", "\t", "\n", "\r"]
SPIKED = st.tuples(st.sampled_from(BEFORE), st.sampled_from("=+-@＝＋－＠\t\r\nx"), CELLS).map("".join)


def cells(content: bytes, **given: object) -> list[tuple[str, ...]]:
    return [row.cells for row in read(content, **given).rows]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("encoding", "told"),
    [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8"), ("utf-16", "UTF-16"), ("utf-16-le", "UTF-16"),
     ("utf-16-be", "UTF-16"), ("cp1252", "Windows-1252")],
)  # fmt: skip
def test_the_encoding_is_decided_and_told(encoding: str, told: str) -> None:
    found = read(PLAIN.encode(encoding))
    assert (found.encoding, found.delimiter) == (told, "comma")
    assert [row.cells for row in found.rows] == [("name", "born"), ("Zoë Ünal", "1950-05-01")]


@pytest.mark.parametrize(("mark", "told"), DELIMITERS.items())
def test_the_delimiter_is_decided_and_told(mark: str, told: str) -> None:
    lines = [["name", "seen"], ["Moss, Pat", "1"], ["Reed, Jo", "2"]]
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=mark).writerows(lines)
    found = read(text.getvalue().encode())
    assert found.delimiter == told
    assert [list(row.cells) for row in found.rows] == lines


def test_excel_s_own_line_and_a_person_s_word_go_before_a_look() -> None:
    assert read(b"sep=;\r\na,b;c,d\r\n").rows == (Row(2, ("a,b", "c,d")),)
    assert cells(b"a,b;c,d\n1,2;3,4\n", delimiter=";") == [("a,b", "c,d"), ("1,2", "3,4")]
    with pytest.raises(UnreadableInput, match="no delimiter"):
        read(b"a", delimiter="x")


def test_one_column_is_a_table_too() -> None:
    found = read(b"name\nPat Moss\n")
    assert (found.delimiter, len(found.rows)) == ("comma", 2)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_are_those_of_the_file(end: str) -> None:
    text = f'a,b{end}1,"two{end}lines"{end}{end}3,4{end}"x"y,5{end}6,7{end}'
    found = read(text.encode())
    assert [(row.line, row.cells) for row in found.rows if not row.fault] == [
        (1, ("a", "b")), (2, ("1", f"two{end}lines")), (5, ("3", "4")), (7, ("6", "7")),
    ]  # fmt: skip
    [broken] = [row for row in found.rows if row.fault]
    assert (broken.line, broken.cells, broken.empty) == (6, (), False)
    assert found.blank == 1


def test_a_large_unclosed_cell_does_not_spoil_the_look_at_delimiters() -> None:
    with pytest.raises(UnreadableInput, match="line 2: a quotation mark"):
        read(b'a,b\n1,"' + b"x" * 200_000)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "holds no row"),
        (b"\n \n,,\n", "holds no row"),
        (b"PK\x03\x04", "Excel workbook"),
        (b"\xd0\xcf\x11\xe0", "old Excel workbook"),
        (b"%PDF-1.7", "a PDF"),
        (b" <html><table>", "web page"),
        (b"a,b\n\x811,\xe92\n", "line 2: a byte"),
        (b"a,b\n1,\0\n", "line 2: there is a NUL"),
        (b"\xff\xfea", "line 1: a byte"),
        (b'a,b\n1,"2\n', "line 2: a quotation mark"),
        (b"a," * 300 + b"b", "301 columns"),
        (b"a,b\n" + b"x" * 10_001, "line 2: a cell is longer"),
        (b"x" * 20_000_001, "20,000,001 bytes"),
    ],
)
def test_what_is_no_table_is_refused_with_what_to_do(content: bytes, said: str) -> None:
    with pytest.raises(UnreadableInput, match=said) as met:
        read(content)
    assert str(met.value).endswith(".")


def test_too_many_rows_are_refused() -> None:
    with pytest.raises(UnreadableInput, match="more than 2 rows"):
        read(b"a\nb\nc\n", Limits(rows=2))


@pytest.mark.parametrize(
    "cell",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\u00a0=1", "\u2003+1", "\ufeff=1", "\u200b=1",
     "＝1", "＋1", "－1", "＠x", "'=1", "''=1", "' =1", "\tx", "\nx", "\rx", '=HYPERLINK("http://x";"y")',
     "=cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0"],
)  # fmt: skip
def test_no_cell_is_a_formula_and_none_is_lost(cell: str) -> None:
    assert defused(cell).startswith("'")
    written = write([[cell, "x"]])
    assert written.startswith(b"\xef\xbb\xbf\"'")
    assert cells(written) == [(cell, "x")]


@pytest.mark.parametrize("cell", ["", "x", "'", "O'Neil", "1-2", "a=b", "'x", "5'11\"", "Zoë", '"', "a\nb"])
def test_what_is_no_formula_stays_as_it_is(cell: str) -> None:
    assert defused(cell) == restored(cell) == cell


def test_a_number_that_was_kept_as_text_is_read_as_it_was() -> None:
    assert cells(b'id,n\n="00123",="x"\n"=""007""",1\n') == [("id", "n"), ("00123", "x"), ("007", "1")]


@settings(max_examples=400)
@given(st.lists(st.tuples(CELLS | SPIKED, CELLS | SPIKED, st.just("x")), min_size=1, max_size=8))
def test_what_is_written_is_read_again_to_the_character(rows: list[tuple[str, ...]]) -> None:
    written = write(rows)
    assert cells(written) == rows
    for row in csv.reader(io.StringIO(written.decode("utf-8-sig"), "")):
        for each in row:
            assert not each.lstrip(" \u00a0\t\r\n\ufeff\u200b").startswith(tuple("=+-@＝＋－＠"))
