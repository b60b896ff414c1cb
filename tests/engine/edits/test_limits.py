"""Limits on units: the case table, payers' own, and that no unit ever changes."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fifteen.engine.assess import DayAnswer
from fifteen.kernel.errors import RulebookError
from fifteen.rulebook import Rulebook, load_rulebook
from tests.case_tables import STATUSES, read_cases
from tests.engine.modifiers.days import assessed, held_of, lines_of, said
from tests.rulebook.conftest import Shelf

CASES = read_cases("limits")
ROOMS = ("limits", "payer")


def day_of(rulebook: Rulebook, minutes: dict[str, dict[str, int]], **day: Any) -> DayAnswer:
    return assessed(rulebook, [{"discipline": each, "minutes": given} for each, given in minutes.items()], **day)


def found(answer: DayAnswer) -> list[list[str]]:
    return sorted([each.id, each.severity] for each in said(answer, *ROOMS))


@pytest.mark.parametrize("case", CASES, ids=[f"{case['id']}-{case['status']}" for case in CASES])
def test_case(case: dict[str, Any], rulebook: Rulebook, tmp_path: Path) -> None:
    day = {"date": str(case["on"]), "billing": case.get("billing", "private-practice")}
    if "payer" in case:
        day["coverage"] = {"payer": case["payer"]}
    if "method" in case:
        shelf = Shelf(tmp_path)
        shelf.write(
            "organization/law/organization/default.toml",
            '[default_counting_method]\nunit = "enum"\n[[default_counting_method.at]]\nfrom = 2017-01-01\n'
            f'value = "{case["method"]}"\nrefs = ["recalled"]\nstatus = "local"\n',
        )
        rulebook = shelf.load()
    answer = day_of(rulebook, case["minutes"], **day)
    assert lines_of(answer) == case["lines"]
    assert held_of(answer) == case["held"]
    assert found(answer) == sorted(case["findings"])


def test_every_case_says_how_well_its_source_is_known() -> None:
    assert {case["status"] for case in CASES} <= set(STATUSES)
    assert len({case["id"] for case in CASES}) == len(CASES)


def test_what_can_be_done_depends_on_the_indicator(rulebook: Rulebook) -> None:
    (by_day,) = said(day_of(rulebook, {"PT": {"97110": 105}}, date="2026-10-05"), "limits")
    assert by_day.message == ("97110: 7 units, and Medicare accepts 6 (MUE, practitioner file of 2026 Q4, MAI 3).")
    assert "appeal the denial with the notes" in by_day.fix
    (older,) = said(day_of(rulebook, {"PT": {"97110": 105}}, date="2026-05-04"), "limits")
    assert "practitioner file of 2024 Q3, MAI 3). The file of this date was not read." in older.message


def test_the_second_unit_of_an_evaluation_is_over_for_its_own_discipline(rulebook: Rulebook, tmp_path: Path) -> None:
    """An organization's catalogue may time a code that the law limits to one: what lies over is denied."""
    shelf = Shelf(tmp_path)
    columns = rulebook.tables["services"].columns
    row = dict.fromkeys(columns, "")
    row |= {
        "code": "97161", "from": "2020-01-01", "kind": "evaluation", "unit_minutes": "15", "counts_from": "8",
        "pooled": "yes", "period": "day", "disciplines": "PT", "label": "timed", "refs": "recalled", "status": "local",
    }  # fmt: skip
    text = ",".join(columns) + "\n" + ",".join(row[name] for name in columns) + "\n"
    shelf.table("organization", "services", text)
    book = shelf.load()
    answer = day_of(book, {"PT": {"97161": 30}}, date="2026-10-05")
    assert ["limits.discipline", "block"] in found(answer)
    assert ["limits.mue", "block"] in found(answer)
    absolute = [each for each in said(answer, "limits") if each.id == "limits.mue"]
    assert "an appeal does not overcome it" in absolute[0].fix
    assert held_of(answer) == ["97161"]
    expected = [{"why": "not-necessary", "codes": ["97161"], "by": "pt"}]
    with_notice = day_of(book, {"PT": {"97161": 30}}, date="2026-10-05", expected=expected)
    assert ["limits.discipline", "warn"] in found(with_notice)


# -- a payer's own ---------------------------------------------------------------------------------------------------

ACME = 'id = "acme"\nlabel = "Acme"\nextends = "midpoint"\n'


def acme(tmp_path: Path, *fields: str) -> Rulebook:
    shelf = Shelf(tmp_path)
    shelf.write("organization/payers/acme.toml", ACME + "".join(fields))
    return shelf.load()


