"""Minutes are whole and never negative; a service is a code with its minutes."""

from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fifteen.kernel.errors import UnreadableInput
from fifteen.kernel.minutes import MINUTES_PER_DAY, ServiceMinutes, read_minutes, read_service

MINUTES = st.integers(0, 999_999)
CODES = st.sampled_from(["97110", "g0283", "0791T"])


def test_a_day_has_its_minutes() -> None:
    assert MINUTES_PER_DAY == 1440


@given(MINUTES)
def test_minutes_read_back(minutes: int) -> None:
    assert read_minutes(f" {minutes} ") == minutes


@pytest.mark.parametrize("text", ["-5", "-0", "", "x", "7.5", "7,5", "1e2", "+7", "1_0", "٣", "3 3", "12min", "−5"])
def test_what_is_no_whole_number_is_refused(text: str, says: Callable[..., None]) -> None:
    with pytest.raises(UnreadableInput) as error:
        read_minutes(text, "97110 minutes")
    says(error.value, "97110 minutes", repr(text), "0 or more")


@pytest.mark.parametrize(
    ("text", "why"),
    [("-5", "cannot be negative"), ("7.5", "not a whole number"), ("-x", "not a whole number"), ("1" * 5000, "digits")],
)
def test_the_reason_is_the_true_one(text: str, why: str) -> None:
    with pytest.raises(UnreadableInput, match=why):
        read_minutes(text)


def test_an_absurd_number_is_read() -> None:
    assert read_minutes("1000000") == 1_000_000


@given(MINUTES, MINUTES)
def test_the_total_is_both(therapist: int, assistant: int) -> None:
    assert ServiceMinutes("97110", therapist, assistant).total == therapist + assistant


def written(service: ServiceMinutes) -> str:
    """The service as it is typed."""
    if not service.assistant:
        return f"{service.code}:{service.therapist}"
    if not service.therapist:
        return f"{service.code}:{service.assistant}a"
    return f"{service.code}:{service.therapist}+{service.assistant}a"


@given(st.builds(ServiceMinutes, CODES, MINUTES, MINUTES))
def test_a_service_reads_back(service: ServiceMinutes) -> None:
    assert read_service(written(service)) == service


@pytest.mark.parametrize(
    ("text", "therapist", "assistant"),
    [
        ("97110:33", 33, 0),
        ("97110:0", 0, 0),
        ("97110:23a", 0, 23),
        ("97110:13+23a", 13, 23),
        ("97110:13+23A", 13, 23),
        ("97110:0+23a", 0, 23),
        ("97110: 13 + 23 a", 13, 23),
    ],
)
def test_who_gave_the_minutes(text: str, therapist: int, assistant: int) -> None:
    assert read_service(text) == ServiceMinutes("97110", therapist, assistant)


@pytest.mark.parametrize(
    "text",
    ["", "97110", "97110:", ":33", ":", "97110 33", "97110:a", "97110:x", "97110:-3", "97110:3+", "97110:3+4",
     "97110:3a+4a", "97110:+4a", "97110:3+4a+5a", "97110:3+-4a"],
)  # fmt: skip
def test_an_unreadable_service_is_refused(text: str, says: Callable[..., None]) -> None:
    with pytest.raises(UnreadableInput) as error:
        read_service(text)
    says(error.value)


@pytest.mark.parametrize(("text", "instead"), [("97110:13+23", "97110:13+23a"), ("97110:13+", "97110:13+23a")])
def test_minutes_after_a_plus_end_in_a(text: str, instead: str, says: Callable[..., None]) -> None:
    with pytest.raises(UnreadableInput) as error:
        read_service(text)
    says(error.value, repr(text), f" {instead}.")


@given(st.text(alphabet="97110:+aA- x", max_size=14))
def test_any_text_is_a_service_or_refused(text: str) -> None:
    try:
        service = read_service(text)
    except UnreadableInput:
        return
    assert service.therapist >= 0
    assert service.assistant >= 0
    assert service.code


def test_a_service_with_an_unknown_field_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"code": "97110", "minutes": 3}, ServiceMinutes)
