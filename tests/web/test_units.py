"""The Units page as the server makes it: what it answers, what it refuses, what it never does."""

from __future__ import annotations

import json
import re
from datetime import date
from html import unescape
from typing import Any

import msgspec
import pytest
from django.http import QueryDict
from django.test import Client

from fifteen import ServiceMinutes, count_units, price
from fifteen.engine.edits.of_lines import edits_of_lines
from fifteen.engine.units.method import METHODS
from fifteen.rulebook import Rulebook
from fifteen.web.asked import read_asked
from fifteen.web.band import band
from fifteen.web.units import answer, popular_answers
from tests.rulebook.conftest import Shelf
from tests.web.pages import get, get_json, visible

DAY = "2026-03-02"


def text(path: str) -> str:
    return visible(get(path))


# -- answers -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("example", popular_answers(), ids=lambda each: each["title"])
def test_a_popular_answer_is_counted_again(example: dict[str, Any], rulebook: Rulebook) -> None:
    services = ",".join(f"{code}:{minutes}" for code, minutes in example["minutes"].items())
    link = f"/units?s={services}&with=midpoint&on={DAY}&printed={example['printed']}"
    counted = [
        count_units(example["minutes"], rulebook, on=date(2026, 3, 2), payer=payer)
        for payer in ("medicare", "midpoint")
    ]
    page = text(link)
    for each in counted:
        units = sum(line.units for line in each.lines)
        assert f"{units} {'unit' if units == 1 else 'units'} supported" in page
    assert get_json(link.replace("/units?", "/units.json?"))["units"] == [
        json.loads(msgspec.json.encode(each)) for each in counted
    ]
    over = example["printed"] > sum(line.units for line in counted[0].lines)
    assert ("would be overclaimed" in page) == over
    assert ("Both count these minutes alike" in page) == (counted[0].compared is None)


def test_two_of_the_four_examples_are_wrong_for_medicare(rulebook: Rulebook) -> None:
    wrong = [
        each["title"]
        for each in popular_answers()
        if each["printed"] > (count_units(each["minutes"], rulebook, on=date(2026, 3, 2)).timed_units or 0)
    ]
    assert len(wrong) == 2


def test_every_unit_is_explained_with_rule_source_and_date(rulebook: Rulebook) -> None:
    page = text(f"/units?s=97110:33,97140:7&on={DAY}")
    for reason in count_units({"97110": 33, "97140": 7}, rulebook, on=date(2026, 3, 2)).explain:
        assert reason.because in page
        assert reason.would_change in page
        assert f"in force since {reason.since}" in page
        assert f"/rules?id={reason.rule}" in get(f"/units?s=97110:33,97140:7&on={DAY}")


def test_assistant_minutes_make_the_modifier_and_say_why() -> None:
    page = text(f"/units?s=97110:13%2B23a,97140:30&on={DAY}")
    assert "1× GP CQ" in page
    assert "Why CQ on 1" in page
    assert "Why no assistant's modifier" in page


def test_a_service_without_a_unit_is_documented_not_billable() -> None:
    assert "97035 ultrasound treatment documented, not billable" in text(
        f"/units?s=97110:18,97140:13,97116:10,97035:8&on={DAY}"
    )


def test_a_tie_offers_every_choice_and_prefers_none() -> None:
    page = get(f"/units?s=97112:20,97110:20&on={DAY}")
    choices = re.findall(r'href="([^"]+choose=\d+[^"]*)"', page)
    assert [re.search(r"choose=(\d+)", each)[1] for each in choices] == ["97110", "97112"]  # type: ignore[index]
    assert 'aria-current="true">97' not in page
    settled = get(unescape(choices[0]))
    assert "Tie, settled" in settled
    assert "Take the choice back" in settled
    assert get_json(unescape(choices[0]).replace("/units?", "/units.json?"))["units"][0]["chosen"] == ["97110"]


