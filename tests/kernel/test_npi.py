"""The check digit of an NPI, by the worked example of CMS and by every way of not being one."""

from __future__ import annotations

import pytest

from fifteen.kernel.npi import is_npi


def test_the_worked_example_of_cms_holds() -> None:
    assert is_npi("1234567893")


@pytest.mark.parametrize("digit", "012456789")
def test_any_other_check_digit_does_not(digit: str) -> None:
    assert not is_npi(f"123456789{digit}")


@pytest.mark.parametrize("text", ["", "123456789", "12345678933", "3234567893", "123456789x", "12345678\u0663\u0663"])
def test_what_is_no_ten_digits_beginning_with_1_or_2_is_none(text: str) -> None:
    assert not is_npi(text)
