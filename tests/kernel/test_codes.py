"""A code has a shape; whether it exists is not asked here."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fifteen.kernel.codes import read_code
from fifteen.kernel.errors import UnreadableInput

CODES = st.from_regex(r"[0-9A-V][0-9]{3}[0-9FTU]", fullmatch=True).filter(str.isascii)


@given(CODES, st.sampled_from([str, str.lower, "  {} ".format]))
def test_a_code_reads_in_any_case_and_padding(code: str, written: Callable[[str], str]) -> None:
    assert read_code(written(code)) == code


@given(CODES)
def test_a_code_that_was_read_reads_as_itself(code: str) -> None:
    assert read_code(read_code(code)) == code


@pytest.mark.parametrize("text", ["", "9711", "971100", "97 10", "ABCDE", "W1234", "9711X", "９７１１０", "97110:3"])
def test_what_has_not_the_shape_is_refused(text: str, says: Callable[..., None]) -> None:
    with pytest.raises(UnreadableInput) as error:
        read_code(text, "choice")
    says(error.value, "choice", repr(text))


@given(st.text(max_size=8))
def test_any_text_is_a_code_or_refused(text: str) -> None:
    try:
        code = read_code(text)
    except UnreadableInput:
        return
    assert len(code) == 5
    assert code.isascii()
    assert code == code.upper()