def test_a_choice_that_fits_no_tie_is_left_out_and_said() -> None:
    assert "fits no tie" in text(f"/units?s=97110:33,97140:7&on={DAY}&choose=97110")
    assert "fits no tie" in text(f"/units?s=97112:20,97110:20&on={DAY}&choose=97110,97110")


def test_a_payer_whose_method_is_unknown_counts_nothing_until_a_method_is_chosen() -> None:
    page = get(f"/units?s=97110:20&payer=aetna&on={DAY}")
    assert "units not known" in visible(page)
    for method in METHODS:
        chosen = text(f"/units?s=97110:20&payer=aetna&method={method}&on={DAY}")
        assert "1 unit supported" in chosen
        assert "the units follow the method you asked for, not its policy" in chosen


def test_the_difference_names_the_service_and_both_reasons() -> None:
    page = text(f"/units?s=97110:24,97112:8,97116:10&with=midpoint&on={DAY}")
    assert "97112 balance and movement re-training, 8 min 0 1" in page
    assert "no unit is left for it" in page
    assert "8 minutes of 97112 (8 or more of 15), counted by itself." in page


def test_the_difference_gives_the_rule_that_decided_and_no_other() -> None:
    hours = text(f"/units?s=97545:90,97110:20&with=midpoint&on={DAY}")
    assert "CMS expects the whole time of this code, and its minutes do not reach it." in hours
    assert "added up first" not in hours
    tie = text(f"/units?s=97112:7,97110:7,97140:7&with=midpoint&on={DAY}")
    assert "Counted by itself, it does not pass the middle of its time." in tie
    other_way = text(f"/units?s=97110:8,97112:8&with=midpoint&on={DAY}")
    assert "It is in a tie: the treating professional chooses which service takes the unit." in other_way


def test_a_tie_of_many_services_offers_every_way_or_says_how_many_more() -> None:
    seven = ["97110", "97112", "97116", "97140", "97530", "97535", "97035"]
    offered = get(f"/units?s={','.join(f'{code}:10' for code in seven)}&on={DAY}")
    assert len(re.findall(r'class="button" href="[^"]*choose=', offered)) == 21
    assert "more ways than fit" not in offered
    nine = [*seven, "97032", "97036"]
    page = get(f"/units?s={','.join(f'{code}:10' for code in nine)}&on={DAY}")
    ways = get_json(f"/units.json?s={','.join(f'{code}:10' for code in nine)}&on={DAY}")["units"][0]
    assert f"The rule allows {ways['allocations_count'] - 64} more ways than fit here." in visible(page)


def test_not_compared_where_one_is_not_known() -> None:
    assert "Not compared" in text(f"/units?s=97110:24&with=aetna&on={DAY}")


def test_the_drawing_holds_every_timed_minute_once_and_the_first_minute_of_each_unit(rulebook: Rulebook) -> None:
    counted = count_units(
        [ServiceMinutes("97110", 13, 23), ServiceMinutes("97140", 30), ServiceMinutes("97161", 20)],
        rulebook,
        on=date(2026, 3, 2),
    )
    drawn = band(counted, rulebook)
    assert drawn is not None
    assert [(part.code, part.minutes) for part in drawn.parts] == [("97110", 36), ("97140", 30)]
    assert [(tick.minute, tick.unit, tick.reached) for tick in drawn.ticks] == [
        (8, 1, True), (23, 2, True), (38, 3, True), (53, 4, True), (68, 5, False),
    ]  # fmt: skip
    assert band(count_units({"97110": 30}, rulebook, on=date(2026, 3, 2), payer="midpoint"), rulebook) is None
    assert band(count_units({"97161": 30}, rulebook, on=date(2026, 3, 2)), rulebook) is None


# -- pairs of codes, limits on units -------------------------------------------------------------------------------

TODAY = "2026-11-25"


