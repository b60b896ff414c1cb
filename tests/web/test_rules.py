"""About the rules as the server makes it: all that is held, as it stands on a date, and what is not known."""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from datetime import date, timedelta
from itertools import pairwise
from urllib.parse import quote

import msgspec
import pytest
from django.test import Client

from fifteen.engine.edits.mue_held import mue_held
from fifteen.engine.edits.pairs_held import pairs_held
from fifteen.rulebook import Rulebook, compiler, load_rulebook
from fifteen.rulebook.catalogue import look_up
from fifteen.rulebook.schema import POLICY_FIELDS
from fifteen.web import surroundings
from fifteen.web.rule_shown import detail
from fifteen.web.rules_shown import overview
from fifteen.web.rules_unknown import unknown
from fifteen.web.rules_words import _WORDS, FIELDS, cell, words
from tests.rulebook.conftest import Shelf
from tests.web.pages import get, get_json, visible

DAY = date(2026, 3, 2)
OLD = date(2017, 1, 1)
DAYS = (DAY, OLD, date(2020, 1, 1), date(2027, 6, 30))
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


def names(book: Rulebook) -> dict[str, list[str]]:
    return {
        "rule": sorted(book.parameters),
        "policy": [f"payer.{payer.id}.{field}" for payer in book.payers for field in POLICY_FIELDS],
        "payer": [payer.id for payer in book.payers],
        "table": sorted(book.tables),
        "source": sorted(book.references),
        "service": sorted({row[0] for row in book.tables["services"].rows}),
    }


# -- everything that is held ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("on", DAYS[:2], ids=str)
@pytest.mark.parametrize("kind", ["rule", "policy", "payer", "table", "source", "service"])
def test_everything_has_a_page(kind: str, on: date, rulebook: Rulebook) -> None:
    for name in names(rulebook)[kind]:
        page = get(f"/rules?id={quote(name)}&on={on}")
        assert f"<code>{name}</code>" in page or f">{name} " in page or f"<h1>{name}</h1>" in page


@pytest.mark.parametrize("on", DAYS, ids=str)
def test_the_overview_names_everything(on: date, rulebook: Rulebook) -> None:
    page = get(f"/rules?on={on}")
    linked = set(re.findall(r'href="/rules\?id=([^&"]+)', page))
    held = names(rulebook)
    rules = {name for name in held["rule"] if not name.startswith("payer.")}
    wanted = rules | set(held["payer"] + held["table"] + held["source"])
    assert wanted | {service.code for service in rulebook.services(on)} <= linked
    shown = overview(rulebook, on)
    placed = [each.id for group in shown.groups for each in group.rules]
    assert sorted(placed) == sorted(rules)


@pytest.mark.parametrize("on", DAYS, ids=str)
def test_what_is_in_force_is_what_the_rulebook_says(on: date, rulebook: Rulebook) -> None:
    for group in overview(rulebook, on).groups:
        for each in group.rules:
            value = rulebook.value_or_none(each.id, on)
            if value is None:
                assert (each.words, each.status.id, each.since) == ("", "unknown", None)
                assert each.missing.startswith(f"Not known for {on}; held")
            else:
                assert each.words == words(each.id, value.value, value.unit) != ""
                assert (each.status.id, each.since, each.cite) == (value.status, value.since, value.cite)


@pytest.mark.parametrize("on", DAYS, ids=str)
def test_statuses_are_counted_as_the_rulebook_has_them(on: date, rulebook: Rulebook) -> None:
    found = {each.status.id: (each.rules, each.policies, each.services) for each in overview(rulebook, on).tallies}
    rules, policies = Counter[str](), Counter[str]()
    for name in rulebook.parameters:
        if not name.startswith("payer."):
            value = rulebook.value_or_none(name, on)
            rules[value.status if value else "unknown"] += 1
    for name in names(rulebook)["policy"]:
        value = rulebook.value_or_none(name, on)
        policies[value.status if value else "unknown"] += 1
    services = Counter(service.status for service in rulebook.services(on))
    assert found == {each: (rules[each], policies[each], services[each]) for each in found}
    assert sum(policies.values()) == len(rulebook.payers) * len(POLICY_FIELDS)
    page = get(f"/rules?on={on}")
    for status, counts in found.items():
        row = re.search(rf'(?s)<tr data-status="{status}">(.*?)</tr>', page)
        assert row is not None
        assert tuple(map(int, re.findall(r'<td class="num">(\d+)</td>', row.group(1)))) == counts


