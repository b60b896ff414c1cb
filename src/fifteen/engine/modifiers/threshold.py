"""KX and the therapy thresholds: what is used, which lines lie above, and who attests that they are necessary.

The sum is an estimate and said to be one. KX stands on a line only when a person attested it with the sum before them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from fifteen.engine.claim_lines import (
    AttestationAsked,
    DayAsked,
    Held,
    LineModifier,
    Outcome,
    ThresholdUsed,
    given,
    hash_of,
)
from fifteen.engine.day import Attestation, Bucket, Discipline
from fifteen.engine.modifiers import threshold_notes as notes
from fifteen.engine.modifiers.accrual import (
    Law,
    LineSum,
    Used,
    law_on,
    line_sums,
    patterns,
    percent_reached,
    used_before,
)
from fifteen.kernel.finding import Finding
from fifteen.kernel.money import show_cents, to_dollars

KX = "KX"


def threshold(asked: DayAsked) -> Outcome:
    """The room: each threshold that the day's therapy lines count toward, in order of its first line."""
    day, book, outcome = asked.day, asked.rulebook, Outcome()
    policy = book.policy(day.coverage.payer, "kx_modifier", day.date)
    attested = given(day.attestations, (KX,))
    second = day.coverage.secondary
    behind = None if second is None else book.policy(second, "kx_modifier", day.date)
    if second is not None and behind is not None and behind.value:
        outcome.findings.append(notes.pays_second(book.payer(second).label or second, behind.cite))
    lines, law = _therapy(asked), law_on(book, day.date)
    if law is None and lines and (policy.value if policy else book.follows(day.coverage.payer, "medicare")):
        outcome.findings.append(notes.year_unknown(day.date.year))
    if policy is None or not policy.value:
        outcome.findings += _where_none_is_asked(asked, attested, law, lines, policy is not None)
        return outcome
    if law is None:
        buckets = _buckets(asked, lines)
        outcome.thresholds += [
            _record(asked, used_before(asked.context, day.date.year, each), each) for each in buckets
        ]
        outcome.findings += [notes.sum_unknown(each) for each in attested]
        return outcome
    names: set[str] = set()
    for bucket, places in _buckets(asked, lines).items():
        sums = _Sums(asked, law, bucket, places)
        outcome.thresholds.append(sums.record())
        outcome.findings += sums.findings()
        _ask(sums, outcome)
        names.update(sums.names)
    outcome.findings += [_of_no_line(each, asked, lines, names) for each in attested if each.line not in names]
    return outcome


def _of_no_line(given_: Attestation, asked: DayAsked, lines: Iterable[int], names: Iterable[str]) -> Finding:
    """KX for what this claim does not ask about: the line of an institutional claim, the plan of a professional one."""
    here = {part for place in lines for part in (asked.lines[place].name, asked.lines[place].discipline)}
    if given_.line not in here:
        return notes.no_line(given_)
    plan = given_.line.split()[0]
    return notes.called_otherwise(given_, sorted(name for name in names if name.split()[0] == plan))


def _where_none_is_asked(
    asked: DayAsked, attested: Iterable[Attestation], law: Law | None, lines: Iterable[int], known: bool
) -> list[Finding]:
    """A payer that asks for no KX, or is not known to ask: what was attested adds nothing, and it may matter."""
    payer = asked.rulebook.payer(asked.day.coverage.payer)
    label = payer.label or payer.id
    found = [notes.not_asked(each, label, known) for each in attested]
    if law is not None and not known:
        sums = [_Sums(asked, law, *each) for each in _buckets(asked, lines).items()]
        found += [notes.payer_unknown(label, each.name, each.after, law) for each in sums if each.above]
    return found


def _therapy(asked: DayAsked) -> list[int]:
    """The places of the lines with services of the therapy list: no other counts toward a threshold."""
    book, on = asked.rulebook, asked.day.date
    return [place for place, each in enumerate(asked.lines) if book.row("therapy_list", each.line.code, on) is not None]


def _buckets(asked: DayAsked, lines: Iterable[int]) -> dict[Bucket, list[int]]:
    """The lines that count toward each threshold, by their plan of care."""
    plans = asked.rulebook.value_or_none("medicare.kx_bucket", asked.day.date)
    found: dict[Bucket, list[int]] = {}
    if plans is not None:
        for place in lines:
            found.setdefault(plans.value[asked.lines[place].discipline], []).append(place)
    return found