def test_a_pair_in_force_stands_open_with_its_second_code_and_adds_no_modifier() -> None:
    link = f"/units?s=97530:30,97750:20&on={TODAY}"
    page = text(link)
    assert "Before it is billed 97530 + 97750 A person is asked" in page
    assert "Medicare Part B pays 97750 beside 97530 on one day only where the two were distinct." in page
    assert f"Last known 2024 Q3; whether it still stands on {TODAY} is not known." in page
    assert "What may open such a pair: 59, XE, XP, XS, XU." in page
    assert not {"59", "XE", "XP", "XS", "XU"} & {
        modifier
        for line in get_json(link.replace("/units?", "/units.json?"))["units"][0]["lines"]
        for modifier in line["modifiers"]
    }
    row = re.search(r'href="(/rules\?id=ptp_practitioner[^"]+)"', get(link))
    assert row is not None
    assert "97530+97750" in text(unescape(row[1]))


def test_a_pair_that_nothing_opens_holds_the_claim_and_comes_first() -> None:
    page = text(f"/units?s=97530:30,97750:20,97161:20,97162:30&on={TODAY}")
    assert "Before it is billed 97162 + 97161 Holds the claim" in page
    assert "In force on 2026-11-25 by release 2026 Q4." in page
    assert page.index("97162 + 97161 Holds") < page.index("97161 + 97750 Needs a look")
    assert page.index("97161 + 97750 Needs a look") < page.index("97530 + 97750 A person is asked")


def test_a_pair_that_was_deleted_asks_nothing_today_and_is_one_line() -> None:
    today = text(f"/units?s=97530:30,97140:20&on={TODAY}")
    assert "Before it is billed: nothing found" in today
    assert today.count(f"Looked up and no pair in force on {TODAY}: 97140+97530, as of release 2026 Q4.") == 1
    assert "A person is asked" not in today
    assert "97140 + 97530 A person is asked" in text("/units?s=97530:30,97140:20&on=2019-12-31")


def test_a_limit_exceeded_holds_the_claim_and_changes_no_unit() -> None:
    page = text(f"/units?s=97110:105&on={TODAY}")
    assert "7 units supported" in page
    assert "Before it is billed Holds the claim 97110: 7 units, and Medicare accepts 6" in page
    assert "never split the line or lower the units to pass" in page
    assert "Before it is billed: nothing found" in text(f"/units?s=97110:90&on={TODAY}")


def test_a_payer_whose_pairs_are_not_known_says_so_and_finds_nothing_clean() -> None:
    page = text(f"/units?s=97530:30,97750:20&payer=tricare&on={TODAY}")
    assert "Before it is billed 2 not checked" in page
    assert "no table of TRICARE is held for 2026-11-25" in page
    assert "nothing found" not in page
    assert "A person is asked" not in page


def test_the_modifiers_of_an_own_payer_that_nobody_read_are_not_guessed(own: Shelf) -> None:
    own.write(
        "organization/payers/acme.toml",
        'id = "acme"\nlabel = "Acme"\n\n[counting_method]\nunit = "enum"\n[[counting_method.at]]\nfrom = 2020-01-01\n'
        'value = "total"\nrefs = ["cms-ch5-20-2"]\nstatus = "local"\nchecked = 2026-11-25\n\n'
        '[pair_table]\nunit = "record"\n[[pair_table.at]]\nfrom = 2020-01-01\n'
        'value = { practitioner = "ptp_practitioner", releases = "medicare.ptp_releases" }\n'
        'refs = ["cms-ncci-ptp-2026"]\nstatus = "local"\nchecked = 2026-11-25\n',
    )
    page = text(f"/units?s=97530:30,97750:20&payer=acme&on={TODAY}")
    assert "97530 + 97750 A person is asked" in page
    assert "Which modifier this payer takes for such a pair is not known; none is added here." in page