def field(name: str, unit: str, value: str, more: str = "") -> str:
    return (
        f'\n[{name}]\nunit = "{unit}"\n[[{name}.at]]\nfrom = 2020-01-01\nvalue = {value}\nrefs = ["recalled"]\n'
        f'status = "{"primary" if more else "local"}"\n{more}'
    )


BLOCK = 'severity = "block"\n'
NONE = field("code_limits", "record", "{ none = true }") + field("forbidden_pairs", "list", "[]")
BOTH = {"PT": {"97110": 45}, "OT": {"97530": 30}}
COVER = {"coverage": {"payer": "acme"}}


def cap(value: str) -> str:
    return field("unit_cap", "record", value)


def test_a_cap_for_one_number_counts_the_disciplines_together(tmp_path: Path) -> None:
    book = acme(tmp_path, cap('{ units = 4, per = "day", scope = "npi" }'), NONE)
    assert found(day_of(book, BOTH, **COVER)) == []  # each discipline under its own number
    together = day_of(book, BOTH, billing="facility", **COVER)
    assert found(together) == [["payer.unit-cap-together", "warn"]]
    assert lines_of(together) == ["97110 x3", "97530 x2"]
    assert found(day_of(book, {"PT": {"97110": 15}}, billing="facility", **COVER)) == []


def test_a_cap_on_timed_units_leaves_evaluations_out(tmp_path: Path) -> None:
    book = acme(tmp_path, cap('{ units = 4, per = "day", scope = "npi", only = "timed" }'), NONE)
    assert (
        found(day_of(book, {"PT": {"97161": 30, "97110": 45}, "OT": {"97530": 15}}, billing="facility", **COVER)) == []
    )


@pytest.mark.parametrize(("minutes", "severity"), [(60, "info"), (120, "warn")])
def test_a_cap_by_visit_with_two_visits_is_for_a_person_to_look_at(minutes: int, severity: str, tmp_path: Path) -> None:
    book = acme(tmp_path, cap('{ units = 3, per = "visit", scope = "discipline" }'), NONE)
    visits = [{"discipline": "PT", "minutes": {"97110": minutes - 15}}, {"discipline": "PT", "minutes": {"97110": 15}}]
    answer = assessed(book, visits, **COVER)
    assert ["payer.unit-cap-visits", severity] in found(answer)
    assert found(assessed(book, visits[:1], **COVER)) == []


def test_limits_by_code_for_a_discipline_or_a_number(tmp_path: Path) -> None:
    limits = '{ scope = "npi", units = { 97530 = 3, 97035 = 2 } }'
    book = acme(
        tmp_path, cap("{ none = true }"), field("code_limits", "record", limits, BLOCK),
        field("forbidden_pairs", "list", "[]"),
    )  # fmt: skip
    split = {"PT": {"97530": 30}, "OT": {"97530": 30}}
    assert [each for each in found(day_of(book, split, **COVER)) if each[0] == "payer.code-limit"] == []
    one = day_of(book, split, billing="facility", **COVER)
    assert ["payer.code-limit", "block"] in found(one)
    assert held_of(one) == ["97530", "97530"]
    assert ["payer.code-limit", "block"] in found(day_of(book, {"PT": {"97530": 60}}, **COVER))
    assert found(day_of(book, {"PT": {"97530": 45, "97140": 60}}, **COVER)) == []


@pytest.mark.parametrize(("more", "severity"), [("", "warn"), (BLOCK, "block")])
def test_a_pair_that_the_payer_never_pays(more: str, severity: str, tmp_path: Path) -> None:
    book = acme(
        tmp_path, cap("{ none = true }"), field("code_limits", "record", "{ none = true }"),
        field("forbidden_pairs", "list", '["97530+97140"]', more),
    )  # fmt: skip
    answer = day_of(book, {"PT": {"97530": 15, "97140": 15}}, **COVER)
    assert found(answer) == [["payer.forbidden-pair", severity]]
    assert held_of(answer) == (["97140"] if more else [])
    assert found(day_of(book, {"PT": {"97530": 15}}, **COVER)) == []


