"""Do the words tell that a service was given today, or do they only speak of it?

An entry does (`TE 20 min`, `24 minutes of manual therapy`), and a sentence whose verb says so with the patient, the
therapist or the treatment as its subject (`patient tolerated 15 min of gait training`). Whatever else stands before a
number of minutes makes it a question: prose about treatment elsewhere has more forms than a list of cues can hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from fifteen.scribe.draft import Doubtful, Span
from fifteen.scribe.english import (
    AS_ORDERED,
    COPULAS,
    DONE,
    GIVEN,
    OTHERS,
    OWN,
    PLAIN,
    STOPPED,
    SUBORDINATE,
    TO_DO,
    UNSAID,
    WATCHING,
    WHO,
)
from fifteen.scribe.marks import Mark
from fifteen.scribe.minutes import Anchor, Candidate
from fifteen.scribe.outside import told_by_verb
from fifteen.scribe.pairing import Reading


def parted(
    found: Sequence[Mark], families: Sequence[Anchor], numbers: Sequence[Candidate], reading: Reading
) -> tuple[list[Anchor], Reading, list[Doubtful]]:
    """The families that were given with their minutes, and apart from them the doubted ones."""
    doubted: dict[int, Doubtful] = {}
    told = 0
    for place, number in sorted(reading.minutes.items()):
        one, other = families[place], numbers[number]
        if is_told(found, one, other, told):
            told = max(one.last, other.last)
        else:
            doubted[place] = Doubtful(
                family=one.family, minutes=other.value, minutes_source=other.span,  # type: ignore[arg-type]
                source=_sentence_span(found, one.first),
            )  # fmt: skip
    sentences = {found[families[place].first].sentence for place in doubted}
    kept = [
        place
        for place, one in enumerate(families)
        if place not in doubted and (place in reading.minutes or found[one.first].sentence not in sentences)
    ]
    minutes = {kept.index(place): number for place, number in reading.minutes.items() if place in kept}
    return [families[place] for place in kept], Reading(minutes, reading.open), list(doubted.values())


def is_told(found: Sequence[Mark], one: Anchor, number: Candidate, told: int = 0) -> bool:
    """Is this service with this number of minutes an entry, or the object of a verb of giving?

    `told` is the place behind the last service of the sentence that was told: what stands before it is settled.
    """
    first, last = min(one.first, number.first), max(one.last, number.last)
    sentence = [place for place, each in enumerate(found) if each.sentence == found[first].sentence]
    between = found[min(one.last, number.last) : max(one.first, number.first)]
    after = [found[place] for place in sentence if place >= last]
    if any(each.low in UNSAID for each in between) or _denied(between) or _defined(between):
        return False
    if _undone(after) or _theirs(after) or _stopped(after):
        return False
    before = [found[place] for place in sentence if place < first]
    if _infinitive([each for each in before if each.clause == found[first].clause]):
        return False
    if any(place < told for place in sentence):
        return not _elsewhere([found[place] for place in sentence if told <= place < first])
    if _behind(between) or _behind(after):
        return not _elsewhere(before)
    return _opens(before)


def _opens(before: Sequence[Mark]) -> bool:
    """May what stands before it in its sentence open an entry or a sentence of giving?"""
    clauses: dict[int, list[Mark]] = {}
    for each in before:
        clauses.setdefault(each.clause, []).append(each)
    own = list(clauses.values())[-1:]
    if own and (told_by_verb(own[0]) or (GIVEN & {each.low for each in own[0][:2]} and before[0].low in WHO)):
        return not _elsewhere(before)
    return all(_harmless(each) for each in clauses.values())


def _behind(words: Sequence[Mark]) -> bool:
    """Does a participle right behind the service say that it was given: `was applied`, `done in full`?"""
    told = [each.low for each in words if each.kind not in ("sign", "code", "side", "body", "number")]
    plain = [word for low in told[:5] for word in low.split()]
    verb = next((place for place, low in enumerate(plain) if low in COPULAS), None)
    if verb is not None:
        return any(low in DONE for low in plain[verb + 1 : verb + 4]) and not {"not", "been", "be"} & set(plain)
    return bool(plain) and plain[0] in DONE


def _elsewhere(words: Sequence[Mark]) -> bool:
    """Do the words speak of what is not done, of another's report, or of another one's doing?"""
    if words and words[0].low == "as":
        return False
    watched = any(each.low in WATCHING for each in words)
    return any(each.low in UNSAID or (each.low in OTHERS and not watched) for each in words)


def _theirs(after: Sequence[Mark]) -> bool:
    """`per their rep`, `by the aide`: somebody else's figure or work."""
    return any(
        each.low in ("per", "by") and after[place + 1].low in ("their", "the", "his", "her", "payer", "insurance")
        and not any(m.low in OWN for m in after[place + 1 : place + 5])
        for place, each in enumerate(after[:-1])
    )  # fmt: skip