def test_what_needs_the_whole_day_is_one_quiet_line_wherever_there_are_lines() -> None:
    quiet = "Place, telehealth, notices and KX need the whole day and are not checked here: fifteen assess does that."
    for asked in (f"s=97110:30&on={TODAY}", f"s=97530:30,97750:20&on={TODAY}"):
        assert text(f"/units?{asked}").count(quiet) == 1
    assert text(f"/units?s=97110:30,97530:30&with=tricare&on={TODAY}").count(quiet) == 2
    for asked in (f"s=97110:3&on={TODAY}", f"s=97110:30&payer=aetna&on={TODAY}", ""):
        assert "Before it is billed" not in text(f"/units?{asked}")


def test_with_an_open_tie_it_is_said_of_which_lines() -> None:
    said = "The tie is open, so this is said of the lines as they stand above."
    assert said in text(f"/units?s=97112:20,97110:20&on={TODAY}")
    assert said not in text(f"/units?s=97112:20,97110:20&on={TODAY}&choose=97110")


def test_the_data_holds_the_edits_of_each_answer(rulebook: Rulebook) -> None:
    found = get_json(f"/units.json?s=97530:30,97750:20&with=tricare&on={TODAY}")
    for payer, edits in zip(("medicare", "tricare"), found["edits"], strict=True):
        counted = count_units({"97530": 30, "97750": 20}, rulebook, on=date(2026, 11, 25), payer=payer)
        assert edits == json.loads(msgspec.json.encode(edits_of_lines(counted, rulebook).findings))


def test_findings_stay_out_of_the_text_for_a_note() -> None:
    link = f"/units.txt?s=97530:30,97750:20,97110:105&on={TODAY}"
    found = Client().get(link, HTTP_HOST="localhost").content.decode()
    assert "97750" in found
    for word in ("distinct", "accepts", "NCCI", "MUE"):
        assert word not in found


@pytest.mark.parametrize(
    "asked", ["s=97530:30,97750:20,97110:105,97161:20,97162:30", "s=97530:30,97750:20&payer=tricare"]
)
def test_pairs_and_limits_in_spanish(asked: str) -> None:
    page = text(f"/units?{asked}&on={TODAY}&lang=es")
    part = page.partition("Antes de facturar")[2].partition("Llévelo")[0]
    assert "no se verifican aquí" in part
    assert ("97530 + 97750 Lo decide una persona" in part) == ("tricare" not in asked)
    assert not re.search(r"\b(the|not|was|which|pays?|units|looked)\b", part)


# -- price ---------------------------------------------------------------------------------------------------------


def test_price_is_shown_only_when_asked_and_is_the_engine_s(rulebook: Rulebook) -> None:
    link = f"/units?s=97110:13%2B23a,97140:30&on={DAY}"
    assert "Expected payment" not in text(link)
    counted = answer(read_asked(QueryDict(link[7:]), rulebook, date(2026, 3, 2)), rulebook).sides[0].answer
    priced = price(counted.lines, rulebook, on=date(2026, 3, 2), payer="medicare", locality="15202-00")
    page = text(f"{link}&locality=15202-00")
    assert f"In all {priced.allowed} {priced.coinsurance}" in page
    assert str(priced.medicare_paid) in page
    for step in priced.explain:
        assert step.because in page


def test_price_waits_for_the_tie() -> None:
    tie = f"/units?s=97112:20,97110:20&on={DAY}&locality=national"
    assert "a price never helps to choose" in text(tie)
    assert "In all" not in text(tie)
    assert "In all" in text(f"{tie}&choose=97110")


def test_units_are_the_same_with_and_without_a_price() -> None:
    plain = get_json(f"/units.json?s=97110:24,97140:20&on={DAY}")["units"]
    assert get_json(f"/units.json?s=97110:24,97140:20&on={DAY}&locality=national")["units"] == plain


def test_a_locality_that_no_table_holds_is_one_sentence() -> None:
    page = text(f"/units?s=97110:24&on={DAY}&locality=99999-99")
    assert "99999-99" in page
    assert "2 units supported" in page