def test_each_word_of_the_rulebook_is_said_in_plain_words(rulebook: Rulebook) -> None:
    """A word that somebody adds to the package's rules is told here to be put into words too."""
    for name, parameter in rulebook.parameters.items():
        if parameter.unit == "enum" and not name.startswith("payer."):
            for dated in parameter.at:
                assert (name, dated.entry.value) in _WORDS, f"{name}: put {dated.entry.value!r} into plain words"
    assert set(FIELDS) == set(POLICY_FIELDS)


@pytest.mark.parametrize(
    ("id_", "value", "text"),
    [
        (
            "medicare.timed_unit",
            {"minutes": 15, "counts_from": 8},
            "15 minutes a unit; the first is reached at minute 8",
        ),
        ("medicare.timed_unit", {"minutes": 15}, "minutes: 15"),
        ("medicare.mppr_indicator", "5", "5"),
        ("unit_cap", {"none": True}, "no cap"),
        ("unit_cap", {"units": 1, "per": "day", "scope": "npi"}, "1 unit a day for one treating provider"),
        (
            "unit_cap",
            {"units": 4, "per": "day", "scope": "discipline", "only": "timed"},
            "4 units of timed codes a day for one discipline",
        ),
        ("money_cap", {"cents": 14366, "per": "day", "scope": "discipline"}, "$143.66 a day for one discipline"),
        (
            "money_cap",
            {"rvu": "4.5", "per": "visit", "scope": "npi"},
            "4.5 relative value units a visit for one treating provider",
        ),
        ("fee_basis", {"basis": "percent-of-medicare", "percent": "110"}, "110 percent of Medicare's fee schedule"),
        (
            "fee_basis",
            {"basis": "percent-of-medicare", "percent": "110", "base": "2024-01-01"},
            "110 percent of Medicare's fee schedule of 2024-01-01",
        ),
        ("fee_basis", {"basis": "table", "table": "own"}, "its own table own"),
        ("fee_basis", {"basis": "table", "table": "own", "factor": "1.2"}, "its own table own times 1.2"),
        ("fee_basis", {"basis": "per-visit", "amount": "95.00"}, "$95.00 a visit"),
        ("fee_basis", {"basis": "per-diem", "amount": "95.00"}, "$95.00 a day"),
        ("fee_basis", {"basis": "other"}, "basis: other"),
        ("acme.rule", {"from_day": "2026-01-01", "open": False}, "from day: 2026-01-01; open: no"),
        ("acme.rule", ["left-over", 3], "left over, 3"),
    ],
)
def test_a_value_in_words(id_: str, value: object, text: str) -> None:
    assert words(id_ if "." in id_ else f"payer.acme.{id_}", value, "record") == text


def test_an_amount_in_words() -> None:
    assert words("medicare.part_b_deductible", 28300, "cents") == "$283.00"


def test_a_cell_in_words() -> None:
    cells = [("kind", "group"), ("period", "month"), ("pooled", "no"), ("label", "exercise"), ("work", "0.45")]
    assert [cell(*each) for each in cells] == ["group therapy", "a month", "no", "exercise", "0.45"]


# -- what is not known ---------------------------------------------------------------------------------------------


def test_not_known_is_shown_and_not_guessed() -> None:
    page = visible(get(f"/rules?id=aetna&on={DAY}"))
    assert page.count("No text of this payer on it was found. Not known") == len(POLICY_FIELDS)
    assert "total timed minutes" not in page
    assert "Not known for 2022-10-14; held from 2022-10-15 on." in visible(get("/rules?id=cigna&on=2022-10-14"))
    between = visible(get("/rules?id=payer.washington-li.money_cap&on=2025-01-01"))
    assert "Not known for 2025-01-01; held for days before and after it." in between
    assert "in force on" not in between
    assert "held up to 2026-12-31" in visible(get("/rules?id=medicare.conversion_factor&on=2027-01-01"))


