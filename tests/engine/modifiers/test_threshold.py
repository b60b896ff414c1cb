"""KX and the therapy thresholds: what is shown, what lapses, dates, patterns, and the room inside the day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from fifteen.engine.day import Expected, Notice
from fifteen.engine.modifiers.threshold import threshold
from fifteen.rulebook import Rulebook
from tests.engine.evidence.records import ids, only

from .thresholds import DAY, WHEN, asked, attest, claim, held, marked, said, stale, with_attestations

# -- what is shown and attested ----------------------------------------------------------------------------------------


def test_the_evidence_holds_every_figure(rulebook: Rulebook) -> None:
    claims = [claim(10_000, date(2026, 5, 2)), claim(2_500, date(2026, 5, 3))]
    (question,) = threshold(asked(rulebook, [("PT 97110", 5811)], [said(235_000)], claims)).asked
    assert question.evidence == (
        "The payer counted 2350.00 for PT and SLP in 2026 as of 2026-05-01. Claims added to it: 2, the last received "
        "on 2026-05-03, 125.00 in all. Before this line 2475.00 are used, with its 58.11 the sum is 2533.11 of 2480.00."
        " It is an estimate: claims of other providers may be missing."
    )
    assert question.asked_because == (
        "The sum for PT and SLP passes the 2026 threshold of 2480.00 on PT 97110. KX says that the service is "
        "reasonable and necessary, that it needs a therapist's skills, and that the record shows it."
    )
    assert question.kind == "KX"
    assert question.shown
    assert question.given_by is None
    for source in ("CMS Therapy Services page", "42 CFR 410.60", "42 CFR 410.59", "ch. 5 §10.4", "docs/adr/0008"):
        assert source in question.cite


def test_a_line_beyond_the_one_that_passes_rests_on_no_convention(rulebook: Rulebook) -> None:
    (question,) = threshold(asked(rulebook, [("PT 97110", 5811)], [said(248_001)])).asked
    assert question.asked_because.startswith(
        "PT 97110 lies above the 2026 threshold of 2480.00 for PT and SLP. KX says"
    )
    assert "docs/adr" not in question.cite


def test_the_first_line_after_a_sum_of_exactly_the_threshold_passes_it(rulebook: Rulebook) -> None:
    (question,) = threshold(asked(rulebook, [("PT 97110", 1)], [said(248_000)])).asked
    assert question.asked_because.startswith("The sum for PT and SLP passes")


def test_a_whole_claim_says_so(rulebook: Rulebook) -> None:
    lines = [("PT 97110", 3000), ("PT 97140", None)]
    (question,) = threshold(asked(rulebook, lines, [said(247_000)], None, billing="facility")).asked
    assert question.asked_because.startswith(
        "A line of this claim lies above the 2026 threshold of 2480.00 for PT and SLP, and KX stands on all its PT "
        "lines or on none."
    )
    assert question.evidence == (
        "The payer counted 2470.00 for PT and SLP in 2026 as of 2026-05-01. Claims received since are not known. With "
        "all its lines of this day the sum is 2500.00 of 2480.00. Lines without a known price are left out. It is an "
        "estimate: claims of other providers may be missing."
    )


def test_without_a_price_the_evidence_says_what_is_used_before(rulebook: Rulebook) -> None:
    lines = [("PT 97110", None), ("PT 97140", None)]
    first, second = threshold(asked(rulebook, lines, None, [claim(250_000, date(2026, 2, 2))])).asked
    assert (
        "What the payer has counted for PT and SLP in 2026 was not given. Claims added to it: 1, the" in first.evidence
    )
    assert "Before this line 2500.00 of 2480.00 are used. It is" in first.evidence
    assert "Before this line 2500.00 of 2480.00 are used. Lines without a known price are left out." in second.evidence


def test_a_modifier_says_who_attested_it(rulebook: Rulebook) -> None:
    question = attest(asked(rulebook, [("PT 97110", 5811)], [said(248_000)]), "PT 97110", by="Ana Ruiz")
    (modifier,) = threshold(question).modifiers
    assert modifier.because == "Ana Ruiz attested it: the sum lies above the 2026 threshold of 2480.00."
    assert (modifier.rule, modifier.status, modifier.since) == ("medicare.kx_threshold", "primary", date(2026, 1, 1))
    assert [each.given_by for each in threshold(question).asked] == ["Ana Ruiz"]


@pytest.mark.parametrize(
    ("accrued", "counted", "lines"),
    [
        ([said(248_001)], (), [("PT 97110", 5811)]),
        ([said(248_000, as_of=date(2026, 5, 2))], (), [("PT 97110", 5811)]),
        ([said(248_000)], [claim(1, date(2026, 5, 2))], [("PT 97110", 5811)]),
        ([said(248_000)], None, [("PT 97110", 5811)]),
        ([said(248_000)], (), [("PT 97110", 5812)]),
        ([said(248_000)], (), [("PT 97140", 1), ("PT 97110", 5811)]),
    ],
)
def test_an_attestation_lapses_with_any_figure_shown(
    accrued: Any, counted: Any, lines: Any, rulebook: Rulebook
) -> None:
    was = attest(asked(rulebook, [("PT 97110", 5811)], [said(248_000)]), "PT 97110")
    now = asked(rulebook, lines, accrued, counted, attestations=was.day.attestations)
    assert marked(was, threshold(was)) == ["PT 97110"]
    answer = threshold(now)
    assert marked(now, answer) == []
    lapse = only(answer.findings, "attestation.lapsed")
    assert lapse.message == "Dr. Lee attested KX for PT 97110; the sum has changed since, so it lapsed."
    assert "PT 97110" in held(now, answer)


def test_lines_after_it_do_not_touch_an_attestation(rulebook: Rulebook) -> None:
    was = attest(asked(rulebook, [("PT 97110", 5811)], [said(248_000)]), "PT 97110")
    more = [("PT 97110", 5811), ("PT 97140", 2000), ("OT 97530", 2000)]
    now = asked(rulebook, more, [said(248_000)], attestations=was.day.attestations)
    assert marked(now, threshold(now)) == ["PT 97110"]


def test_of_several_attestations_the_one_that_fits_stands(rulebook: Rulebook) -> None:
    question = attest(asked(rulebook, [("PT 97110", 5811)], [said(248_000)]), "PT 97110", by="Ana Ruiz")
    question = with_attestations(question, stale("PT 97110", at=WHEN + timedelta(days=1)))
    answer = threshold(question)
    assert marked(question, answer) == ["PT 97110"]
    assert "attestation.lapsed" not in ids(answer.findings)


def test_of_two_who_attested_the_same_the_later_is_named(rulebook: Rulebook) -> None:
    question = attest(asked(rulebook, [("PT 97110", 5811)], [said(248_000)]), "PT 97110", by="Early")
    (early,) = question.day.attestations
    late = msgspec.structs.replace(early, by="Late", at=WHEN + timedelta(days=1))
    question = asked(rulebook, [("PT 97110", 5811)], [said(248_000)], attestations=(late, early))
    assert [each.given_by for each in threshold(question).asked] == ["Late"]


def test_the_latest_of_those_that_lapsed_is_named(rulebook: Rulebook) -> None:
    early = stale("PT 97110", by="Early", at=WHEN - timedelta(days=1))
    question = asked(rulebook, [("PT 97110", 5811)], [said(248_000)])
    answer = threshold(with_attestations(question, stale("PT 97110", by="Late"), early))
    assert only(answer.findings, "attestation.lapsed").message.startswith("Late attested KX")


def test_another_kind_of_attestation_is_no_kx(rulebook: Rulebook) -> None:
    question = attest(asked(rulebook, [("PT 97110", 5811)], [said(248_000)]), "PT 97110")
    (right,) = question.day.attestations
    other = asked(
        rulebook, [("PT 97110", 5811)], [said(248_000)], attestations=(msgspec.structs.replace(right, kind="XS"),)
    )
    assert marked(other, threshold(other)) == []


def test_lines_of_one_code_are_asked_each_and_lapse_together(rulebook: Rulebook) -> None:
    lines = [("PT 97110", 3000), ("PT 97110", 2500)]
    question = asked(rulebook, lines, [said(248_000)])
    one, two = threshold(question).asked
    assert one.evidence_hash != two.evidence_hash
    both = attest(question, "PT 97110")
    assert [each.line for each in threshold(both).modifiers] == [0, 1]
    first = msgspec.structs.replace(both, day=msgspec.structs.replace(both.day, attestations=both.day.attestations[:1]))
    answer = threshold(first)
    assert [each.line for each in answer.modifiers] == [0]
    assert [each.line for each in answer.held] == [1]
    assert "attestation.lapsed" not in ids(answer.findings)


def test_unpriced_lines_of_one_code_are_one_question(rulebook: Rulebook) -> None:
    question = attest(asked(rulebook, [("OT 97530", 1), *[("PT 97110", None)] * 3], [said(250_000)]), "PT 97110")
    answer = threshold(question)
    assert len(answer.asked) == 2  # the first is alone before any line without a price
    assert [each.line for each in answer.modifiers] == [1, 2, 3]


@pytest.mark.parametrize(
    ("lines", "accrued", "line", "what"),
    [
        ([("PT 97140", 2000)], [said(100)], "PT 97110", "the claim"),
        ([("PT 97110", None)], [said(100)], "PT 97110", "what is known of the sum"),
        ([("PT 97140", None), ("PT 97110", 2000)], [said(100)], "PT 97110", "what is known of the sum"),
        ([("PT 97110", 2000)], None, "PT 97110", "what is known of the sum"),
    ],
)
def test_an_attestation_that_cannot_be_looked_at_lapses(
    lines: Any, accrued: Any, line: str, what: str, rulebook: Rulebook
) -> None:
    question = asked(rulebook, lines, accrued, () if accrued else None, attestations=(stale(line),))
    message = only(threshold(question).findings, "attestation.lapsed").message
    assert message == f"Dr. Lee attested KX for {line}; {what} has changed since, so it lapsed."


def test_a_line_whose_own_sum_is_known_needs_no_kx_whatever_follows(rulebook: Rulebook) -> None:
    question = asked(rulebook, [("PT 97110", 2000), ("PT 97140", None)], [said(100)], attestations=(stale("PT 97110"),))
    finding = only(threshold(question).findings, "threshold.kx-not-needed")
    assert "where 21.00 of 2480.00 are used; it lies within the threshold" in finding.message
    facility = asked(
        rulebook, [("PT 97110", 2000), ("SLP 92507", None)], [said(100)], billing="facility",
        attestations=(stale("PT"),),
    )  # fmt: skip
    assert "attestation.lapsed" in ids(threshold(facility).findings)


# -- expected denials --------------------------------------------------------------------------------------------------

UNNECESSARY = (Expected("not-necessary", ("97110",), "Dr. Lee"),)


@pytest.mark.parametrize(
    ("notice", "id_"),
    [
        (Notice("mandatory", DAY, ("97110",)), "threshold.kx-with-ga"),
        (Notice("mandatory", DAY + timedelta(days=1), ("97110",)), "threshold.kx-contradicted"),
        (Notice("voluntary", DAY, ("97110",)), "threshold.kx-contradicted"),
        (Notice("mandatory", DAY, ("97140",)), "threshold.kx-contradicted"),
    ],
)
def test_ga_is_a_mandatory_notice_for_the_code_signed_by_the_day(notice: Notice, id_: str, rulebook: Rulebook) -> None:
    question = asked(
        rulebook, [("PT 97110", 5000)], [said(260_000)], expected=UNNECESSARY, notices=(notice,),
        attestations=(stale("PT 97110"),),
    )  # fmt: skip
    finding = only(threshold(question).findings, id_)
    assert (finding.severity, finding.where) == ("warn", "PT 97110")


def test_the_notice_is_named(rulebook: Rulebook) -> None:
    question = asked(
        rulebook, [("PT 97110", 5000)], [said(260_000)], expected=UNNECESSARY,
        notices=(Notice("mandatory", DAY, ("97110",)),), attestations=(stale("PT 97110"),),
    )  # fmt: skip
    message = only(threshold(question).findings, "threshold.kx-with-ga").message
    assert "a notice (ABN) was signed on 2026-05-04; GA and KX never stand on one line" in message


def test_what_is_expected_to_be_denied_is_not_counted(rulebook: Rulebook) -> None:
    lines = [("PT 97110", 50_000), ("PT 97140", 2000)]
    answer = threshold(asked(rulebook, lines, [said(200_000)], expected=UNNECESSARY))
    assert str(answer.thresholds[0].with_day) == "2020.00"
    assert answer.asked == []
    assert "97110" in only(answer.findings, "threshold.not-counted").message


def test_a_denied_line_needs_no_price(rulebook: Rulebook) -> None:
    answer = threshold(asked(rulebook, [("PT 97110", None)], [said(100)], expected=UNNECESSARY))
    assert ids(answer.findings) == ["threshold.not-counted"]


def test_a_facility_s_kx_leaves_the_denied_line_out(rulebook: Rulebook) -> None:
    lines = [("PT 97110", 5000), ("PT 97140", 2000)]
    question = asked(rulebook, lines, [said(260_000)], billing="facility", expected=UNNECESSARY)
    question = attest(question, "PT")
    assert marked(question, threshold(question)) == ["PT 97140"]
    denied = asked(
        rulebook, lines[:1], [said(260_000)], billing="facility", expected=UNNECESSARY, attestations=(stale("PT"),)
    )
    assert "threshold.kx-contradicted" in ids(threshold(denied).findings)