# -- links ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        "s=97110:33,97140:7&on=2026-03-02",
        "s=97110:13+23a,97140:9a,97161:0&payer=cigna&with=midpoint&method=total&on=2026-03-02",
        "s=97129:15&as=SLP&on=2025-01-01&choose=97129&locality=15202-00&printed=3&lang=es",
    ],
)
def test_a_link_holds_the_whole_question(query: str, rulebook: Rulebook) -> None:
    asked = read_asked(QueryDict(query), rulebook, date(2026, 11, 25))
    assert asked.link() == query
    assert read_asked(QueryDict(asked.link()), rulebook, date(1999, 1, 1)) == asked


def test_the_form_without_javascript_asks_the_same() -> None:
    form = f"/units?code=97110&min=13&asst=23&code=97140&min=30&asst=&code=&min=&asst=&payer=medicare&on={DAY}"
    assert (
        text(form).split("Take it with you")[0].split("supported")[1:]
        == text(f"/units?s=97110:13%2B23a,97140:30&on={DAY}").split("Take it with you")[0].split("supported")[1:]
    )


def test_search_without_javascript_finds_by_code_and_by_plain_word() -> None:
    assert "97116 walking training" in text("/units?find=walk")
    assert "92526 swallowing therapy" in text("/units?find=swallow+ther")
    assert 'name="add" value="97530"' in get("/units?find=9753")
    assert "No service of the catalogue" in text("/units?find=zzz")


def test_text_for_a_note_has_minutes_units_and_rule_and_no_finding() -> None:
    found = Client().get(f"/units.txt?s=97110:33,97140:7,97161:30&on={DAY}", HTTP_HOST="localhost").content.decode()
    assert "97110 exercise: 33 min, 2 units GP" in found
    assert "Timed-code minutes: 40" in found
    assert "Minutes of all services above: 70" in found
    assert "CMS Pub. 100-04 ch. 5 §20.2" in found
    assert "higher count" not in found


# -- wrong input ---------------------------------------------------------------------------------------------------

WRONG = {
    "s=97110:x": "it is not a whole number of minutes",
    "s=97110:-5": "minutes cannot be negative",
    "s=97110:12345678": "more than 7 digits",
    "s=97110:": "97110 has no minutes yet",
    "s=:15": "minutes without a service",
    "s=abc:15": "is not a procedure code",
    "s=97999:15": "97999 is not in the service catalogue",
    "s=97110:10,97110:12": "97110 is given twice; give it once with all its minutes of the day, 22",
    "s=97110:15&on=2026-02-30": "is not a date of the calendar",
    "s=97110:15&on=1999-01-01": "is not known for 1999-01-01",
    "s=97110:15&payer=nobody": "payer 'nobody' is not in the rulebook",
    "s=97110:15&with=nobody": "payer 'nobody' is not in the rulebook",
    "s=97110:15&as=XX": "discipline “XX” is not known",
    "s=97110:15&method=guess": "method 'guess' is not known",
    "s=97110:15&method=midpoint": "payer medicare counts by total",
}


@pytest.mark.parametrize("query", WRONG)
def test_wrong_input_is_one_sentence_and_keeps_what_was_typed(query: str) -> None:
    page = get(f"/units?{query}")
    assert WRONG[query] in visible(page)
    assert "What you typed is still there" in visible(page)
    assert "supported" not in visible(page)
    typed = query.partition("&")[0].removeprefix("s=").split(",")[0]
    code, _, minutes = typed.partition(":")
    for value in filter(None, (code, minutes)):
        assert f'value="{value.upper() if value == code else value}"' in page
    refused = Client().get(f"/units.json?{query}", HTTP_HOST="localhost")
    assert refused.status_code == 400
    assert WRONG[query] in refused.json()["error"]


