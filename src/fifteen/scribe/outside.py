"""What lies outside today's treatment: the home programme, the plan, goals, earlier visits, what was declined or
denied, the patient's own report and quotes. What stands there is told as not performed and never becomes treatment.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

import msgspec

from fifteen.scribe.english import BECAUSE, COPIED, DOERS, GIVEN, PLAIN, SUBORDINATE, TO_DO, WHO
from fifteen.scribe.marks import Mark, Why

_HEADINGS: dict[str, Why | None] = {
    "s": "earlier", "subjective": "earlier", "p": "planned", "plan": "planned",
    "poc": "planned", "goal": "planned", "goals": "planned",
    "stg": "planned", "stgs": "planned", "ltg": "planned", "ltgs": "planned", "hep": "home", "o": None,
    "objective": None, "a": None, "assessment": None, "treatment": None, "interventions": None, "tx": None, "rx": None,
    "today": None, "precautions": "denied", "home": "home", "homework": "home", "recommendations": "planned",
    "history": "earlier", "hx": "earlier", "pmh": "earlier",
}  # fmt: skip
MINUTES = ("min", "mins", "minute", "minutes", "m", "'")
_GOAL = re.compile(r"(?:goals?|stgs?|ltgs?)", re.IGNORECASE)


def outside(found: list[Mark], text: str) -> list[Mark]:
    """The marks of `text`; those outside of today's treatment carry why."""
    return _quoted(_headed(_cued(found), text), text)


def _cued(found: list[Mark]) -> list[Mark]:
    """Cues of a sentence: from the cue to its end; where nothing follows, what stands before it in the clause.

    A frame (`authorized`, `booked`) that opens a sentence says of all of it that it tells of no treatment of today;
    behind a service it only makes its own clause doubtful.
    """
    made = list(found)
    for places in _sentences(found):
        frame = next((place for place in places if found[place].kind == "frame"), None)
        copied = next((place for place in places if found[place].low in COPIED), None)
        if copied is not None:
            for place in _to_end_of_line(found, places):
                made[place] = msgspec.structs.replace(made[place], why="earlier")
            continue
        if frame is not None and found[frame].value == "planned" and _told_since(found, places, frame):
            made[frame] = msgspec.structs.replace(found[frame], kind="word")
            frame = None
        if frame is not None and not any(_service(found[place]) for place in places if place < frame):
            for place in places:
                made[place] = msgspec.structs.replace(made[place], why=_why(found[frame]))
            continue
        for place in (place for place in places if made[place].kind == "frame"):
            made[place] = msgspec.structs.replace(made[place], kind="doubt")
        for at in (place for place in places if found[place].kind == "not" and _reaching(found, place)):
            why = _why(found[at])
            for place in (at, *_scope(found, places, at)):
                made[place] = msgspec.structs.replace(made[place], why=why)
    return made


def _to_end_of_line(found: Sequence[Mark], places: Sequence[int]) -> range:
    """From the start of the sentence to the end of its line, or of its brackets where they hold what was copied."""
    first = places[0]
    stop = next((place for place in range(first, len(found)) if found[place].kind == "line"), len(found))
    closing = next((place for place in range(first, stop) if found[place].text == "]"), None)
    if closing is not None and any(_service(found[place]) for place in range(first, closing)):
        return range(first, closing)
    return range(first, stop)


def _told_since(found: Sequence[Mark], places: Sequence[int], at: int) -> bool:
    """Does a verb of giving with the patient as its subject stand between the cue and the first service behind it?"""
    service = next((place for place in places if place > at and _service(found[place])), places[-1])
    opens = [found[place] for place in places if place < service]
    if found[places[0]].low not in DOERS and not told_by_verb(opens):
        return False
    return any(found[place].low in GIVEN for place in places if at < place < service)