def _harmless(clause: Sequence[Mark]) -> bool:
    """No words that could make somebody else the subject, or another time: all known, or behind a verb of giving."""
    if clause[0].low in ("per", "as") and any(each.low in OWN or each.low == "ordered" for each in clause):
        return True
    others = [each for each in clause if each.low in UNSAID or each.low in OTHERS]
    watched = any(each.low in WATCHING for each in clause)
    if clause[0].low in SUBORDINATE and all(each.low in AS_ORDERED or watched for each in others):
        return True
    if not others and _done(clause):
        return True
    if _infinitive(clause) or _by_another(clause):
        return False
    colon = max((place for place, each in enumerate(clause) if each.text in (":", "-", "|", "=")), default=-1)
    if _elsewhere(clause) and not any(each.low in WATCHING for each in clause):
        return False
    for place, each in enumerate(clause):
        if each.name or each.low in GIVEN:
            return True
        watched = each.low in OTHERS and any(m.low in WATCHING for m in clause)
        if place > colon and _strange(each) and not watched and not _list(clause[place:]):
            return False
    return True


def _stopped(after: Sequence[Mark]) -> bool:
    """`8 min, stopped` was not all given; `12 min and removed the tray` was."""
    for place, each in enumerate(after):
        behind = after[place + 1] if place + 1 < len(after) else None
        if each.low in STOPPED and (behind is None or (not _strange(behind) and behind.low not in ("the", "a"))):
            return True
    return False


def _done(clause: Sequence[Mark]) -> bool:
    """`exercises were introduced`: a passive that says it was given."""
    low = [word for each in clause for word in each.low.split()]
    return any(first in ("was", "were") and second in DONE for first, second in pairwise(low))


def _by_another(clause: Sequence[Mark]) -> bool:
    """`seen this morning by OT`: another discipline's service."""
    low = [each.low for each in clause]
    return any(
        first == "by" and second in ("ot", "pt", "slp", "st", "nursing", "cota") for first, second in pairwise(low)
    )


def _infinitive(clause: Sequence[Mark]) -> bool:
    """`COTA to see patient for`, `instructed to practice`: what is to be done."""
    return any(
        each.low == "to"
        and clause[place + 1].low in TO_DO
        and not (place and clause[place - 1].low in ("able", "order"))
        for place, each in enumerate(clause[:-1])
    )


def _strange(mark: Mark) -> bool:
    if mark.kind != "word":
        return False
    return mark.low not in PLAIN and mark.low not in WHO and not mark.low.endswith("ly") and len(mark.low) > 1


def _list(clause: Sequence[Mark]) -> bool:
    """An exercise of no known name with its dose: `yellow gripper x20`."""
    for place, each in enumerate(clause):
        if each.kind == "number":
            beside = [*clause[place + 1 : place + 2], *clause[max(place - 1, 0) : place]]
            return any(m.low in ("x", "by", "sets", "reps", "set", "lb", "#", "sec", "s") for m in beside)
    return False


def _undone(after: Sequence[Mark]) -> bool:
    """Does a verb right behind say something else of it than that it was given?"""
    words = [each for each in after if each.kind not in ("sign", "code")]
    parted_off = bool(after) and after[0].text == ","
    verb = next((each for each in words[:1] if each.low in COPULAS or (each.low in UNSAID and not parted_off)), None)
    if verb is None:
        return False
    rest = [word for each in words[1:6] for word in each.low.split()]
    said = any(each in GIVEN or (each in _AT_WORK and verb.low in ("was", "were")) for each in rest)
    return verb.low in UNSAID or "not" in rest or "been" in rest or not said


_AT_WORK = ("well", "skilled", "for", "with", "on", "to")


def _defined(between: Iterable[Mark]) -> bool:
    """`the default program is 15 min`: what it is, not what was given."""
    low = [each.low for each in between]
    return any(word in ("is", "are") for word in low) and not any(word in GIVEN - {"was", "were"} for word in low)


def _denied(between: Iterable[Mark]) -> bool:
    return any(each.low in ("not", "no", "never", "hasn't", "didn't", "wasn't") for each in between)


def _sentence_span(found: Sequence[Mark], place: int) -> Span:
    words = [each.span for each in found if each.sentence == found[place].sentence and each.kind != "line"]
    return words[0][0], words[-1][1]