def test_a_money_cap_is_not_checked_where_units_are_known(tmp_path: Path) -> None:
    money = field("money_cap", "record", '{ cents = 10000, per = "day", scope = "discipline" }')
    book = acme(tmp_path, cap("{ none = true }"), NONE, money)
    assert found(day_of(book, {"PT": {"97110": 30}}, **COVER)) == [["payer.money-cap-not-checked", "info"]]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (field("code_limits", "record", '{ scope = "world", units = { 97035 = 2 } }'), "are not limits by code"),
        (field("code_limits", "record", '{ scope = "npi", units = { 970 = 2 } }'), "are not limits by code"),
        (field("code_limits", "record", '{ scope = "npi", units = { } }'), "are not limits by code"),
        (field("forbidden_pairs", "list", '["97530"]'), "is not a pair of codes"),
        (field("forbidden_pairs", "list", "[97530]"), "is not a pair of codes"),
        (field("forbidden_pairs", "list", '["97530+97530"]'), "is not a pair of codes"),
        (field("forbidden_pairs", "list", '["97530+97140", "97530+97140"]'), "a pair is written twice"),
    ],
)
def test_a_policy_that_is_no_limit_is_refused(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(RulebookError, match=said):
        acme(tmp_path, text)


MUE = "code,from,until,known,practitioner,practitioner_mai,practitioner_why,practitioner_releases,hospital,"
MUE += "hospital_mai,hospital_why,hospital_releases,refs,status\n"


def with_limit(tmp_path: Path, row: str) -> Rulebook:
    shelf = Shelf(tmp_path)
    shelf.table("organization", "mue", f"{MUE}{row}\n")
    return shelf.load()


def test_an_indicator_that_nobody_knows_is_not_checked(tmp_path: Path) -> None:
    book = with_limit(tmp_path, "97110,2026-07-01,,,6,7,x,2026-Q4,8,3,x,2026-Q4,recalled,local")
    assert found(day_of(book, {"PT": {"97110": 105}}, date="2026-10-05")) == [["limits.mue-not-checked", "info"]]


def test_a_limit_of_each_line_looks_at_each_line(tmp_path: Path) -> None:
    book = with_limit(tmp_path, "97110,2026-07-01,,,1,1,x,2026-Q4,8,3,x,2026-Q4,recalled,local")
    services = {"PT": {"97110": 30}, "OT": {"97110": 15}}
    answer = day_of(book, services, date="2026-10-05")
    assert [each.message.split(",")[0] for each in said(answer, "limits")] == ["97110: 2 units"]
    assert "Each line is judged by itself" in said(answer, "limits")[0].fix


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("97110,2026-07-01,,,x,3,x,2026-Q4,8,3,x,2026-Q4,recalled,local", "practitioner is 'x'; write the units"),
        ("97110,2026-07-01,,,6,3,x,autumn,8,3,x,2026-Q4,recalled,local", "practitioner_releases is 'autumn'"),
    ],
)
def test_a_row_that_is_no_limit_is_refused(row: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(RulebookError, match=said):
        with_limit(tmp_path, row)


# -- properties ------------------------------------------------------------------------------------------------------

BOOK = load_rulebook()
CODES = st.sampled_from(["97110", "97140", "97530", "97035", "97161", "97010", "92612", "97129"])
MINUTES = st.dictionaries(CODES, st.integers(0, 150), min_size=1, max_size=4)
DAYS = st.dates(date(2023, 1, 1), date(2026, 12, 31))


@given(MINUTES, DAYS, st.sampled_from(["private-practice", "facility"]))
def test_units_never_change_and_no_order_matters(minutes: dict[str, int], on: date, billing: str) -> None:
    one = day_of(BOOK, {"PT": minutes}, date=str(on), billing=billing)
    other = day_of(BOOK, {"PT": dict(reversed(minutes.items()))}, date=str(on), billing=billing)
    assert [(line.code, line.units) for line in one.lines] == [
        (line.code, line.units) for answer in one.units for line in answer.lines
    ]
    assert sorted(map(str, found(one))) == sorted(map(str, found(other)))
    assert sorted(held_of(one)) == sorted(held_of(other))
    blocked = {each.where.split()[-1] for each in said(one, *ROOMS) if each.severity == "block"}
    assert blocked <= set(held_of(one))


@given(MINUTES, DAYS)
def test_an_unrelated_service_never_removes_a_finding(minutes: dict[str, int], on: date) -> None:
    """G0283 takes no timed minute and shares no limit with the others."""
    before = {(each.id, each.where) for each in said(day_of(BOOK, {"PT": minutes}, date=str(on)), *ROOMS)}
    more = {(e.id, e.where) for e in said(day_of(BOOK, {"PT": {**minutes, "G0283": 10}}, date=str(on)), *ROOMS)}
    gathered = {"limits.mue-last-known"}  # told of all its codes at once
    assert {each for each in before if each[0] not in gathered} <= more
    assert {code for id_, where in before if id_ in gathered for code in where.replace(" and ", ", ").split(", ")} <= {
        code for id_, where in more if id_ in gathered for code in where.replace(" and ", ", ").split(", ")
    }


@given(MINUTES, st.dates(date(2018, 1, 1), date(2024, 6, 30)))
def test_no_limit_of_a_file_speaks_before_its_quarter(minutes: dict[str, int], on: date) -> None:
    ids = {each.id for each in said(day_of(BOOK, {"PT": minutes}, date=str(on)), "limits")}
    assert not ids & {"limits.mue", "limits.mue-none", "limits.mue-last-known"}
