"""Whole minutes, and the minutes of one service by who gave them."""

from __future__ import annotations

import re

import msgspec

from fifteen.kernel.errors import UnreadableInput

MINUTES_PER_DAY = 24 * 60

_WHOLE = re.compile(r"(-?)([0-9]+)", re.ASCII)
_MOST_DIGITS = 7  # a day has 1440 minutes: more digits are a slip, and each unit they earn would be explained


class ServiceMinutes(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """Direct minutes of one service on one day.

    `therapist` holds the minutes given by the therapist alone or together with an assistant;
    `assistant` those an assistant gave apart (42 CFR 410.60(a)(4)(iii)).
    """

    code: str
    therapist: int = 0
    assistant: int = 0

    @property
    def total(self) -> int:
        return self.therapist + self.assistant


def read_minutes(text: str, where: str = "minutes") -> int:
    """Read whole minutes from 0 up; `UnreadableInput` otherwise. An absurd number is a finding, not an error."""
    text = text.strip()
    whole = _WHOLE.fullmatch(text)
    if whole and not whole[1] and len(text) <= _MOST_DIGITS:
        return int(text)
    if not whole:
        why = "it is not a whole number of minutes"
    elif whole[1]:
        why = "minutes cannot be negative"
    else:
        why = f"it has more than {_MOST_DIGITS} digits"
    raise UnreadableInput(f"{where}: cannot read {text!r}, {why}; write 0 or more, for example 33.")


def read_service(text: str) -> ServiceMinutes:
    """Read `CODE:MINUTES`, `CODE:MINUTES+MINUTESa` or `CODE:MINUTESa` (`a`: by the assistant).

    The code is not checked against the catalogue here, only its minutes.
    """
    code, colon, rest = text.strip().partition(":")
    if not colon or not code or not rest:
        raise UnreadableInput(
            f"{text!r} is not a service with its minutes; write CODE:MINUTES such as 97110:33, "
            "or 97110:13+23a for 13 by the therapist and 23 by the assistant."
        )
    therapist = assistant = 0
    first, plus, second = rest.partition("+")
    if first[-1:] in "aA" and not plus:
        assistant = read_minutes(first[:-1], f"{code} assistant minutes")
    else:
        therapist = read_minutes(first, f"{code} minutes")
        if plus:
            if second[-1:] not in ("a", "A"):
                raise UnreadableInput(
                    f"{text!r}: minutes after + are an assistant's and end in a; use {code}:{first}+{second or '23'}a."
                )
            assistant = read_minutes(second[:-1], f"{code} assistant minutes")
    return ServiceMinutes(code, therapist, assistant)
