"""What is asked: the lines to price, read from text or taken from an answer of `count_units`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Protocol

import msgspec

from fifteen.kernel.codes import read_code
from fifteen.kernel.errors import UnreadableInput

_MODIFIER = re.compile(r"[A-Z0-9]{2}", re.ASCII)
_UNITS = re.compile(r"[0-9]{1,3}", re.ASCII)


class BilledLine(Protocol):
    """Anything with a code, units and modifiers: `PriceLine`, or a line of a `UnitsAnswer`."""

    @property
    def code(self) -> str: ...
    @property
    def units(self) -> int: ...
    @property
    def modifiers(self) -> tuple[str, ...]: ...


class PriceLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Billed units of one code with one set of modifiers."""

    code: str
    units: int = 1
    modifiers: tuple[str, ...] = ()


def read_line(text: str) -> PriceLine:
    """Read `CODExUNITS` or `CODExUNITS:MODIFIER,MODIFIER`; `UnreadableInput` says what is wrong with it."""
    head, _, after = text.strip().partition(":")
    code, x, units = head.lower().partition("x")
    if not x or not code.strip() or not _UNITS.fullmatch(units.strip()):
        raise UnreadableInput(
            f"{text!r} is not a line with its units; write CODExUNITS such as 97110x2, or with modifiers 97110x2:GP,CQ."
        )
    return PriceLine(code, int(units), tuple(after.replace(",", " ").split()))


def checked(lines: Iterable[BilledLine]) -> list[PriceLine]:
    """The lines with code and modifiers in capitals; `UnreadableInput` for units or modifiers that cannot be."""
    found = []
    for line in lines:
        code = read_code(line.code)
        if type(line.units) is not int or line.units < 1:
            raise UnreadableInput(f"{code}: {line.units!r} units cannot be priced; write 1 or more, as {code}x1.")
        modifiers = tuple(each.strip().upper() for each in line.modifiers)
        for modifier in modifiers:
            if not _MODIFIER.fullmatch(modifier):
                raise UnreadableInput(
                    f"{code}: {modifier!r} is not a modifier; write two letters or digits such as GP or CQ."
                )
        found.append(PriceLine(code, line.units, modifiers))
    if not found:
        raise UnreadableInput("no line was given; write at least one, for example 97110x2:GP.")
    return found
