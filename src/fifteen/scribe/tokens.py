"""Text in tokens that keep their place: words, numbers (also spoken ones), signs and ends of lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

import msgspec

from fifteen.scribe.draft import Span

_TOKEN = re.compile(
    r"(?P<military>(?<![\d:.])(?:[01]\d|2[0-3])[0-5]\d(?=\s?-\s?(?:[01]\d|2[0-3])[0-5]\d(?!\d))"
    r"|(?<=-)(?:[01]\d|2[0-3])[0-5]\d(?!\d))"
    r"|(?P<clock>(?<![\d:])(?:[01]?\d|2[0-3]):[0-5]\d(?:\s?[ap]\.?m?\.?(?![A-Za-z]))?)"
    r"|(?P<number>(?<![\w.])\d+(?:,\d{3})+(?![\d,])|\d+(?:\.\d+)?|(?<![\w.])\.\d+)"
    r"|(?P<short>\b(?:[A-Za-z]/[A-Za-z]{1,2}|w/o|w/)(?![A-Za-z]))"
    r"|(?P<word>[A-Za-z]\d+(?![\dA-Za-z]|\.\d)|[A-Za-z]+)"
    r"|(?P<line>\n)"
    r"|(?P<sign>->|<>|//|[^\w\s])"
)
_CODE = re.compile(r"\b(?:\d{5}|G\d{4})\b")

_ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_DECADES = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_TENS = {name: 10 * place for place, name in enumerate(_DECADES, 2)}
SPOKEN = {name: place for place, name in enumerate(_ONES)}

Kind = Literal["word", "number", "clock", "code", "sign", "line"]


class Token(msgspec.Struct, frozen=True):
    """A token, where it stands, and the value of a number or the minute of the day of a clock time."""

    text: str
    span: Span
    kind: Kind
    value: float = 0.0

    @property
    def low(self) -> str:
        return self.text.lower()


def tokens(text: str) -> list[Token]:
    """`text` in tokens, numbers in words among them; curly quotes are read as straight ones."""
    plain = text.translate({0x2019: "'", 0x2018: "'", 0x201C: '"', 0x201D: '"', 0x2032: "'", 0x2033: '"', 0x00D7: "x",
                            0x2013: "-", 0x2014: "-", 0x2192: ">"})  # fmt: skip
    codes = {match.start(): match.end() for match in _CODE.finditer(plain)}
    made: list[Token] = []
    place = 0
    while place < len(plain):
        if place in codes:
            made.append(Token(text[place : codes[place]], (place, codes[place]), "code"))
            place = codes[place]
            continue
        found = _TOKEN.match(plain, place)
        if found is None:
            place += 1
            continue
        made += _made(text, found, place)
        place = found.end()
    return spoken([_sign(made, place) for place in range(len(made))])


_DICTATED = {"comma": ",", "colon": ":", "semicolon": ";", "period": "."}


def _sign(found: Sequence[Token], place: int) -> Token:
    """A sign that was dictated by its name: `comma`; `period` where a sentence ends."""
    each, after = found[place], found[place + 1] if place + 1 < len(found) else None
    sign = _DICTATED.get(each.text)
    if sign is None or (sign == "." and after is not None and not after.text[:1].isupper()):
        return each
    return Token(sign, each.span, "sign")


def _made(text: str, found: re.Match[str], place: int) -> list[Token]:
    span = (place, found.end())
    said = text[slice(*span)]
    match found.lastgroup:
        case "military":
            return [Token(said, span, "clock", float(int(said[:2]) * 60 + int(said[2:])))]
        case "clock":
            return [Token(said, span, "clock", _minute(said))]
        case "number":
            return [Token(said, span, "number", float(said.replace(",", "")))]
        case "line":
            return [Token(said, span, "line")]
        case "sign":
            return [Token(said, span, "sign")]
        case _:
            if said[0] in "xX" and said[1:].isupper() and text[place - 1 : place].isdigit():  # 3xAMRAP
                return [Token(said[0], (place, place + 1), "word"), Token(said[1:], (place + 1, span[1]), "word")]
            if said[0] in "xX" and said[1:].isdigit():  # x10
                cut = place + 1
                return [
                    Token(said[0], (place, cut), "word"),
                    Token(said[1:], (cut, span[1]), "number", float(said[1:])),
                ]
            return [Token(said, span, "word")]


def _minute(said: str) -> float:
    hour, minute = re.findall(r"\d+", said)[:2]
    after = int(hour) % 12 + 12 if "p" in said.lower() else int(hour) % 12 if "a" in said.lower() else int(hour)
    return float(after * 60 + int(minute))


def parted(token: Token) -> list[Token]:
    """`PatMobs` as `Pat` and `Mobs`; itself where no capital stands inside."""
    cuts = [0, *(found.start() for found in re.finditer(r"(?<=[A-Za-z][a-z])(?=[A-Z])", token.text)), len(token.text)]
    start = token.span[0]
    return [Token(token.text[low:high], (start + low, start + high), token.kind) for low, high in pairwise(cuts)]


def spoken(found: Sequence[Token]) -> list[Token]:
    """Runs of number words as one number: `twenty one`, `one hundred fifty`, `one point five`, `two and a half`."""
    made: list[Token] = []
    place = 0
    while place < len(found):
        value, stop = _number_at(found, place)
        if stop == place:
            made.append(found[place])
            place += 1
            continue
        span = (found[place].span[0], found[stop - 1].span[1])
        made.append(Token(" ".join(each.text for each in found[place:stop]), span, "number", value))
        place = stop
    return made


def _number_at(found: Sequence[Token], place: int) -> tuple[float, int]:
    """The number that begins at `place`, and the place behind it; the same place where none does."""
    whole, stop = _below_hundred(found, place)
    if stop == place:
        return 0.0, place
    if stop < len(found) and found[stop].low == "hundred":
        rest, end = _below_hundred(found, stop + 1 + (_word(found, stop + 1) == "and"))
        whole, stop = whole * 100 + rest, end if rest else stop + 1
    if _word(found, stop) == "point":
        digit, end = _below_hundred(found, stop + 1)
        if end > stop + 1:
            return whole + float(f"0.{int(digit)}"), end
    if [_word(found, stop + step) for step in range(3)] == ["and", "a", "half"]:
        return whole + 0.5, stop + 3
    return whole, stop


def _below_hundred(found: Sequence[Token], place: int) -> tuple[float, int]:
    word = _word(found, place)
    if word in SPOKEN:
        return float(SPOKEN[word]), place + 1
    if word not in _TENS:
        return 0.0, place
    nxt = place + 1
    if nxt < len(found) and found[nxt].text == "-":
        nxt += 1
    ones = SPOKEN.get(_word(found, nxt), 0)
    return (float(_TENS[word] + ones), nxt + 1) if 0 < ones < 10 else (float(_TENS[word]), place + 1)


def _word(found: Sequence[Token], place: int) -> str:
    return found[place].low if place < len(found) and found[place].kind == "word" else ""