@pytest.mark.parametrize("on", DAYS, ids=str)
def test_what_fifteen_does_not_know_follows_the_rulebook(on: date, rulebook: Rulebook) -> None:
    found = unknown(rulebook, overview(rulebook, on))
    without = {each.id for each in rulebook.payers if rulebook.policy(each.id, "counting_method", on) is None}
    assert {each.id for each in found.methods} == without
    gaps = sum(rulebook.policy(each.id, field, on) is None for each in rulebook.payers for field in POLICY_FIELDS)
    assert found.all == gaps + len(found.rules)
    for each in found.rules:
        assert rulebook.value_or_none(each.id, on) is None
    priced = f"rvu_{on.year}" in rulebook.tables
    assert any("there is no price on this date" in each for each in found.tables) is not priced
    assert {each.id for each in found.unread} == {
        name for name, each in rulebook.references.items() if each.read in ("quoted", "recalled")
    }


def test_a_proposed_value_is_only_expected() -> None:
    page = visible(get("/rules?on=2027-06-30"))
    assert "Only expected Proposed conversion factors, not in force" in page
    assert "$33.1693 for QP, $32.8409 for all others Expected" in page


def test_a_day_before_everything() -> None:
    page = visible(get("/rules?on=1999-01-01"))
    assert "The list holds no service on this date." in page
    assert "The list of services holds no code on this date." in page
    assert "No relative values for 1999: there is no price on this date. Held: 2020 to" in page
    assert "Not in force on 1999-01-01." in visible(get("/rules?id=97110&on=1999-01-01"))


def panel(on: str, lang: str = "en") -> str:
    """What the overview says of pairs and unit limits."""
    page = get(f"/rules?on={on}&lang={lang}")
    return visible(page.partition('<section class="panel" id="edits"')[2].partition('<section class="panel"')[0])


def test_pairs_and_limits_are_held_by_release_with_its_codes_and_its_age(rulebook: Rulebook) -> None:
    on = date(2026, 11, 25)
    said = panel("2026-11-25")
    for table in pairs_held(rulebook, on):
        assert (
            f"For Medicare Part B: {table.in_force} pairs in force on 2026-11-25 as last known, of {table.pairs} held. "
            f"Of {table.start_unknown} of its {table.rows} rows the first day is not known."
        ) in said
    newest, hospital = said.partition("Pairs, hospital table")[0], said.partition("Pairs, hospital table")[2]
    eight = "97110 97112 97116 97140 97161 97162 97163 97530"
    assert f"2026 Q4 of this date 2026-10-01 to 2026-12-31 {eight} 2026 Q3 ended 56 days before" in newest
    assert "2024 Q3 ended 786 days before 2024-07-01 to 2024-09-30 162 codes" in newest
    assert "2026 Q4" not in hospital.partition("Unit limits")[0]
    for each in mue_held(rulebook, on):
        assert f"{each.name} " in hospital.partition("Unit limits, practitioner file")[2]


def test_what_no_release_of_the_date_covers_is_not_known() -> None:
    page = visible(get("/rules?on=2026-11-25")).partition("What Fifteen does not know Made from")[2]
    known = "codes are known from release 2024 Q3 only, made for days up to 2024-09-30; what was changed since"
    for count in (
        "Pairs, practitioner table: 154",
        "Pairs, hospital table: 162",
        "Unit limits, practitioner file: 127",
    ):
        assert f"{count} {known} is not known." in page
    assert "NCCI edits" not in page
    assert "The table mue" not in page
    within = visible(get("/rules?on=2024-08-01"))
    assert "codes are known from release" not in within
    assert "2024 Q3 of this date" in panel("2024-08-01")
    assert "2026 Q4 made for later days" in panel("2024-08-01")


def test_before_every_release_and_every_table() -> None:
    assert "Pairs, practitioner table: no release that is held was made for this date" in visible(
        get("/rules?on=2019-12-31")
    )
    assert "No table of pairs is named for 2016-12-31; no pair of codes is checked." in visible(
        get("/rules?on=2016-12-31")
    )


