"""The sums of the therapy thresholds: what is used and missing, payers, dates, patterns, and the room in its day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from fifteen import assess, load_rulebook, read_day
from fifteen.engine.assess import DayAnswer
from fifteen.engine.day import Coverage, read_context
from fifteen.engine.modifiers.threshold import threshold
from fifteen.rulebook import Rulebook
from tests.engine.evidence.records import ids, only

from .thresholds import DAY, asked, claim, held, said, stale

OWN = '[policy]\ntitle="Policy"\npublisher="payer"\ncite="Policy, 2026"\nread="whole"\nchecked=2026-01-05\n'


def with_own(tmp_path: Path, files: dict[str, str]) -> Rulebook:
    """The package's rulebook and an organization's own files."""
    for name, text in {"references.toml": OWN, **files}.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return load_rulebook(organization=tmp_path)


def policy(value: str, start: str = "2018-01-01") -> str:
    return (
        f'id = "aetna"\n[kx_modifier]\nunit = "yes-no"\n[[kx_modifier.at]]\nfrom = {start}\nvalue = {value}\n'
        'refs = ["policy"]\nstatus = "local"\n'
    )


def amounts(start: str, name: str = "kx_threshold") -> str:
    return (
        f'[{name}]\ntitle = "t"\nunit = "record"\n[[{name}.at]]\nfrom = {start}\n'
        "value = { pt_slp = 255000, ot = 255000 }\n"
        'refs = ["policy"]\nstatus = "local"\n'
    )


# -- what is used ------------------------------------------------------------------------------------------------------


def test_the_record_for_a_screen(rulebook: Rulebook) -> None:
    answer = threshold(asked(rulebook, [("PT 97110", 5811)], [said(100_000)], [claim(2000, date(2026, 5, 2))]))
    assert msgspec.json.decode(msgspec.json.encode(answer.thresholds)) == [
        {
            "bucket": "pt_slp", "year": 2026, "used": "1020.00", "with_day": "1078.11", "threshold": "2480.00",
            "review": "3000.00", "as_of": "2026-05-01", "claims": 1,
        }
    ]  # fmt: skip


def test_the_record_says_what_is_not_known(rulebook: Rulebook) -> None:
    (record,) = threshold(asked(rulebook, [("PT 97110", 5811)], None, None)).thresholds
    assert (record.used, record.with_day, record.as_of, record.claims) == (None, None, None, None)
    (record,) = threshold(asked(rulebook, [("PT 97110", None)], [said(100)], None)).thresholds
    assert (str(record.used), record.with_day, record.claims) == ("1.00", None, None)
    (record,) = threshold(asked(rulebook, [("OT 97530", 100)], None, (), date=date(2027, 2, 1))).thresholds
    assert (record.bucket, str(record.used), record.with_day, record.threshold) == ("ot", "0.00", None, None)


def test_the_payer_s_latest_word_counts_and_of_one_day_the_higher(rulebook: Rulebook) -> None:
    words = [said(240_000, as_of=date(2026, 4, 1)), said(100_000), said(110_000), said(900, year=2025)]
    for accrued in (words, words[::-1]):
        (record,) = threshold(asked(rulebook, [("PT 97110", 100)], accrued)).thresholds
        assert (str(record.used), record.as_of) == ("1100.00", date(2026, 5, 1))


@pytest.mark.parametrize(
    ("accrued", "counted", "cents", "locality", "said_so"),
    [
        (
            None,
            None,
            100,
            "15202-00",
            ["what was used of the 2026 threshold of PT and SLP before this day is not known"],
        ),
        (
            None,
            (),
            100,
            "15202-00",
            ["what the payer has counted for PT and SLP in 2026; the sum holds only the claims"],
        ),
        ([said(5)], None, 100, "15202-00", ["claims that the payer received for PT and SLP after 2026-05-01"]),
        ([said(5)], (), None, "15202-00", ["what this day adds to PT and SLP; the price is not known of 97110."]),
        ([said(5)], (), None, None, ["what this day adds to PT and SLP; the day says no locality such as 15202-00."]),
        (None, None, None, None, ["what was used of", "what this day adds to PT and SLP; the day"]),
        ([said(5)], (), 100, None, []),
    ],
)
def test_what_is_missing_is_named(
    accrued: Any, counted: Any, cents: int | None, locality: str | None, said_so: list[str], rulebook: Rulebook
) -> None:
    answer = threshold(asked(rulebook, [("PT 97110", cents)], accrued, counted, locality=locality))
    missing = [each for each in answer.findings if each.id == "threshold.not-checked"]
    assert len(missing) == len(said_so)
    for finding, words in zip(missing, said_so, strict=True):
        assert finding.message.startswith(f"Not checked: {words}")
        assert (finding.severity, finding.where) == ("info", "PT and SLP")


def test_the_sum_is_called_an_estimate(rulebook: Rulebook) -> None:
    finding = only(threshold(asked(rulebook, [("OT 97530", 100)], [said(240_000, "ot")])).findings, "threshold.used")
    assert finding.message == (
        "With this day 2401.00 of 2480.00 are used for OT in 2026. It is an estimate: claims of other providers may be "
        "missing."
    )


@pytest.mark.parametrize(("cents", "found"), [(299_998, False), (299_999, True), (300_000, True)])
def test_the_review_level(cents: int, found: bool, rulebook: Rulebook) -> None:
    answer = threshold(asked(rulebook, [("PT 97110", 1)], [said(cents)]))
    assert ("threshold.review" in ids(answer.findings)) is found


def test_a_code_outside_the_therapy_list_counts_toward_nothing(rulebook: Rulebook) -> None:
    answer = threshold(asked(rulebook, [("PT 97545", 99_999)], [said(248_000)], attestations=(stale("PT 97545"),)))
    assert answer.thresholds == []
    assert ids(answer.findings) == ["attestation.lapsed"]


# -- payers ------------------------------------------------------------------------------------------------------------


def test_a_payer_that_asks_for_none_is_asked_nothing(tmp_path: Path) -> None:
    book = with_own(tmp_path, {"payers/aetna.toml": policy("false")})
    question = asked(
        book, [("PT 97110", 100)], [said(260_000)], coverage=Coverage(payer="aetna"), attestations=(stale("PT 97110"),)
    )
    answer = threshold(question)
    assert (answer.asked, answer.held, answer.thresholds) == ([], [], [])
    assert "Aetna asks for no KX" in only(answer.findings, "threshold.kx-not-asked").message
    assert ids(answer.findings) == ["threshold.kx-not-asked"]


def test_another_payer_s_claim_is_not_held_on_medicare_s_law(tmp_path: Path) -> None:
    book = with_own(tmp_path, {"payers/aetna.toml": policy("true")})
    answer = threshold(asked(book, [("PT 97110", 100)], [said(260_000)], coverage=Coverage(payer="aetna")))
    assert [each.line for each in answer.asked] == ["PT 97110"]
    assert answer.held == []
    assert only(answer.findings, "threshold.kx-open").severity == "warn"


def test_a_plan_that_follows_medicare_is_held(tmp_path: Path) -> None:
    plan = 'id = "plan"\nlabel = "Plan"\nextends = "medicare"\n'
    book = with_own(tmp_path, {"payers/plan.toml": plan})
    question = asked(book, [("PT 97110", 100)], [said(260_000)], coverage=Coverage(payer="plan"))
    assert held(question, threshold(question)) == ["PT 97110"]


def test_an_unknown_payer_far_away_or_at_the_threshold_matters_not(rulebook: Rulebook) -> None:
    for cents in (100, 247_900):
        answer = threshold(asked(rulebook, [("PT 97110", 100)], [said(cents)], coverage=Coverage(payer="aetna")))
        assert (answer.findings, answer.thresholds) == ([], [])
    answer = threshold(asked(rulebook, [("PT 97110", 100)], [said(247_901)], coverage=Coverage(payer="aetna")))
    finding = only(answer.findings, "threshold.payer-not-known")
    assert finding.message.startswith("Not checked: whether Aetna asks for KX is not known; 2480.01 are used")
    assert (answer.asked, answer.held) == ([], [])


def test_a_second_payer_s_thresholds_are_not_checked(rulebook: Rulebook) -> None:
    coverage = Coverage(payer="aetna", secondary="medicare")
    answer = threshold(asked(rulebook, [("PT 97110", 100)], None, None, coverage=coverage))
    assert only(answer.findings, "threshold.not-checked").message.startswith("Not checked: Medicare Part B pays second")
    other = Coverage(payer="medicare", secondary="aetna")
    assert "payer" not in [each.where for each in threshold(asked(rulebook, [], coverage=other)).findings]


# -- dates -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("year", "cents"),
    [
        (2018, 201_000), (2019, 204_000), (2020, 208_000), (2021, 211_000), (2022, 215_000), (2023, 223_000),
        (2024, 233_000), (2025, 241_000), (2026, 248_000),
    ],
)  # fmt: skip
@pytest.mark.parametrize("day", [(1, 1), (12, 31)])
@pytest.mark.parametrize("line", ["PT 97110", "OT 97530"])
def test_each_year_has_its_amount(year: int, cents: int, day: tuple[int, int], line: str, rulebook: Rulebook) -> None:
    on = date(year, *day)
    bucket: Any = "ot" if line.startswith("OT") else "pt_slp"
    for over in (0, 1):
        words = [said(cents + over - 100, bucket, on, year)]
        assert len(threshold(asked(rulebook, [(line, 100)], words, date=on)).asked) == over


def test_what_was_not_yet_published_was_not_known(rulebook: Rulebook) -> None:
    book = rulebook.as_known(date(2025, 12, 31))
    question = asked(book, [("PT 97110", 100)], [said(260_000)], attestations=(stale("PT 97110"),))
    answer = threshold(question)
    assert ids(answer.findings) == ["threshold.not-known", "attestation.lapsed"]
    assert "of 2026 is not known" in answer.findings[0].message
    assert (answer.asked, answer.held) == ([], [])
    assert threshold(asked(rulebook.as_known(date(2026, 1, 1)), [("PT 97110", 100)], [said(260_000)])).asked


def test_an_amount_of_one_s_own_is_asked_for_and_holds_nothing(tmp_path: Path) -> None:
    book = with_own(tmp_path, {"law/medicare/threshold.toml": amounts("2027-01-01")})
    words = [said(254_950, year=2027, as_of=date(2027, 4, 1))]
    answer = threshold(asked(book, [("PT 97110", 100)], words, date=date(2027, 5, 4)))
    assert [each.line for each in answer.asked] == ["PT 97110"]
    assert answer.held == []
    assert "threshold.kx-open" in ids(answer.findings)


def test_without_a_review_level_nothing_is_said_of_it(tmp_path: Path) -> None:
    book = with_own(tmp_path, {"law/medicare/threshold.toml": amounts("2028-01-01")})
    words = [said(400_000, year=2028, as_of=date(2028, 4, 1))]
    answer = threshold(asked(book, [("PT 97110", 100)], words, date=date(2028, 5, 4)))
    assert answer.thresholds[0].review is None
    assert "threshold.review" not in ids(answer.findings)


def test_before_there_were_thresholds_a_payer_s_own_policy_asks_for_nothing(tmp_path: Path) -> None:
    book = with_own(tmp_path, {"payers/aetna.toml": policy("true", "2017-01-01")})
    words = [said(900_000, year=2017, as_of=date(2017, 4, 1))]
    question = asked(book, [("PT 97110", 100)], words, date=date(2017, 5, 4), coverage=Coverage(payer="aetna"))
    answer = threshold(question)
    assert (ids(answer.findings), answer.thresholds, answer.asked) == (["threshold.not-known"], [], [])


def test_a_payer_without_thresholds_has_none_to_be_missed(tmp_path: Path, rulebook: Rulebook) -> None:
    on, coverage = date(2027, 5, 4), Coverage(payer="aetna")
    for book in (rulebook, with_own(tmp_path, {"payers/aetna.toml": policy("false")})):
        assert threshold(asked(book, [("PT 97110", 100)], None, None, date=on, coverage=coverage)).findings == []


def test_an_empty_day_says_nothing(rulebook: Rulebook) -> None:
    for on in (DAY, date(2027, 1, 1)):
        answer = threshold(asked(rulebook, [], None, None, date=on))
        assert (answer.findings, answer.thresholds) == ([], [])


# -- patterns ----------------------------------------------------------------------------------------------------------

FEBRUARY = date(2026, 2, 2)


def pattern(rulebook: Rulebook, accrued: Any, *claims: Any) -> list[str]:
    answer = threshold(asked(rulebook, [("PT 97110", 100)], accrued, claims))
    return [each.message for each in answer.findings if each.id == "threshold.kx-pattern"]


@pytest.mark.parametrize(("cents", "found"), [(123_999, True), (124_000, False)])
def test_far_below_is_below_half(cents: int, found: bool, rulebook: Rulebook) -> None:
    seen = pattern(rulebook, [said(0, as_of=date(2026, 1, 1))], claim(cents, FEBRUARY, kx=True))
    assert bool(seen) is found
    if found:
        assert seen == [
            "Claims for PT and SLP in 2026 with KX where the sum known was at most 1239.99 of 2480.00, less than 50 "
            "percent: 1 of 1. That is called abusive."
        ]


def test_what_others_may_have_used_before_speaks_for_the_claim(rulebook: Rulebook) -> None:
    """The payer said 2400.00 in May; of it 100.00 is known to have come later: 2300.00 may have been used by then."""
    later = claim(10_000, date(2026, 4, 1))
    assert pattern(rulebook, [said(240_000)], claim(1000, FEBRUARY, kx=True), later) == []
    low = pattern(rulebook, [said(130_000)], claim(1000, FEBRUARY, kx=True), later)
    assert "at most 1200.00 of 2480.00" in low[0]
    own = pattern(rulebook, [said(0)], claim(130_000, FEBRUARY, kx=True), later)
    assert own == []  # the claim alone is more than the payer's word


def test_without_the_payer_s_word_the_claims_speak_alone(rulebook: Rulebook) -> None:
    claims = [claim(100_000, FEBRUARY), claim(30_000, date(2026, 3, 1), kx=True)]
    assert pattern(rulebook, None, *claims) == []
    assert len(pattern(rulebook, None, claims[1])) == 1


def test_claims_of_one_day_of_receipt_came_together(rulebook: Rulebook) -> None:
    claims = [claim(1000, FEBRUARY, kx=True), claim(130_000, FEBRUARY)]
    assert pattern(rulebook, None, *claims) == pattern(rulebook, None, *claims[::-1]) == []


def test_every_claim_needs_three_and_one_that_was_not_above(rulebook: Rulebook) -> None:
    base = [said(140_000, as_of=date(2026, 1, 1))]
    three = [claim(100, FEBRUARY + timedelta(days=each), kx=True) for each in range(3)]
    assert pattern(rulebook, base, *three[:2]) == []
    assert pattern(rulebook, base, *three[:2], claim(100, FEBRUARY)) == []
    assert pattern(rulebook, base, *three) == [
        "Every one of 3 claims for PT and SLP in 2026 carries KX, and when 3 of them were received the sum known was "
        "at most 1403.00, within 2480.00; that is called abusive."
    ]
    assert pattern(rulebook, [said(248_000, as_of=date(2026, 1, 1))], *three) == []
    assert "when 1 of them" in pattern(rulebook, [said(247_900, as_of=date(2026, 1, 1))], *three)[0]
    assert "when 1 of them" in pattern(rulebook, [said(247_850, as_of=date(2026, 1, 1))], *three)[0]


def test_claims_of_another_year_or_bucket_are_no_part_of_it(rulebook: Rulebook) -> None:
    others = [claim(100, FEBRUARY, on=date(2025, 12, 31), kx=True), claim(100, FEBRUARY, bucket="ot", kx=True)]
    assert pattern(rulebook, [said(0)], *others) == []


# -- inside the day ----------------------------------------------------------------------------------------------------

PEOPLE = [{"id": "pt", "role": "therapist", "discipline": "PT"}]
INTERVALS = [
    {"id": "a", "people": ["pt"], "service": "97110", "minutes": 30},
    {"id": "b", "people": ["pt"], "service": "97140", "minutes": 15},
]
USED = {"accrued": [{"year": 2026, "bucket": "pt_slp", "cents": 243_000, "as_of": "2026-05-01"}], "counted": []}


def assessed(rulebook: Rulebook, **more: Any) -> DayAnswer:
    raw = {
        "patient": "p", "date": "2026-05-04", "people": PEOPLE, "locality": "15202-00", "intervals": INTERVALS, **more
    }  # fmt: skip
    return assess(read_day(msgspec.json.encode(raw)), rulebook, read_context(msgspec.json.encode(USED)))


def test_the_day_asks_and_holds_and_then_carries_kx(rulebook: Rulebook) -> None:
    answer = assessed(rulebook)
    assert [(each.code, each.modifiers, bool(each.held)) for each in answer.lines] == [
        ("97110", ("GP",), False),
        ("97140", ("GP",), True),
    ]
    assert (
        answer.lines[1]
        .held[0]
        .startswith("KX is not attested for PT 97140, and the sum for PT and SLP passes the 2026")
    )
    assert "(reason 119, 42 CFR 410.60" in answer.lines[1].held[0]
    (question,) = answer.attestations
    assert answer.price is not None
    assert str(answer.thresholds[0].with_day) == str(2430 + answer.price.allowed)  # type: ignore[operator]
    given = {
        "kind": "KX", "line": question.line, "by": "Dr. Lee", "at": datetime(2026, 5, 4, 20, tzinfo=UTC),
        "evidence": question.evidence_hash,
    }  # fmt: skip
    signed = assessed(rulebook, attestations=[given])
    assert [(each.code, each.modifiers, each.held) for each in signed.lines] == [
        ("97110", ("GP",), ()),
        ("97140", ("GP", "KX"), ()),
    ]
    assert [each.modifier for each in signed.explain_modifiers] == ["KX"]
    assert signed.attestations[0].given_by == "Dr. Lee"


def test_a_day_without_a_context_is_said_to_be_unchecked(rulebook: Rulebook) -> None:
    raw = {"patient": "p", "date": "2026-05-04", "people": PEOPLE, "intervals": INTERVALS}
    answer = assess(read_day(msgspec.json.encode(raw)), rulebook)
    assert [each.id for each in answer.edits if each.id.startswith("threshold.")] == ["threshold.not-checked"] * 2
    assert answer.attestations == []
