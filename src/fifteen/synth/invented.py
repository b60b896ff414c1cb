"""Invented names and numbers: none of a real person, and none that could be one.

Names are made of syllables. Phones are 555-01xx, which is kept for fiction. NPIs fail the check digit that every real
one bears (Luhn over 80840 and the ten digits).
"""

from __future__ import annotations

from fifteen.synth.chance import Chance

_FIRST = ("Ba", "Cor", "Del", "Fen", "Gri", "Hal", "Jo", "Kel", "Lu", "Mir", "Nor", "Os", "Pel", "Quo", "Ru", "Sel")
_LAST = ("dan", "essa", "ina", "iva", "lo", "mond", "nya", "ora", "phe", "rin", "tavi", "wen", "xi", "zel")
_HOUSE = ("Amber", "Brindle", "Copper", "Drift", "Ember", "Fallow", "Gossa", "Hollow", "Juniper", "Kestrel", "Lark")
_HOUSE_END = ("barrow", "combe", "dell", "field", "gate", "mere", "moor", "quill", "stead", "thwaite", "wick")
_PREFIX = "80840"


def person(chance: Chance, taken: dict[str, None]) -> str:
    """A name that nobody of this practice bears yet."""
    while True:
        found = f"{chance.one(_FIRST)}{chance.one(_LAST)} {chance.one(_HOUSE)}{chance.one(_HOUSE_END)}"
        if found not in taken:
            taken[found] = None
            return found


def phone(chance: Chance) -> str:
    return f"{chance.between(201, 989)}-555-01{chance.below(100):02d}"


def npi(chance: Chance) -> str:
    """Ten digits as an NPI has, with a check digit that no real one can bear."""
    body = f"1{chance.below(10**8):08d}"
    return body + str((check_digit(body) + chance.between(1, 9)) % 10)


def check_digit(body: str) -> int:
    """The digit that makes nine into a real NPI."""
    total = 0
    for place, digit in enumerate(reversed(_PREFIX + body)):
        number = int(digit) * (2 if place % 2 == 0 else 1)
        total += number - 9 if number > 9 else number
    return -total % 10


def member_number(chance: Chance) -> str:
    return f"FICT{chance.below(10**7):07d}"