def test_a_table_of_pairs_of_no_named_release(own: Shelf) -> None:
    own.write(
        "organization/payers/acme.toml",
        'id = "acme"\nlabel = "Acme"\n\n[pair_table]\nunit = "record"\n[[pair_table.at]]\nfrom = 2020-01-01\n'
        'value = { practitioner = "acme_pairs" }\nrefs = ["recalled"]\nstatus = "local"\nchecked = 2026-11-25\n',
    )
    head = "pair,column1,column2,from,until,known,indicator,withdrawn,basis,refs,status\n"
    own.table("organization", "acme_pairs", f"{head}97530+97140,97530,97140,2020-01-01,,,1,no,own,recalled,local\n")
    said = panel("2026-11-25")
    assert "For Acme: 1 pairs in force on 2026-11-25 as last known, of 1 held." in said
    assert "Of which release it is, nobody wrote." in said


def test_pairs_and_limits_held_in_spanish() -> None:
    said = panel("2026-11-25", "es")
    assert (
        "Para Medicare Parte B: 772 pares vigentes el 2026-11-25 según lo último que se sabe, de 1268 que hay." in said
    )
    assert "2026 Q4 de esta fecha" in said
    assert not re.search(r"\b(the|codes|release|pairs|before|known)\b", said)


def test_a_topic_is_missing_until_somebody_writes_it(own: Shelf) -> None:
    topic = "State practice acts and supervision rules"
    assert topic in visible(get("/rules"))
    own.rule("organization", "2020-01-01 5", name="acme/state_act")
    page = visible(get("/rules"))
    assert topic not in page
    assert "Other rules What this installation holds besides." in page


# -- one thing -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("on", [*DAYS, date(2024, 3, 8), date(2024, 3, 9), date(2019, 12, 31)], ids=str)
def test_the_entry_in_force_is_marked(on: date, rulebook: Rulebook) -> None:
    for name, parameter in rulebook.parameters.items():
        entries = detail(rulebook, name, on).entries
        assert len(entries) == len(parameter.at)
        now, value = [each for each in entries if each.now], rulebook.value_or_none(name, on)
        assert len(now) == (value is not None)
        if value is not None:
            assert (now[0].since, now[0].status.id, now[0].refs) == (value.since, value.status, value.refs)
            assert now[0].words == words(name, value.value, value.unit)
        for later, earlier in pairwise(entries):
            assert earlier.corrected or (earlier.last is not None and earlier.last < later.since)
        for each in entries:
            if not each.corrected and each.last is not None:
                at = rulebook.value_or_none(name, each.last)
                assert at is not None
                assert (at.since, rulebook.value_or_none(name, each.last + timedelta(days=1)) != at) == (
                    each.since,
                    True,
                )


def test_a_correction_stands_beside_what_was_believed_before(own: Shelf) -> None:
    own.rule("organization", "2020-01-01 5", "2020-01-01 6\nknown = 2021-03-04")
    shown = detail(own.load(), "test.rule", DAY)
    assert [(each.words, each.now, each.corrected) for each in shown.entries] == [
        ("6 minutes", True, False), ("5 minutes", False, True),
    ]  # fmt: skip
    page = visible(get(f"/rules?id=test.rule&on={DAY}"))
    assert "published 2021-03-04" in page
    assert "corrected later: what was believed before" in page
    assert "the organization's own" in page


def test_a_rule_with_its_sources_in_full() -> None:
    page = get(f"/rules?id=medicare.timed_unit&on={DAY}")
    assert "15 minutes a unit; the first is reached at minute 8" in page
    assert "Medicare Claims Processing Manual, chapter 5" in page
    assert re.search(r'href="https://www\.cms\.gov[^"]+" rel="noreferrer external"', page)
    assert "A claim that breaks it is held." in get(f"/rules?id=medicare.assistant_may_not&on={DAY}")


def test_only_an_address_of_the_web_becomes_a_link(own: Shelf) -> None:
    own.write(
        "organization/references.toml",
        '[bad]\ntitle = "T"\npublisher = "P"\ncite = "C"\nread = "part"\nchecked = 2026-01-01\n'
        'url = "javascript:alert(1)"\n',
    )
    assert "javascript:" not in get("/rules?id=bad") + get("/rules")
    assert "No address of the document is held." in get("/rules?id=bad")