def _record(asked: DayAsked, used: Used, bucket: Bucket) -> ThresholdUsed:
    """What a screen shows of a threshold whose amount is not known."""
    return ThresholdUsed(
        bucket=bucket, year=asked.day.date.year, used=to_dollars(used.cents) if used.known else None, with_day=None,
        threshold=None, review=None, as_of=used.said.as_of if used.said is not None else None,
        claims=len(used.claims) if used.claims is not None else None,
    )  # fmt: skip


class _Question(msgspec.Struct, frozen=True):
    """KX asked of a person, who calls its lines `name`."""

    name: str
    places: tuple[int, ...]
    because: str
    evidence: str
    hash: str
    cite: str


class _Sums:
    """One threshold, and the day's lines that count toward it in order."""

    def __init__(self, asked: DayAsked, law: Law, bucket: Bucket, places: Sequence[int]) -> None:
        self.asked, self.law, self.bucket = asked, law, bucket
        self.name, self.year, self.limit = notes.NAMES[bucket], asked.day.date.year, law.limit.value[bucket]
        self.used = used_before(asked.context, self.year, bucket)
        self.lines = line_sums(asked, places, self.used.cents, self.limit)
        self.after = self.lines[-1].after
        self.above = any(line.above for line in self.lines)
        self.unpriced = [line for line in self.lines if line.cents is None and not line.denied]
        self.by_claim = law.reach.value[asked.day.billing] == "claim"

    @property
    def names(self) -> list[str]:
        """How attestations may call its lines."""
        return list(dict.fromkeys(self.called(line) for line in self.lines))

    def called(self, line: LineSum) -> str:
        each = self.asked.lines[line.place]
        return each.discipline if self.by_claim else each.name

    def code(self, line: LineSum) -> str:
        return self.asked.lines[line.place].line.code

    def record(self) -> ThresholdUsed:
        review = self.law.review
        return msgspec.structs.replace(
            _record(self.asked, self.used, self.bucket),
            with_day=to_dollars(self.after) if self.used.known and not self.unpriced else None,
            threshold=to_dollars(self.limit),
            review=to_dollars(review.value[self.bucket]) if review is not None else None,
        )

    def findings(self) -> list[Finding]:
        """What is missing, what is used, and what the claims so far look like."""
        law, signs = self.law, self.law.signs
        unpriced = list(dict.fromkeys(self.code(line) for line in self.unpriced))
        no_locality = self.asked.day.locality is None
        found = notes.not_checked(self.used, unpriced, no_locality, self.name, self.year, law.counts.cite)
        denied = list(dict.fromkeys(self.code(line) for line in self.lines if line.denied))
        if denied:
            found.append(notes.expected_denials(denied, self.name, law.denial.cite))
        if percent_reached(self.after, self.limit, signs.value["near"]):
            cite = f"{law.limit.cite}; {law.counts.cite}"
            found.append(notes.reached(self.after, self.limit, self.name, self.year, cite))
        if law.review is not None and self.after >= law.review.value[self.bucket]:
            level = law.review.value[self.bucket]
            found.append(notes.review(self.after, level, self.name, self.year, law.review.cite))
        far, every = patterns(self.asked.context, self.used, self.limit, signs, self.year, self.bucket)
        if far is not None:
            percent = signs.value["far_below"]
            found.append(notes.far_below(far, self.limit, percent, self.name, self.year, law))
        if every is not None:
            found.append(notes.on_every_claim(every, self.limit, self.name, self.year, law))
        return found

    # -- questions ---------------------------------------------------------------------------------------------

    def questions(self) -> list[_Question]:
        """Line by line on a professional claim; of all lines of a plan where one line of another claim lies above."""
        if not self.by_claim:
            return [self._of_line(line) for line in self.lines if line.above]
        lines = [line for line in self.lines if not line.denied] if self.above else []
        plans = dict.fromkeys(self.asked.lines[line.place].discipline for line in lines)
        return [self._of_plan(plan, lines) for plan in plans]

    def _of_line(self, line: LineSum) -> _Question:
        cite = f"{self.law.limit.cite}; {self.law.missing.cite}" + (f"; {self.law.crossing.cite}" * line.crosses)
        name, limit = self.called(line), show_cents(self.limit)
        because = f"{name} lies above the {self.year} threshold of {limit} for {self.name}."
        if line.crosses:
            because = f"The sum for {self.name} passes the {self.year} threshold of {limit} on {name}."
        unpriced = any(other.place < line.place for other in self.unpriced)
        sums = (line.before, line.cents)
        return self._asked(name, (line.place,), because, notes.along(line), cite, sums, unpriced)

    def _of_plan(self, plan: Discipline, lines: Iterable[LineSum]) -> _Question:
        places = tuple(line.place for line in lines if self.asked.lines[line.place].discipline == plan)
        because = (
            f"A line of this claim lies above the {self.year} threshold of {show_cents(self.limit)} for {self.name}, "
            f"and KX stands on all its {plan} lines or on none."
        )
        cite = f"{self.law.limit.cite}; {self.law.reach.cite}; {self.law.missing.cite}"
        shown = notes.of_claim(self.after, self.limit)
        return self._asked(plan, places, because, shown, cite, (self.after, len(places)), bool(self.unpriced))

    def _asked(
        self, name: str, places: tuple[int, ...], because: str, shown: str, cite: str, sums: tuple[object, ...],
        unpriced: bool,
    ) -> _Question:  # fmt: skip
        said, claims = self.used.said, self.used.claims
        figures = (
            KX, name, self.year, self.bucket, self.limit, said and (said.cents, said.as_of),
            claims and (len(claims), self.used.since, claims[-1].received), *sums, unpriced,
        )  # fmt: skip
        evidence = [*notes.so_far(self.used, self.name, self.year), shown]
        evidence += [notes.UNPRICED, notes.ESTIMATE] if unpriced else [notes.ESTIMATE]
        return _Question(name, places, f"{because} {notes.MEANING}", " ".join(evidence), hash_of(*figures), cite)