def _scope(found: Sequence[Mark], places: Sequence[int], at: int) -> Sequence[int]:
    """What a cue speaks of: its own clause for a refusal, else all behind it; where that is nothing, its clause before.

    Only a refusal alone in its clause reaches back over the sentence: `e-stim 15 min, not tolerated`. In an opening
    clause such as `as planned at the last visit,` a cue speaks of that clause; an earlier
    visit ends where today begins.
    """
    clause = [place for place in places if found[place].clause == found[at].clause]
    if found[at].value not in ("declined", "denied") and in_a_tail(found, [place for place in places if place < at]):
        return [place for place in places if place > at]
    before = [place for place in places if place < at]
    if found[at].value == "earlier":
        until = next((place for place in places if place > at and found[place].low in _TODAY), None)
        if until is not None:
            return [place for place in places if place >= at and found[place].clause < found[until].clause]
    if found[places[0]].low in SUBORDINATE and found[at].clause < found[places[-1]].clause:
        return [place for place in clause if place > at]
    if found[at].low in ("without", "w/o", "no"):
        return _phrase(found, clause, at)
    if found[at].value == "denied" and told_by_verb([found[place] for place in before]):
        return [place for place in clause if place > at]
    if _unsure(found[at]) and found[at].value == "earlier":
        return clause
    behind = [place for place in places if place > at]
    if found[at].value in ("declined", "denied"):
        near = [place for place in clause if place > at]
        behind = near if any(_matters(found[place]) for place in near) else [] if _told(found, clause, at) else behind
    if any(_matters(found[place]) for place in behind):
        return behind
    if _told(found, clause, at):
        return [place for place in clause if place < at]
    other = any(found[place].kind == "word" and found[place].low not in PLAIN | WHO for place in clause if place < at)
    return before if found[at].value == "declined" and not other else []


_TODAY = ("today", "now", "this visit", "this session", "today's")


def _phrase(found: Sequence[Mark], clause: Sequence[int], at: int) -> list[int]:
    """What `without` and `no` speak of: the words behind, up to the next joint or number."""
    made: list[int] = []
    for place in clause:
        if place > at and (found[place].low in ("and", "but", "then", "+", "&") or found[place].kind == "number"):
            break
        if place > at:
            made.append(place)
    return made


def in_a_tail(found: Sequence[Mark], before: Sequence[int]) -> bool:
    """Does a word behind the last minutes say why or what for: `16 minutes since he has a ramp at his apartment`?"""
    units = [place for place in before if found[place].low in MINUTES and found[place - 1].kind == "number"]
    if not units:
        return False
    telling = told_by_verb([found[place] for place in before if place < units[-1]])
    return any(
        _because(found, place) or (found[place].low == "which" and telling) for place in before if place > units[-1]
    )


def _because(found: Sequence[Mark], place: int) -> bool:
    each, after = found[place], found[min(place + 1, len(found) - 1)]
    if each.low not in BECAUSE:
        return False
    aim = after.kind in ("word", "response") and after.low not in ("be", "the", "a", "both", "his", "her")
    return each.low != "to" or aim


def told_by_verb(words: Sequence[Mark]) -> bool:
    """`I provided`, `Ms. Hall tolerated`, `was able to complete`: who treats or is treated, and a verb of giving."""
    low = [each.low for each in words]
    for place, word in enumerate(low):
        titled = place > 1 and low[place - 1] == "." and low[place - 2] in _TITLES
        if (word in DOERS or titled) and GIVEN & set(low[place + 1 : place + 3]):
            return True
        if word == "able" and low[place + 1 : place + 2] == ["to"] and set(low[place + 2 : place + 3]) <= GIVEN | TO_DO:
            return True
    return False


_TITLES = ("mr", "mrs", "ms")


def _told(found: Sequence[Mark], clause: Sequence[int], at: int) -> bool:
    """Does the cue's clause name something before it?"""
    return any(_matters(found[place]) for place in clause if place < at)


_LINKS = frozenset(
    ("a", "an", "the", "to", "of", "on", "for", "with", "any", "today", "was", "were", "due", "pt", "patient")
)


def _reaching(found: Sequence[Mark], at: int) -> bool:
    """A cue of two senses (`held`, `no`, `issued`) counts where a name or family is the next word to it."""
    if found[at].low == "not" and found[min(at + 1, len(found) - 1)].low in ("including", "counting"):
        return False
    if not _unsure(found[at]) or found[at].value == "earlier":
        return True
    if found[at].low in ("held", "hold") and any(
        m.kind == "number" and m.clause == found[at].clause for m in found[at:]
    ):
        return False  # `he held the stance 15 seconds` was done
    for step in (1, -1):
        place = at + step
        while 0 <= place < len(found) and (found[place].low in _LINKS or _time(found[place])):
            place += step
        near = found[place] if 0 <= place < len(found) else None
        if near is not None and near.sentence == found[at].sentence and (near.name or near.kind == "family"):
            return True
    return False