def test_a_field_taken_over_says_from_whom(own: Shelf) -> None:
    own.write("organization/payers/acme.toml", 'id = "acme"\nlabel = "Acme"\nextends = "medicare"\n')
    page = visible(get(f"/rules?id=payer.acme.counting_method&on={DAY}"))
    assert "Taken over from medicare, whom this payer follows." in page
    assert "Over time since 2017-01-01" in page
    assert "Where it says nothing of its own it follows medicare." in visible(get(f"/rules?id=acme&on={DAY}"))
    before = {each.status.id: each.policies for each in overview(load_rulebook(), DAY).tallies}
    after = {each.status.id: each.policies for each in overview(own.load(), DAY).tallies}
    lacks = [field for field in POLICY_FIELDS if load_rulebook().policy("medicare", field, DAY) is None]
    assert "coinsurance" in lacks  # the patient's share is law, not a policy
    assert after == {**before, "unknown": before["unknown"] + len(lacks)}


def test_a_service(rulebook: Rulebook) -> None:
    page = get(f"/rules?id=90912&on={DAY}")
    assert "continued by" in page
    assert "90913 pelvic floor biofeedback, added time" in page
    assert f"/rules?id=rvu_2026&amp;key=90912&amp;on={DAY}" in page
    assert "use instead G0283" in visible(get(f"/rules?id=97014&on={DAY}"))
    assert "rvu_" not in get(f"/rules?id=97110&on={OLD}")


def test_a_long_table_is_looked_into_and_not_dumped(rulebook: Rulebook) -> None:
    page = get(f"/rules?id=rvu_2026&on={DAY}")
    table = rulebook.tables["rvu_2026"]
    text = visible(page)
    for fact in (table.release, f"Rows {len(table.rows)}", rulebook.sheets["rvu_2026"].sha256):
        assert fact in text
    assert len(page) < 20_000
    row = rulebook.row("rvu_2026", "97110", DAY)
    assert row is not None
    found = visible(get(f"/rules?id=rvu_2026&key=97110&on={DAY}"))
    assert f"in force on {DAY} status letter {row['letter']} work {row['work']} practice expense {row['pe']}" in found
    assert found.count("release rvu26") == sum(each[0] == "97110" for each in table.rows)


def test_a_table_by_a_word_of_the_row() -> None:
    page = visible(get("/rules?id=gpci_2026&key=ohio"))
    assert "OHIO" in page
    many = visible(get("/rules?id=gpci_2026&key=1.0"))
    assert re.search(r"and \d+ more; write another word", many)
    assert "No row of this table holds “nowhere”." in visible(get("/rules?id=gpci_2026&key=nowhere"))


def test_what_rests_on_a_source() -> None:
    page = visible(get("/rules?id=cms-ch5-20-2"))
    assert "Units supported by the timed minutes of a treatment day" in page
    assert "Medicare Part B: Counts units by" in page
    assert re.search(r"\d+ rows of services", page)


def test_a_source_that_nothing_rests_on(own: Shelf) -> None:
    own.write(
        "organization/references.toml",
        '[spare]\ntitle = "T"\npublisher = "P"\ncite = "C"\nread = "part"\nchecked = 2026-01-01\n',
    )
    assert "No rule, policy or short table names it." in visible(get("/rules?id=spare"))


def test_tables_on_demand_are_read_only_when_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    read_sheet = compiler.read_sheet
    monkeypatch.setattr(compiler, "read_sheet", lambda sheet, refs: read.append(sheet.id) or read_sheet(sheet, refs))
    book = load_rulebook()
    monkeypatch.setattr(surroundings, "rulebook", lambda: book)
    for path in (
        "/rules",
        "/rules?q=97110",
        "/rules?id=97110",
        "/rules?id=cms-rvu",
        "/rules?id=medicare",
        "/rules?id=x",
    ):
        Client().get(path, HTTP_HOST="localhost")
    assert sorted(read) == ["ptp_hospital", "ptp_practitioner"]  # once, for their pairs in force are counted
    get("/rules?id=gpci_2026")
    assert read[2:] == ["gpci_2026"]