def test_nothing_given_is_no_error_on_the_page_and_one_in_the_data() -> None:
    assert "Tap a service" in text("/units")
    assert Client().get("/units.json", HTTP_HOST="localhost").status_code == 400


ATTACKS = ["<script>x()</script>", '"><img src=x onerror=x()>', "'\"`{{7*7}}{% now 'Y' %}", "javascript:x()"]


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize(
    "field",
    [
        "s",
        "code",
        "min",
        "asst",
        "payer",
        "with",
        "method",
        "as",
        "on",
        "choose",
        "locality",
        "printed",
        "find",
        "lang",
    ],
)
def test_what_is_typed_is_shown_as_text(field: str, attack: str) -> None:
    answer = Client().get("/units", {"s": "97110:20", field: attack}, HTTP_HOST="localhost")
    page = answer.content.decode()
    assert answer.status_code == 200
    for raw in ("<script>x()", "<img src=x", "49{%", 'href="javascript:'):
        assert raw not in page


def test_more_services_than_there_are_count_nothing_and_it_is_said() -> None:
    page = get("/units?s=" + ",".join(f"97110:{number}" for number in range(2000)))
    assert page.count('class="line"') < 210
    assert "2000 services were given and 200 fit; nothing was counted" in visible(page)
    assert "supported" not in visible(page)


# -- headers -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/units", "/units/answer", "/units.json", "/units/numbers.json", "/sw.js", "/nowhere"]
)
def test_every_answer_has_the_strict_policy_and_no_cookie(path: str) -> None:
    answer = Client().get(path, HTTP_HOST="localhost")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert not answer.cookies


def test_pages_hold_no_inline_script_style_or_foreign_address() -> None:
    for path in ("/units", f"/units?s=97110:24,97112:20&with=midpoint&on={DAY}&locality=national", "/nowhere"):
        page = get(path, status=404 if path == "/nowhere" else 200)
        assert not re.search(r"<style|\sstyle=|\son\w+=", page)
        assert not re.search(r"<script(?![^>]*\ssrc=\"/static/)", page)
        assert not re.search(r"(?:src|href)=\"https?:", page)


def test_another_host_is_refused_without_its_name() -> None:
    answer = Client().get("/units", HTTP_HOST="evil.example")
    assert answer.status_code == 400
    assert b"evil" not in answer.content


def test_unsafe_methods_are_refused() -> None:
    assert Client().post("/units", HTTP_HOST="localhost").status_code == 405


def test_the_service_worker_names_this_release_and_every_file() -> None:
    script = Client().get("/sw.js", HTTP_HOST="localhost")
    assert script.headers["Cache-Control"] == "no-cache"
    kept = json.loads(script.content.decode().split("\n")[0].removeprefix("const KEPT = ").rstrip(";"))
    assert "/static/fifteen/units.js" in kept["files"]
    assert all(each.startswith("/static/fifteen/") for each in kept["files"])
    assert re.fullmatch("[0-9a-f]{16}", kept["release"])


# -- languages -----------------------------------------------------------------------------------------------------


def test_the_language_of_the_link_wins_over_the_browser_s() -> None:
    spanish = Client().get("/units", HTTP_HOST="localhost", HTTP_ACCEPT_LANGUAGE="es-US,es;q=0.9")
    assert '<html lang="es"' in spanish.content.decode()
    english = Client().get("/units?lang=en", HTTP_HOST="localhost", HTTP_ACCEPT_LANGUAGE="es-US,es;q=0.9")
    assert '<html lang="en"' in english.content.decode()
    assert spanish.headers["Content-Language"] == "es"
    assert "Accept-Language" in spanish.headers["Vary"]


def test_a_language_that_is_not_held_is_english() -> None:
    answer = Client().get("/units?lang=xx", HTTP_HOST="localhost", HTTP_ACCEPT_LANGUAGE="fr")
    assert '<html lang="en"' in answer.content.decode()