def _time(mark: Mark) -> bool:
    """Part of a number of minutes that stands between a name and its cue: `gait training 15 min held`."""
    return mark.kind == "number" or mark.low in ("min", "mins", "minutes")


def _unsure(mark: Mark) -> bool:
    return mark.term is not None and mark.term.unsure


def _why(mark: Mark) -> Why:
    value = mark.value
    return value if value in ("home", "planned", "earlier", "declined", "denied") else "denied"  # type: ignore[return-value]


def _matters(mark: Mark) -> bool:
    return _service(mark) or mark.kind == "number"


def _service(mark: Mark) -> bool:
    return mark.name or mark.kind == "family"


def _sentences(found: Sequence[Mark]) -> Iterator[list[int]]:
    places: list[int] = []
    for place, each in enumerate(found):
        if places and each.sentence != found[places[-1]].sentence:
            yield places
            places = []
        places.append(place)
    if places:
        yield places


def _headed(found: Sequence[Mark], text: str) -> list[Mark]:
    """Under a heading such as `P:` or `HEP:`, up to the next heading or an empty line; inside a line, to its end."""
    made: list[Mark] = []
    under: Why | None = None
    for_line = said = False
    goal: int | None = None
    for place, each in enumerate(found):
        at_line = not place or found[place - 1].kind == "line"
        first = at_line or each.sentence != found[place - 1].sentence
        if _heads(found, place) and (at_line or (first and len(each.text) > 2)):
            under, for_line = _HEADINGS[each.low], not at_line
            said = each.low in ("s", "subjective")
        elif each.kind == "line" and (for_line or _EMPTY_LINE.match(text, each.span[0])):
            under, for_line = None, False
        elif under == "earlier" and said and first and _entry(found, place):
            under = None  # `S: sore. TE 20 min`: all of a note in one line
        if first and _GOAL.fullmatch(each.text.partition(" ")[0]):
            goal = each.sentence
        why = each.why or under or ("planned" if goal == each.sentence else None)
        made.append(msgspec.structs.replace(each, why=why))
    return made


def _entry(found: Sequence[Mark], place: int) -> bool:
    """Does a service with its minutes open here?"""
    if found[place].kind not in ("family", "code"):
        return False
    near = [each for each in found[place + 1 : place + 5] if each.sentence == found[place].sentence]
    units = {*MINUTES, ":", ")"}
    return any(each.kind == "number" and after.low in units for each, after in pairwise(near))


def _heads(found: Sequence[Mark], place: int) -> bool:
    """Is this a heading with its colon or dash right behind it: `P:`, `Plan next session:`?"""
    if found[place].low in _HEADINGS:
        opening = found[place + 1 : place + 5]
        colon = next((n for n, each in enumerate(opening) if each.text == ":"), None)
        if colon is not None and not any(_matters(each) for each in opening[:colon]):
            return True
    after = found[place + 1] if place + 1 < len(found) else None
    alone = (not place or found[place - 1].kind == "line") and after is not None and after.kind == "line"
    if alone and found[place].low in _HEADINGS:
        return True
    near = after is not None and after.text in (":", "-") and after.span[0] - found[place].span[1] < 2
    return near and found[place].low in _HEADINGS


_EMPTY_LINE = re.compile(r"\n[ \t\r]*\n")
_QUOTE = re.compile(r"[\"“]([^\"”“\n]{12,}?)[\"”]")


def _quoted(found: Iterable[Mark], text: str) -> list[Mark]:
    """What stands in quotation marks are the patient's words; a pair of inch marks is not a quotation."""
    spans = [
        each.span()
        for each in _QUOTE.finditer(text)
        if re.search(r"[A-Za-z]{2,} [A-Za-z]{2,}", each[1]) and not text[: each.start()][-1:].isdigit()
    ]
    return [
        msgspec.structs.replace(each, why=each.why or "earlier")
        if any(a <= each.span[0] < b for a, b in spans)
        else each
        for each in found
    ]