def _ask(sums: _Sums, outcome: Outcome) -> None:
    """Ask for KX where it is due, put it where a person attested what is shown now, hold or name what is open."""
    questions = sums.questions()
    for question in questions:
        attested = [each for each in _attested(sums, question.name) if each.evidence == question.hash]
        by = attested[-1].by if attested else None
        for place in question.places:
            if by is not None:
                outcome.modifiers.append(_modifier(sums, question, place, by))
            elif _holds(sums):
                said = notes.why_held(question.name, sums.name, sums.year, sums.limit, sums.law)
                outcome.held.append(Held(place, said))
        if by is None and not _holds(sums):
            outcome.findings.append(notes.still_open(question.name, sums.name, sums.year, sums.limit, sums.law))
        asked = AttestationAsked(
            kind=KX, line=question.name, asked_because=question.because, evidence=question.evidence,
            evidence_hash=question.hash, shown=True, given_by=by, cite=question.cite,
        )  # fmt: skip
        if asked not in outcome.asked:  # two lines of one code and no known price are one question
            outcome.asked.append(asked)
    for name in sums.names:
        outcome.findings += _of_what_was_attested(sums, name, questions)


def _attested(sums: _Sums, name: str) -> list[Attestation]:
    return given(sums.asked.day.attestations, (KX,), name)


def _holds(sums: _Sums) -> bool:
    """May an open KX hold a line? Only where amount and denial are primary, and the payer follows that law."""
    primary = sums.law.limit.status == "primary" and sums.law.missing.severity == "block"
    return primary and sums.asked.rulebook.follows(sums.asked.day.coverage.payer, "medicare")


def _modifier(sums: _Sums, question: _Question, place: int, by: str) -> LineModifier:
    limit = sums.law.limit
    return LineModifier(
        rule=limit.id, cite=question.cite, since=limit.since, status=limit.status, line=place, modifier=KX,
        because=f"{by} attested it: the sum lies above the {sums.year} threshold of {show_cents(sums.limit)}.",
    )  # fmt: skip


def _of_what_was_attested(sums: _Sums, name: str, questions: Iterable[_Question]) -> list[Finding]:
    """What became of the latest attestation for `name` that puts KX nowhere."""
    attested = _attested(sums, name)
    hashes = {question.hash for question in questions if question.name == name}
    if not attested or any(each.evidence in hashes for each in attested):
        return []
    latest, lines = attested[-1], [line for line in sums.lines if sums.called(line) == name]
    if hashes:
        return [notes.sum_moved(latest)]
    if all(line.denied for line in lines):
        return [_refused(sums, latest, {sums.code(line) for line in lines})]
    upto = [line for line in sums.unpriced if sums.by_claim or line.place <= lines[-1].place]
    if upto or not sums.used.known:
        return [notes.sum_unknown(latest)]
    return [notes.not_needed(latest, lines[-1].after, sums.limit, sums.law.only_above.cite)]


def _refused(sums: _Sums, latest: Attestation, codes: set[str]) -> Finding:
    """KX for lines that are expected to be denied; where GA tells so, the two never stand on one line."""
    day = sums.asked.day
    unnecessary = {code for each in day.expected if each.why == "not-necessary" for code in each.codes}
    for notice in day.notices:
        if notice.kind == "mandatory" and notice.signed <= day.date and codes & unnecessary & set(notice.codes):
            return notes.with_notice(latest, notice.signed, sums.law)
    return notes.contradicted(latest, sums.law)
