"""The cases of `tests/cases/documentation` read as a day and a note, agree in minutes, and hold no person's name."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from fifteen.engine.day import Context, Day, check_context, check_day
from fifteen.engine.documentation.note import Note
from fifteen.engine.evidence import minutes_of
from fifteen.rulebook import Rulebook
from tests.case_tables import CASES

HOME = CASES / "documentation"
KEYS = {
    "notes": {"id", "style", "about", "payer", "day", "note"},
    "terse": {"id", "style", "about", "payer", "day", "note"},
    "second": {"id", "style", "about", "payer", "fault", "day", "note"},
    "third": {"id", "style", "about", "payer", "fault", "day", "note"},
}
FILES = {
    path.relative_to(HOME).as_posix(): path for kind in KEYS for path in sorted(HOME.joinpath(kind).glob("*.json"))
}
SECOND = [name for name in FILES if name.startswith("second/")]
ALWAYS_KNOWN = {"date", "kind", "discipline", "text", "signatures"}
WORD = re.compile(r"[A-Za-z][A-Za-z/'-]+")  # numbers, doses and arrows are not counted as words
MINUTE_FAULTS = {"total-minutes-missing", "timed-minutes-missing", "timed-minutes-differ"}

PERSON = re.compile(r"(pt|pta|spt|ot|ota|sot|slp|slpa|sslp|aide)-\d+")
PATIENT = re.compile(r"p-\d+")
CREDENTIAL = r"(?:PT|PTA|SPT|DPT|OT|OTR|COTA|OTS|SLP|CCC|RN|NP|PA|MD|DO)"
NAMED = {
    "a title before a name": re.compile(r"\b(?:Mr|Mrs|Ms|Miss|Dr|Prof)\b\.? [A-Z]"),
    "a first and a last name before a credential": re.compile(rf"\b[A-Z][a-z]+ [A-Z][a-z'-]+,? {CREDENTIAL}\b"),
    "an initial before a credential": re.compile(rf"\b[A-Z]\. ?(?:[A-Z][a-z]+,? )?{CREDENTIAL}\b"),
    "a common first name": re.compile(
        r"\b(?:John|James|Robert|Michael|William|David|Joseph|Thomas|Richard|Mary|Patricia|Linda|Barbara|Susan|"
        r"Jennifer|Margaret|Dorothy|Maria|Ana|Jose|Carlos|Juan|Wei|Ahmed|Emma|Olivia|Liam|Noah)\b"
    ),
    "a birth date, record number, telephone or address": re.compile(
        r"\b(?:DOB|MRN|SSN)\b|\b\d{3}-\d{2}-\d{4}\b|\(?\b\d{3}\)?[ -]\d{3}-\d{4}\b|\S@\S|"
        r"\d+ [A-Z][a-z]+ (?:St|Ave|Rd)\b"
    ),
}


def case(name: str) -> dict[str, Any]:
    return json.loads(FILES[name].read_text())


def day_of(each: dict[str, Any]) -> Day:
    return check_day(msgspec.convert(each["day"], Day), each["id"])


def note_of(each: dict[str, Any]) -> Note:
    return msgspec.convert(each["note"], Note)


def strings(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for each in value.values() for text in strings(each)]
    if isinstance(value, list):
        return [text for each in value for text in strings(each)]
    return [value] if isinstance(value, str) else []


def names_in(text: str) -> list[str]:
    return [what for what, pattern in NAMED.items() if pattern.search(text)]


def test_enough_of_each_kind() -> None:
    count = {room: sum(name.startswith(f"{room}/") for name in FILES) for room in KEYS}
    assert count["notes"] >= 30
    assert count["terse"] >= 30
    assert count["second"] >= 40
    faults = [case(name)["fault"] for name in SECOND]
    assert faults.count(None) >= 20
    named = [fault for fault in faults if fault is not None]
    assert len(named) >= 20
    assert len(set(named)) == len(named)
    assert not {each.split("/")[0] for each in FILES} - set(KEYS)


def test_every_fault_is_explained_to_the_reader() -> None:
    readme = (HOME / "README.md").read_text()
    assert [
        name for name in FILES if (fault := case(name).get("fault")) is not None and f"`{fault}`" not in readme
    ] == []


def test_ids_are_unique_and_are_the_files_names() -> None:
    ids = [case(name)["id"] for name in FILES]
    assert len(set(ids)) == len(ids)
    assert ids == [Path(name).stem for name in FILES]


@pytest.mark.parametrize("name", FILES)
def test_it_reads(name: str) -> None:
    each = case(name)
    assert set(each) - {"context"} == KEYS[name.split("/")[0]]
    day, note = day_of(each), note_of(each)
    assert each["about"]
    assert (day.coverage.payer, day.date) == (each["payer"], note.on)
    assert all(visit.discipline == note.discipline for visit in day.all_visits())
    assert day.notes == ()
    if "context" in each:
        context = check_context(msgspec.convert(each["context"], Context), name)
        dates = [earlier.on for earlier in context.earlier or ()]
        assert dates == sorted(dates)
        assert dates[-1] < note.on


@pytest.mark.parametrize("name", FILES)
def test_its_minutes_are_the_days(name: str, rulebook: Rulebook) -> None:
    each = case(name)
    day, note, fault = day_of(each), note_of(each), each.get("fault")
    minutes = minutes_of(day, rulebook)
    assert minutes.findings == ()
    if not minutes.disciplines:
        assert note.kind in ("plan-of-care", "progress-report", "discharge")
        assert (note.timed_minutes, note.total_minutes, note.services) == (None, None, ())
        return
    (own,) = minutes.disciplines
    if fault not in MINUTE_FAULTS:
        if note.timed_minutes is None:
            missing = [each for each in (own.timed_minutes, own.total_minutes) if not written(each, note.text)]
            assert missing == []
        else:
            assert (note.timed_minutes, note.total_minutes) == (own.timed_minutes, own.total_minutes)
    given = {service.code: service.minutes.total for service in own.services}
    for service in note.services:
        assert service.minutes in (None, given[service.code or ""]), service.code
    if note.services and fault != "service-not-in-note":
        assert {service.code for service in note.services} == set(given)


def test_the_faults_in_minutes_are_there(rulebook: Rulebook) -> None:
    wrong = {case(name).get("fault"): case(name) for name in SECOND if case(name).get("fault") in MINUTE_FAULTS}
    assert set(wrong) == MINUTE_FAULTS
    total, differ = note_of(wrong["total-minutes-missing"]), wrong["timed-minutes-differ"]
    assert (total.total_minutes, total.text) == (None, "")
    assert "timed" not in note_of(wrong["timed-minutes-missing"]).text.lower()
    assert note_of(differ).timed_minutes != minutes_of(day_of(differ), rulebook).disciplines[0].timed_minutes


def written(minutes: int, text: str) -> bool:
    return re.search(rf"(?<!\d){minutes}(?!\d)", text) is not None


@pytest.mark.parametrize("name", [each for each in FILES if each.startswith("terse/")])
def test_terse_is_prose_alone(name: str) -> None:
    each = case(name)
    assert set(each["note"]) == ALWAYS_KNOWN
    assert 45 <= len(WORD.findall(each["note"]["text"])) <= 75
    full = json.loads((HOME / "notes" / f"{each['id'].removeprefix('terse-')}.json").read_text())
    assert (each["day"], each["payer"]) == (full["day"], full["payer"])
    assert {key: each["note"][key] for key in ALWAYS_KNOWN - {"text"}} == {
        key: full["note"][key] for key in ALWAYS_KNOWN - {"text"}
    }


@pytest.mark.parametrize("name", FILES)
def test_it_names_nobody(name: str) -> None:
    each = case(name)
    day, note = day_of(each), note_of(each)
    assert PATIENT.fullmatch(day.patient)
    people = [person.id for person in day.people] + [signature.person for signature in note.signatures]
    assert [person for person in people if not PERSON.fullmatch(person)] == []
    assert {signature.person for signature in note.signatures} <= {person.id for person in day.people}
    assert [(text, names_in(text)) for text in strings(each) if names_in(text)] == []


@pytest.mark.parametrize(
    "text",
    [
        "seen with Dr. Example",
        "Mrs Sample reports",
        "Pat Sample, PT",
        "J. PT",
        "R. Sample, DPT",
        "Mary walked",
        "DOB 1950",
        "call 555-555-0100",
        "12 Elm St",
    ],
)
def test_a_name_is_found(text: str) -> None:
    assert names_in(text)
