"""The engine's sentences in Spanish: all of them, whole, with every number and code they had."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from babel.messages.pofile import read_po
from django.template import Context, Engine
from hypothesis import given, settings
from hypothesis import strategies as st

from fifteen import AskedWrongly, ServiceMinutes, assess, check_person_day, count_units, fold, load_rulebook, price
from fifteen.clinic.treatment import answering
from fifteen.engine.assess import assess_notes
from fifteen.engine.day import Coverage, Interval, read_context, read_day
from fifteen.engine.evidence import TimerEvent
from fifteen.engine.modifiers.repeat import repeat
from fifteen.engine.modifiers.threshold import threshold
from fifteen.engine.pricing.asked import PriceLine, read_line
from fifteen.engine.pricing.estimate import estimate
from fifteen.engine.pricing.what_if import what_if
from fifteen.interop import tabular
from fifteen.kernel.codes import read_code
from fifteen.kernel.dates import read_date
from fifteen.kernel.errors import UnreadableInput
from fifteen.kernel.minutes import read_minutes, read_service
from fifteen.kernel.money import read_cents
from fifteen.rulebook import Rulebook
from fifteen.web.said import LOCALE, said, said_whole
from tests.case_tables import read_cases
from tests.engine.documentation.cases import RULES, changed
from tests.engine.modifiers.asked import asked as asked_of
from tests.engine.modifiers.days import assessed
from tests.engine.modifiers.thresholds import of_case
from tests.engine.pricing.conftest import Own
from tests.tiers import examples

ROOT = Path(__file__).parents[2]
SHOWN = {"message", "fix", "because", "would_change", "why", "assumption", "ways_out"}

# Words that Spanish does not have, beside names and what stands in quotes.
ENGLISH = re.compile(
    r"\b(the|is|are|of|and|not|was|it|its|for|or|by|an|with|which|from|minutes?|units?|line|payer|day|give|ask)\b",
    re.IGNORECASE,
)
NAMES = re.compile(
    r"`[^`]*`|'[^']*'|\"[^\"]*\"|«[^»]*»|"  # commands, what was typed, a term
    r"desde \S+ \(.*?\), no por|"  # a citation
    r"Blue Cross and Blue Shield of|Blue Shield of|Blue Cross and Blue Shield|Bank of the North"
)


def shown(answer: Any) -> set[str]:
    """The sentences of an answer that a page shows."""
    return set(_shown(json.loads(msgspec.json.encode(answer)), ""))


def _shown(part: Any, key: str) -> Iterator[str]:
    if isinstance(part, dict):
        for name, value in part.items():
            yield from _shown(value, name)
    elif isinstance(part, list):
        for value in part:
            yield from _shown(value, key)
    elif isinstance(part, str) and key in SHOWN:
        yield part


def figures(text: str) -> Counter[str]:
    """Numbers, codes, dates and modifiers of a sentence."""
    return Counter(re.findall(r"[\w.:/-]*\d[\w.:/-]*\w|\d|\b(?:G[PON]|C[QO]|K?X|PT|OT|SLP|CMS|GPCI)\b", text))


def check(sentences: set[str]) -> None:
    assert sentences
    for sentence in sorted(sentences):
        spanish, whole = said_whole(sentence, "es")
        assert whole, f"not in Spanish: {sentence}"
        assert not ENGLISH.search(NAMES.sub("", spanish)), f"{sentence}\n{spanish}"
        assert figures(spanish) == figures(sentence), f"{sentence}\n{spanish}"
        assert said(sentence, "en") == sentence


@pytest.mark.parametrize("path", sorted((ROOT / "tests/cases/answers").glob("*.json")), ids=lambda path: path.stem)
def test_answers(path: Path) -> None:
    check(set(_shown(json.loads(path.read_text("utf-8")), "")))


DAYS = sorted(path for path in (ROOT / "examples/days").glob("*.json") if ".context" not in path.name)


@pytest.mark.parametrize("path", DAYS, ids=lambda path: path.stem)
def test_days(path: Path, rulebook: Rulebook) -> None:
    beside = path.with_name(f"{path.stem}.context.json")
    context = read_context(beside.read_bytes()) if beside.exists() else None
    answer = assess(read_day(path.read_bytes()), rulebook, context)
    check(shown(answer))
    check(shown(assess(msgspec.structs.replace(read_day(path.read_bytes()), locality="15202-00"), rulebook)))


ROOMS = [(room, case) for room in ("place", "liability", "limits") for case in read_cases(room)]


@pytest.mark.parametrize(("room", "case"), ROOMS, ids=[case["id"] for _, case in ROOMS])
def test_what_the_rooms_say_of_a_line(room: str, case: dict[str, Any], rulebook: Rulebook) -> None:
    """Every case of the rooms: findings, reasons and what a line waits for."""
    day: dict[str, Any] = {
        "date": str(case.get("on", "2026-05-04")),
        "billing": case.get("billing", "private-practice"),
    }
    if "payer" in case:
        day["coverage"] = {"payer": case["payer"]}
    day["expected"] = [{"why": why, "codes": codes, "by": "Dr. Lee"} for why, codes in case.get("expected", ())]
    notices = case.get("notices", ())
    day["notices"] = [{"kind": kind, "signed": str(signed), "codes": codes} for kind, signed, codes in notices]
    minutes = case.get("minutes", {"PT": {"97110": 30, "97140": 15}})
    visits = case.get("visits", [{"discipline": plan, "minutes": given} for plan, given in minutes.items()])
    answer = assessed(rulebook, visits, **day)
    check(shown(answer) | {why for line in answer.lines for why in line.held})


ALONE = [(room, case) for room in ("threshold", "added") for case in read_cases(room)]


@pytest.mark.parametrize(("room", "case"), ALONE, ids=[case["id"] for _, case in ALONE])
def test_what_a_room_says_of_lines_alone(room: str, case: dict[str, Any], rulebook: Rulebook) -> None:
    """Cases that give a room its lines: also what a person is asked, and the evidence."""
    if room == "threshold":
        outcome = threshold(of_case(case, rulebook))
    else:
        outcome = repeat(asked_of(case["lines"], rulebook, case["on"], added=case["added"]))
    found = shown(outcome)
    found |= {part for each in outcome.asked for part in (each.asked_because, each.evidence)}
    if found:  # a case below the threshold says nothing
        check(found)


def test_the_reason_of_99(rulebook: Rulebook) -> None:
    wishes = [{"code": "97110", "modifier": each, "by": "pt"} for each in ("22", "52", "U1", "U2")]
    check(shown(assessed(rulebook, [{"discipline": "PT", "minutes": {"97110": 30}}], added=wishes)))


@pytest.mark.parametrize("case", RULES, ids=lambda case: case["id"])
def test_notes(case: dict[str, Any], rulebook: Rulebook) -> None:
    day, context = changed(case)
    for payer in ("medicare", "aetna"):
        answer = assess_notes(msgspec.structs.replace(day, coverage=Coverage(payer=payer)), rulebook, context)
        check(shown(answer))


LINES = [
    [PriceLine("97110", 2, ("GP",)), PriceLine("97140", 1, ("GP", "CQ")), PriceLine("97161", 1, ("GP",))],
    [PriceLine("97014"), PriceLine("97010"), PriceLine("97039"), PriceLine("0791T")],
    [PriceLine("97110", 9), PriceLine("97110", 1, ("GP", "CQ"))],
]
ASKED: list[dict[str, Any]] = [
    {},
    {"locality": "15202-00", "facility": True, "track": "qp"},
    {"copay": 2500, "visits": 2},
    {"deductible_left": 500_000, "out_of_pocket_left": 1000},
    {"charges": {"97110": 1000}, "coinsurance": 20},
]


@pytest.mark.parametrize("asked", ASKED, ids=lambda asked: "-".join(asked) or "plain")
def test_prices(asked: dict[str, Any], rulebook: Rulebook) -> None:
    found = set()
    for payer in [each.id for each in rulebook.payers]:
        for year in (2020, 2024, 2025, 2027):
            for lines in LINES:
                try:
                    found |= shown(price(lines, rulebook, on=date(year, 6, 1), payer=payer, **asked))
                except AskedWrongly as error:
                    found.add(str(error))
    check(found)


BASES = [
    '{ basis = "per-visit", amount = "100.00" }',
    '{ basis = "per-diem", amount = "100.00" }',
    '{ basis = "percent-of-medicare", percent = "110", base = "2024-03-09" }',
    '{ basis = "percent-of-medicare", percent = "90" }',
    '{ basis = "charge" }',
    '{ basis = "table", table = "own_fees" }',
    '{ basis = "table", table = "own_values", factor = "40.00" }',
]


@pytest.mark.parametrize("basis", BASES)
def test_contracts(basis: str, tmp_path: Path) -> None:
    own = Own(tmp_path)
    own.fees("own_fees", "amount,reduced", "97110,30.00,20.00", "97161,9.00,")
    own.fees("own_values", "rvu", "97110,0.8", "97140,0.7")
    terms = {"fee_basis": basis, "mppr": "true", "assistant_factor": "85"}
    found = set()
    for cap in ('{ cents = 5000, per = "day", scope = "npi" }', '{ rvu = "1.5", per = "day", scope = "discipline" }'):
        book = own.payer(**terms, money_cap=cap, unit_cap='{ units = 2, per = "visit", scope = "npi" }')
        for charges in ({}, {"97110": 900, "97140": 800, "97161": 10_000}):
            for terms_of_plan in ({"copay": 1000}, {"coinsurance": 20}, {}):
                found |= shown(
                    price(
                        LINES[0], book, on=date(2025, 6, 1), payer="acme", charges=charges, visits=2,
                        deductible_left=1500, **terms_of_plan,
                    )
                )  # fmt: skip
    check(found)


def test_estimate(rulebook: Rulebook) -> None:
    check(shown(estimate(LINES[0], rulebook, plan_visits=12, on=date(2025, 6, 1))))


INTERVALS = (
    '{"id":"a","people":["ana"],"service":"97110",'
    '"start":"2026-03-02T09:00:00-05:00","stop":"2026-03-02T09:30:00-05:00"}'
)
PEOPLE = '{"id":"ana","role":"therapist","discipline":"PT"}'
BAD_DAYS = [
    "{",
    '{"patient":"p","date":"2026-03-02","people":[],"intervals":[' + INTERVALS + "]}",
    '{"patient":"p","date":"2026-03-02","people":[' + PEOPLE + '],"intervals":[' + INTERVALS + "," + INTERVALS + "]}",
    *(
        '{"patient":"p","date":"2026-03-02","people":[' + PEOPLE + '],"intervals":[{"id":"a","people":' + rest + "}]}"
        for rest in (
            "[]", '["ana"]', '["ana"],"service":"97110"', '["ana"],"minutes":-1,"service":"97110"',
            '["ana"],"minutes":5,"service":"g0283"', '["ana"],"minutes":5', '["ana"],"minutes":5,"service":"nix"',
            '["ana"],"stop":"2026-03-02T09:30:00Z","minutes":5,"service":"97110"',
            '["ana"],"start":"2026-03-02T09:30:00","service":"97110"',
            '["ana"],"start":"1800-03-02T09:30:00Z","service":"97110"',
        )
    ),
]  # fmt: skip


def wrong_questions(rulebook: Rulebook) -> Iterator[Any]:
    """Questions that are refused, each as a function."""
    on = date(2026, 3, 2)
    for text in ("97110", "97110:x", "97110:-3", "97110:12345678", "97110:3+4", ":5", "nix:", "97110:3+xa"):
        yield lambda text=text: read_service(text)
    for text in ("nix", "97.1.1", "it's a code", ""):
        yield lambda text=text: read_code(text)
        yield lambda text=text: read_minutes(text, "97110 minutes")
        yield lambda text=text: read_cents(text)
        yield lambda text=text: read_line(text)
        yield lambda text=text: read_date(text)
    settings_: list[dict[str, Any]] = [
        {"discipline": "XX"}, {"billing": "cash, of course"}, {"method": "guess"}, {"payer": "nobody; and no one"},
        {"secondary": "nobody"}, {"choose": ["97112"]}, {"payer": "medicare", "method": "midpoint"},
        {"payer": "aetna", "choose": ["97110"]}, {"on": date(1990, 1, 1)},
    ]  # fmt: skip
    for setting in settings_:
        yield lambda setting=setting: count_units({"97110": 20}, rulebook, **{"on": on, **setting})
    yield lambda: count_units({"97112": 20, "97110": 20}, rulebook, on=on, choose=["97116"])
    for services in ({}, {"97110": -1}, {"00000": 5}, [ServiceMinutes("97110", 5), ServiceMinutes("97110", 6)]):
        yield lambda services=services: count_units(services, rulebook, on=on)
    yield lambda: rulebook.value("no.such_rule", on)
    yield lambda: rulebook.value("medicare.timed_unit", on, date(1990, 1, 1))
    yield lambda: rulebook.row("no_table", "97110", on)
    yield lambda: rulebook.cite(["no-source"])
    prices: list[dict[str, Any]] = [
        {"copay": 1, "coinsurance": 1}, {"coinsurance": 101}, {"track": "fast"}, {"copay": 1}, {"locality": "nowhere"},
        {"deductible_left": -1}, {"visits": 0}, {"charges": {"97110": -1}},
    ]  # fmt: skip
    for asked in prices:
        yield lambda asked=asked: price([PriceLine("97110")], rulebook, on=on, **asked)
    for line in (PriceLine("97110", 0), PriceLine("97110", 1, ("G",)), PriceLine("00000")):
        yield lambda line=line: price([line], rulebook, on=on)
    yield lambda: price([], rulebook, on=on)
    yield lambda: estimate([PriceLine("97110")], rulebook, plan_visits=0, on=on)
    for day in BAD_DAYS[1:]:
        yield lambda day=day: read_day(day)
    yield lambda: assess(
        read_day('{"patient":"p","date":"2026-03-02","zone":"Mars/Base","people":[],"visits":[]}'), rulebook
    )
    tie = count_units({"97112": 20, "97110": 20}, rulebook, on=on)
    yield lambda: what_if(tie, rulebook, signed=False)
    yield lambda: what_if(tie, rulebook, signed=True)
    yield lambda: what_if(count_units({"97110": 20}, rulebook, on=on, payer="aetna"), rulebook, signed=True)
    yield lambda: check_person_day([Interval(id="a", people=("ana",), minutes=5, service="97110")])
    start = datetime(2026, 3, 2, 9)
    yield lambda: fold([tap("1", start)])
    yield lambda: fold([tap("1", start.replace(tzinfo=UTC), mono=-1)])


def test_refusals(rulebook: Rulebook) -> None:
    found = set()
    for ask in wrong_questions(rulebook):
        with pytest.raises(AskedWrongly) as refused:
            ask()
        found.add(str(refused.value))
    check(found)


def test_words_of_the_json_library_leave_the_sentence_english() -> None:
    with pytest.raises(AskedWrongly) as refused:
        read_day(BAD_DAYS[0])
    assert said_whole(str(refused.value), "es") == (str(refused.value), False)


def tap(id_: str, wall: datetime, kind: Any = "start", **more: Any) -> TimerEvent:
    plain: dict[str, Any] = {"patient": "p", "service": "97110", "people": ("ana",)}
    return TimerEvent(id=id_, kind=kind, wall=wall, **{**plain, **more})


def test_taps() -> None:
    at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    later = at + timedelta(minutes=5)
    taps = [
        tap("1", at, people=("ana", "ben")), tap("2", later), tap("3", later + timedelta(minutes=1)),
        tap("4", later, "stop", service="97140"), tap("5", at, service=None, mode="rest"),
        tap("6", later, "stop", service=None, mode="unskilled"), tap("7", at), tap("7", later),
        tap("8", at, mono=0, boot="b", patient="q"), tap("9", later, "stop", mono=1000, boot="b", patient="q"),
    ]  # fmt: skip
    found = shown(fold(taps))
    assert len(found) > 5
    check(found)


def test_corrections_and_overlaps(rulebook: Rulebook) -> None:
    people = [
        {"id": "Ana de la Cruz", "role": "therapist", "discipline": "PT"},
        {"id": "ben", "role": "assistant", "discipline": "OT"},
        {"id": "cy", "role": "student", "discipline": "PT"},
        {"id": "di", "role": "aide"},
    ]

    def interval(id_: str, start: str | None, stop: str | None, **more: Any) -> dict[str, Any]:
        times = {"start": start and f"{start}-05:00", "stop": stop and f"{stop}-05:00"}
        return {"id": id_, "people": ["Ana de la Cruz"], "service": "97110", **times, **more}

    nine, half, ten = "2026-03-02T09:00:00", "2026-03-02T09:30:00", "2026-03-02T10:00:00"
    intervals = [
        interval("1", nine, half),
        interval("2", nine, half, people=["ben"]),
        interval("3", half, ten, service="97140", people=["cy"]),
        interval("4", half, ten, people=["di"]),
        interval("5", half, ten, mode="rest", service=None),
        interval("6", half, None),
        interval("7", ten, half),
        interval("8", "2026-03-01T09:00:00", half),
        interval("9", "2026-03-02T23:30:00", "2026-03-03T00:10:00"),
        interval("10", ten, ten),
        interval("11", half, ten, service="97150"),
        interval("12", half, ten, mode="supervised"),
        interval("13", half, ten, mode="group"),
        interval("14", half, ten, mode="co-treatment", minutes=5),
        interval("15", half, ten, mode="co-treatment"),
        interval("16", None, None, mode="co-treatment", minutes=5),
        interval("17", nine, half, minutes=7),
        interval("18", nine, half, amends="1", reason="late"),
        interval("19", nine, half, amends="1"),
        interval("20", nine, half, amends="nix", reason="late"),
        interval("21", nine, half, amends="22", reason="late"),
        interval("22", nine, half, amends="21", reason="late"),
        interval("23", "2026-03-02T12:00:00", "2026-03-02T13:00:00"),
        interval("24", half, ten, service="97140"),
    ]
    asked = {
        "patient": "p", "date": "2026-03-02", "people": people, "zone": "America/New_York",
        "visits": [{"discipline": "PT", "intervals": intervals}, {"id": "2", "discipline": "OT"}],
        "choices": [
            {"discipline": "PT", "codes": ["97112", "97116"], "by": "Ana de la Cruz"},
            {"discipline": "SLP", "codes": ["92507"], "by": "Ana de la Cruz"},
        ],
    }  # fmt: skip
    others = [
        interval("o", nine, ten, patient="q"),
        interval("g", nine, ten, patient="r", mode="group", service="97150"),
    ]
    context = read_context(json.dumps({"others": others, "now": "2026-03-02T11:00:00-05:00"}))
    found = shown(assess(read_day(json.dumps(asked)), rulebook, context))
    assert len(found) > 30
    check(found)


def test_labels(rulebook: Rulebook) -> None:
    services = rulebook.tables["services"]
    labels = {row[services.columns.index("label")] for row in services.rows}
    assert len(labels) > 130
    check(labels)
    check({policy.label for policy in rulebook.payers})


CODES = [row[0] for row in load_rulebook().tables["services"].rows]
PAYER_IDS = [policy.id for policy in load_rulebook().payers]
MINUTES = st.integers(0, 90)


@settings(max_examples=examples(150))
@given(
    services=st.dictionaries(st.sampled_from(CODES), st.tuples(MINUTES, MINUTES | st.just(0)), min_size=1, max_size=5),
    on=st.dates(date(2020, 1, 1), date(2026, 12, 31)),
    payer=st.sampled_from(PAYER_IDS) | st.none(),
    secondary=st.sampled_from(PAYER_IDS) | st.none(),
    method=st.sampled_from(["total", "midpoint"]) | st.none(),
    discipline=st.sampled_from(["PT", "OT", "SLP"]),
    billing=st.sampled_from(["private-practice", "incident-to"]),
)
def test_any_count(services: dict[str, tuple[int, int]], rulebook: Rulebook, **asked: Any) -> None:
    rows = [ServiceMinutes(code, *minutes) for code, minutes in services.items()]
    try:
        answer = count_units(rows, rulebook, **asked)
    except AskedWrongly as error:
        check({str(error)})
        return
    check(shown(answer) - {""} or {"no unit"})


def messages() -> dict[str, str]:
    with (LOCALE / "es" / "LC_MESSAGES" / "engine.po").open("rb") as file:
        return {str(each.id): str(each.string) for each in read_po(file) if each.id}


FILLED = {
    "": "42", "!r": "'some; of it'", ":text": "Ana de la Cruz", ":cite": "42 CFR and the like", ":name": "Aetna",
    ":list": "97110, 97112 and 97140", ":words": "1 unit", ":more": "",
}  # fmt: skip
SPANISH = {**FILLED, ":list": "97110, 97112 y 97140", ":words": "1 unidad"}
FIELD = re.compile(r"\{(\w+)(!r|:\w+)?\}")


@pytest.mark.parametrize("id_", [each for each in messages() if not each.startswith("{items}")])
def test_every_message_is_found_when_filled(id_: str) -> None:
    kinds = {field[1]: field[2] or "" for field in FIELD.finditer(id_)}
    english = FIELD.sub(lambda field: FILLED[field[2] or ""], id_)
    spanish = FIELD.sub(lambda field: SPANISH[kinds[field[1]]], messages()[id_])
    found, whole = said_whole(english, "es")
    assert whole
    assert found.lower() == spanish.lower()  # a name at the start has its capital, a word none


def test_a_translation_holds_no_english() -> None:
    found = {id_: text for id_, text in messages().items() if ENGLISH.search(NAMES.sub("", FIELD.sub("", text)))}
    assert found == {}


@pytest.mark.parametrize("by", ["R. Diaz", "Dr. Lee", "pt-1"])
def test_a_name_with_a_title_does_not_end_a_sentence(by: str) -> None:
    text = f"{by} attested on 2026-11-25 that 97750 was distinct from 97530. They took turns."
    assert said_whole(text, "es") == (
        f"{by} atestiguó el 2026-11-25 que 97750 fue distinto de 97530. Se alternaron.", True,
    )  # fmt: skip


def test_what_is_not_the_engines_stays_as_it_is() -> None:
    text = "Something that nobody wrote. The lines follow the primary."
    assert said_whole(text, "es") == ("Something that nobody wrote. Las líneas siguen al primario.", False)
    assert said_whole("Nobody gave 3 units of it.", "es") == ("Nobody gave 3 units of it.", False)
    assert said("The lines follow the primary.", "fr") == "The lines follow the primary."
    assert said("The lines follow the primary.", "../es") == "The lines follow the primary."


@pytest.mark.parametrize("language", ["es", "es-us", "es_MX", "ES"])
def test_every_spanish_is_spanish(language: str) -> None:
    assert said("The lines follow the primary.", language) == "Las líneas siguen al primario."


def test_a_name_with_words_of_english_is_a_name(rulebook: Rulebook) -> None:
    finding = "How Bank of the North counts is not known: the units follow your organization's default, not its policy."
    assert said(finding, "es") == (
        "No se sabe cómo cuenta Bank of the North: las unidades siguen la opción por defecto de su organización, "
        "no su política."
    )


@pytest.mark.parametrize("text", ["units; or " * 99, "a is b; " * 120, "The end; " * 500, "Not checked: " * 70, "."])
def test_what_somebody_typed_does_not_keep_it_busy(text: str) -> None:
    assert said(text, "es") == text


def test_the_filter_speaks_the_active_language_and_marks_nothing_safe(monkeypatch: pytest.MonkeyPatch) -> None:
    page = Engine(libraries={"fifteen_pages": "fifteen.web.templatetags.fifteen_pages"}).from_string(
        "{% load fifteen_pages %}{{ text|said }}"
    )
    text = Context({"text": "track '<b>' is not known; choose one of nonqp, qp."})
    monkeypatch.setattr("fifteen.web.said.get_language", lambda: "es")
    assert page.render(text) == "la vía &#x27;&lt;b&gt;&#x27; no es conocida; elija una de estas: nonqp, qp."
    monkeypatch.setattr("fifteen.web.said.get_language", lambda: None)
    assert page.render(text) == "track &#x27;&lt;b&gt;&#x27; is not known; choose one of nonqp, qp."


def test_what_rows_say_beside_a_day_is_said_whole() -> None:
    found = [
        answering.secondary_unknown(),
        answering.two_localities(),
        answering.note_of_no_discipline(),
        answering.draft_unread(["plan", "goals"]),
        answering.notes_unread(ValueError("there is no day to be assessed")),
        *answering.estimate(3, 2),
    ]
    for text in [text for each in found for text in (each.message, each.fix)]:
        told, whole = said_whole(text, "es")
        assert (whole, told != text) == (True, True), text


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF", b"\x1f\x8b", b"\x89PNG", b"<html>", b"", b'a,b\n"x', b"a\0b,c\n",
        b"a,b,c,d\n", b"a\n1\n2\n", b"a,b\n" + b"x" * 11, b"x" * 101, b"\xff\xfea\x00\x00\xd8",
    ],
)  # fmt: skip
def test_why_a_file_is_no_table_is_said_whole(content: bytes) -> None:
    with pytest.raises(UnreadableInput) as met:
        tabular.read(content, tabular.Limits(size=100, rows=2, columns=3, cell=10))
    told, whole = said_whole(str(met.value), "es")
    assert (whole, told != str(met.value)) == (True, True)
