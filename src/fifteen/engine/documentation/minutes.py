"""Minutes as a note's prose states them: the total of the timed codes, the total of treatment, and those of a service.

A number is read only where the words beside it say what it is; nothing is added up and nothing guessed.
"""

from __future__ import annotations

import re

import msgspec

from fifteen.engine.documentation.answer import Words

# A whole number: not the end of 2026, nor the half of 7.5 or 1,200.
_NUMBER = r"(?<!\d)(?<!\d\.)(?!(?<=\d,)\d{3}(?!\d))\d{1,3}(?!\d|\.\d|,\d{3}(?!\d))"
_MIN = r"(?:\s*(?:min(?:ute)?s?\b|m\b|['’′]))"
_TIMED = (
    r"(?:(?:total|tot|direct|all)\W{1,3})?(?<![A-Za-z])(?<!un-)(?:timed|time-based|TCM|TCT)\b"
    r"(?:\W{0,3}(?:codes?|tx|treatment|direct|min(?:ute)?s?|time|total|services?|cpt|therapy)\b){0,5}"
)
_TOTAL = (
    r"(?<![A-Za-z])(?:total|tot)\b(?:\W{0,3}(?:tx|treatment|time|min(?:ute)?s?|session|therapy|visit|of|rx)\b){0,4}"
    r"|(?<![A-Za-z])(?:tx|treatment|session|visit|therapy)\W{0,3}(?:time|min(?:ute)?s)\b"
)
_BOTH = (
    r"(?:total\s+)?timed(?:\s+(?:min\w*|codes?))*\s*(?:/|and|&|=|\+)\s*(?:total|treatment|tx)"
    r"(?:\W{0,3}(?:tx|treatment|time|min(?:ute)?s?)\b){0,3}"
)
_STATED = re.compile(
    rf"(?P<both>{_BOTH})[^\d.;\n]{{0,12}}?(?P<b1>{_NUMBER})(?:{_MIN}?\s*/\s*(?P<b2>{_NUMBER}))?"
    rf"|(?P<p1>{_NUMBER})\s*/\s*(?P<p2>{_NUMBER}){_MIN}?\s*(?:{_BOTH})"
    rf"|(?P<n>{_NUMBER})(?P<nm>{_MIN}?)\s*(?:of\s+|of\s+which\s+|\(\s*|in\s+)?(?:(?P<nt>{_TIMED})|(?P<nl>{_TOTAL}))"
    # not where the words belong to a number behind them: "MT 15, timed 38"
    rf"(?!\W{{0,3}}\d{{1,3}}+{_MIN}?+(?!\s*\(?\s*(?:{_TIMED}|{_TOTAL})))"
    rf"|(?:(?P<kt>{_TIMED})|(?P<kl>{_TOTAL}))[^\d.;\n,]{{0,20}}?(?P<k>{_NUMBER})(?![\d%x×]|/\d)(?P<km>{_MIN}?)"
    rf"(?P<all>\W{{0,3}}all\s+timed)?",
    re.IGNORECASE,
)
_TTT = re.compile(rf"\bTT[TM]\W{{0,3}}(?P<n>{_NUMBER})\b")
_HAS_TIME = re.compile(r"min|time", re.IGNORECASE)
_MAYBE = re.compile(
    r"timed|time-based|TC[MT]|tot|TT[TM]|(?:tx|treatment|therapy|session|visit)\W{0,3}(?:time|min)", re.IGNORECASE
)

SERVICE_AFTER = re.compile(
    rf"\s*(?:[x×:=(,-]|–|for|tx|minutes|time|\)|\s){{0,4}}\s*(?P<n>{_NUMBER})(?:{_MIN}|\s*(?=[,;.)\n]|$|(?:timed|total)\b))",
    re.IGNORECASE,
)
SERVICE_BEFORE = re.compile(rf"(?P<n>{_NUMBER}){_MIN}\s*(?:of\s+|[-–:x]\s*)?(?:skilled\s+)?$", re.IGNORECASE)
IN_MINUTES = re.compile(rf"(?P<n>{_NUMBER}){_MIN}", re.IGNORECASE)


class Stated(msgspec.Struct, frozen=True):
    """A number of minutes and the words that state it."""

    minutes: int
    words: Words


class Totals(msgspec.Struct):
    """The two totals that a text states, None where it does not, and the spans they stand in.

    `unsure`: the text speaks of time in words whose numbers were not read.
    """

    unsure: bool = False
    timed: Stated | None = None
    total: Stated | None = None
    spans: list[tuple[int, int]] = []


def totals(text: str, where: str) -> Totals:
    """Read the two totals of `text`; the first statement of each counts."""
    found = Totals(spans=[])
    if not _MAYBE.search(text):
        return found
    bare: list[Stated] = []
    for match in _STATED.finditer(text):
        words = Words(match[0].strip(), where, match.start(), match.end())
        timed, total, sure = _reading(match)
        found.spans.append(match.span())
        if timed is not None and found.timed is None:
            found.timed = Stated(int(timed), words)
        if total is not None:
            stated = Stated(int(total), words)
            if not sure:
                bare.append(stated)
            elif found.total is None:
                found.total = stated
    _short(text, where, found, bare)
    if found.total is None and found.timed is not None and bare:
        found.total = bare[0]  # "38 timed, 45 total": the first says what the second counts
    found.unsure = found.timed is None or found.total is None
    return found


def _short(text: str, where: str, found: Totals, bare: list[Stated]) -> None:
    """`TTT` is read as timed minutes where a total stands beside it, and as the total where none does."""
    match = _TTT.search(text)
    if match is None:
        return
    stated = Stated(int(match["n"]), Words(match[0], where, match.start(), match.end()))
    found.spans.append(match.span())
    if found.timed is None and (found.total is not None or bare):
        found.timed = stated
    elif found.total is None:
        found.total = stated


def _reading(match: re.Match[str]) -> tuple[str | None, str | None, bool]:
    """The timed and the total minutes of one statement, and whether its words say that they are minutes."""
    if match["both"] or match["p1"]:
        first, second = (match["b1"], match["b2"]) if match["both"] else (match["p1"], match["p2"])
        return first, second or first, True
    number, timed, total = match["n"] or match["k"], match["nt"] or match["kt"], match["nl"] or match["kl"]
    sure = bool(match["nm"] or match["km"] or _HAS_TIME.search(total or ""))
    if timed:
        return number, None, True
    return (number if match["all"] else None), number, sure