# -- asked wrongly -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["medicare.timed_units", "signa", "97111"])
def test_an_unknown_name_is_told_near_ones(name: str) -> None:
    page = get(f"/rules?id={name}&on={DAY}", 404)
    assert "The rulebook holds nothing of this name" in page
    assert f"<code>{name}</code>" in page
    near = re.findall(r'<li><a href="/rules\?id=([^&"]+)&amp;on=2026-03-02">', page)
    assert near
    for each in near:
        get(f"/rules?id={each}")


def test_an_unknown_name_without_a_near_one() -> None:
    page = get("/rules?id=" + "z" * 3000, 404)
    assert "Names like it" not in page
    assert "See everything the rulebook holds" in page


@pytest.mark.parametrize("typed", ["someday", "2026-02-30", "20260302", "03/02/2026", "9" * 200])
@pytest.mark.parametrize("id_", ["", "cigna"])
def test_a_wrong_date_keeps_what_was_typed_and_shows_today(typed: str, id_: str) -> None:
    page = get(f"/rules?on={typed}&id={id_}")
    today = surroundings.today()
    assert f'value="{typed[:80]}"' in page
    assert f"Shown is today, {today}." in visible(page)
    assert page.count("is not a date of the calendar") == 1
    assert "&amp;on=" not in page.partition("<main")[2]


@pytest.mark.parametrize(
    "query", ["id={}", "on={}", "q={}", "lang={}", "id=rvu_2026&key={}", "id={}&on={}&q={}&key={}"]
)
def test_what_is_typed_is_never_markup(query: str) -> None:
    answer = Client().get("/rules?" + query.replace("{}", quote(HOSTILE)), HTTP_HOST="localhost")
    page = answer.content.decode()
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "style=" not in page


def test_only_reading_is_allowed() -> None:
    assert Client().post("/rules", HTTP_HOST="localhost").status_code == 405


# -- search, links, data -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "some"),
    [
        ("97110", "97110"),
        ("walk", "97116"),
        ("evaluation slp", "92610"),
        ("GROUP", "97150"),
        ("9711 exercise", "97110"),
    ],
)
def test_services_are_found(asked: str, some: str) -> None:
    page = get(f"/rules?q={quote(asked)}&on={DAY}")
    rows = re.findall(r'<th scope="row"><a href="/rules\?id=([0-9A-Z]{5})&', page)
    assert some in rows
    assert 0 < len(rows) < 60
    assert '<details class="all" open>' in page


def test_no_service_is_found() -> None:
    page = visible(get(f"/rules?q=zzz&on={DAY}"))
    assert "No service in force on this date has “zzz” in its code, label or kind." in page
    assert "Show all" in page


def test_links_carry_the_date_and_the_language() -> None:
    page = get(f"/rules?on={DAY}&lang=es")
    hrefs = re.findall(r"<main.*", page, re.DOTALL)[0]
    for href in re.findall(r'href="(/rules\?id=[^"]+)"', hrefs):
        assert href.endswith(f"&amp;on={DAY}&amp;lang=es")
    assert "on=" not in "".join(re.findall(r'href="(/rules\?id=[^"]+)"', get("/rules")))


def test_every_reason_of_an_answer_leads_to_its_rule() -> None:
    page = get(f"/units?s=97110:33%2B12a,97140:7,97161:20&on={DAY}&locality=national")
    hrefs = set(re.findall(r'href="(/rules\?[^"]+)"', page))
    assert hrefs
    for href in hrefs:
        get(href.replace("&amp;", "&"))


def test_the_data_is_that_of_the_command_line(rulebook: Rulebook) -> None:
    for id_ in (None, "medicare.timed_unit", "cigna", "97110", "payer.aetna.unit_cap"):
        found = get_json(f"/rules.json?on={DAY}" + (f"&id={id_}" if id_ else ""))
        assert found == json.loads(msgspec.json.encode(look_up(rulebook, id_, DAY)))
    assert "did you mean" in json.loads(get("/rules.json?id=signa", 404))["error"]
    assert "is not a date" in json.loads(get("/rules.json?on=x", 400))["error"]


def test_the_first_view_is_light() -> None:
    page = Client().get("/rules", HTTP_HOST="localhost").content
    assert len(gzip.compress(page)) < 40_000
