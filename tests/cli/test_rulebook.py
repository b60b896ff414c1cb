"""`fifteen rulebook show`: whatever the rulebook holds, as it stands on a date."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fifteen.rulebook import Rulebook
from fifteen.rulebook.schema import POLICY_FIELDS

from .conftest import Done

Run = Callable[..., Done]
ON = ("--on", "2026-03-02")


@pytest.fixture
def items(run: Run) -> Callable[..., list[dict[str, Any]]]:
    def call(*args: str) -> list[dict[str, Any]]:
        done = run("rulebook", "show", "--json", *args)
        assert (done.code, done.err) == (0, "")
        found = json.loads(done.out)
        assert set(found) == {"on", "rulebook", "items"}
        rows: list[dict[str, Any]] = found["items"]
        return rows

    return call


Items = Callable[..., list[dict[str, Any]]]


def test_everything_is_listed(items: Items, rulebook: Rulebook) -> None:
    found = [item["id"] for item in items(*ON)]
    rules = {name for name in rulebook.parameters if not name.startswith("payer.")}
    payers = {payer.id for payer in rulebook.payers}
    assert set(found) == rules | payers | set(rulebook.tables) | set(rulebook.references)
    assert len(set(found)) == len(found)


def test_each_name_that_is_listed_can_be_shown(items: Items) -> None:
    names = [item["id"] for item in items(*ON)]
    assert [name for name in names if not items(name, *ON)] == []


def test_a_rule(items: Items) -> None:
    [item] = items("medicare.timed_unit", *ON)
    assert item["value"] == {"minutes": 15, "counts_from": 8}
    assert (item["kind"], item["since"], item["until"], item["layer"]) == ("rule", "2017-01-01", None, "package")
    assert (item["status"], item["cite"]) == ("primary", "CMS Pub. 100-04 ch. 5 §20.2")


def test_a_rule_outside_its_dates_is_not_known(items: Items) -> None:
    [item] = items("medicare.timed_unit", "--on", "1999-01-01")
    assert (item["value"], item["since"]) == (None, None)
    assert "is not known for 1999-01-01" in item["note"]


def test_a_payer_shows_each_field(items: Items) -> None:
    payer, *fields = items("cigna", *ON)
    assert (payer["id"], payer["title"]) == ("cigna", "Cigna")
    assert [field["id"].rsplit(".", 1)[1] for field in fields] == list(POLICY_FIELDS)
    known = {field["title"]: field["value"] for field in fields}
    assert (known["counting method"], known["assistant factor"], known["line order"]) == (None, 85, "as-listed")


@pytest.mark.parametrize(
    ("on", "value", "note"),
    [("2022-10-14", None, "not known on 2022-10-14; known from 2022-10-15"), ("2022-10-15", 85, "")],
)
def test_a_payer_before_and_from_its_date(on: str, value: int | None, note: str, items: Items) -> None:
    [field] = [item for item in items("cigna", "--on", on) if item["title"] == "assistant factor"]
    assert (field["value"], field["note"]) == (value, note)


def test_a_code_is_shown_with_its_rows(items: Items) -> None:
    found = {item["kind"]: item for item in items("97014", *ON)}
    assert set(found) == {"service", "medicare_code_status", "mue", "rvu_2026"}
    assert found["service"]["title"]
    assert found["medicare_code_status"]["value"]["use_instead"] == "G0283"


def test_a_code_outside_its_dates_says_when_it_is_held(items: Items) -> None:
    [item] = items("97550", "--on", "2023-12-31")
    assert (item["value"], item["note"]) == (None, "not in force on 2023-12-31; held from 2024-01-01")


@pytest.mark.parametrize("table", ["services", "therapy_list", "medicare_code_status"])
def test_a_table_shows_the_rows_in_force(table: str, items: Items, rulebook: Rulebook) -> None:
    now, never = items(table, *ON), items(table, "--on", "1999-01-01")
    assert {item["id"] for item in now} < {row[0] for row in rulebook.tables[table].rows}
    assert [item["kind"] for item in never] == ["table"]


def test_a_source(items: Items) -> None:
    [item] = items("cms-ch5-20-2", *ON)
    assert (item["kind"], item["cite"]) == ("source", "CMS Pub. 100-04 ch. 5 §20.2")
    assert "https://www.cms.gov" in item["note"]
    assert "(read: whole)" in item["note"]


@pytest.mark.parametrize("written", ["G0283", "g0283", " g0283 "])
def test_case_does_not_matter(written: str, items: Items) -> None:
    assert items(written, *ON) == items("G0283", *ON)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("nonsense", "`fifteen rulebook show` lists what it holds"),
        ("medicare.timed_units", "did you mean medicare.timed_unit"),
        ("97999", "did you mean"),
        ("", "`fifteen rulebook show` lists what it holds"),
    ],
)
def test_an_unknown_name_is_told_a_near_one(name: str, hint: str, refused: Callable[..., str]) -> None:
    assert hint in refused("rulebook", "show", name)


@pytest.mark.parametrize("args", [("97110", "97140"), ("97110", "--on", "someday"), ("97110", "--colour")])
def test_asked_wrongly(args: tuple[str, ...], refused: Callable[..., str]) -> None:
    refused("rulebook", "show", *args)


def test_rulebook_alone_shows_its_commands(run: Run) -> None:
    done = run("rulebook")
    assert "show" in done.out + done.err


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ((), ["Rulebook on 2026-03-02", "sha256:", "Rule", "Payer", "Table", "Source", "medicare.timed_unit"]),
        (("medicare.timed_unit",), ["minutes 15, counts from 8", "from 2017-01-01; primary; package layer"]),
        (("medicare.expected_average",), ["15 minutes"]),
        (("medicare.whole_time_codes",), ["97545, 97546"]),
        (("medicare",), ["Medicare Part B", "multiple procedure payment reduction yes", "assistant factor 85 percent"]),
        (("cigna",), ["4 units per visit for one treating provider", "as listed on the claim"]),
        (("aetna",), ["not known: no text was found"]),
        (("97140",), ["manual therapy", "in day total yes", "Therapy list", "always"]),
        (("services",), ["97113 exercise in water (secondary)"]),
        (("cms-ch5-20-2",), ["reporting of units", "[CMS Pub. 100-04 ch. 5 §20.2]"]),
        (("g0515", "--on", "2019-01-01"), ["from 2018-01-01 until 2020-01-01"]),
        (("97110", "--on", "1999-01-01"), ["not known", "held from 2017-01-01"]),
    ],
)
def test_the_words_of_the_page(args: tuple[str, ...], words: list[str], run: Run) -> None:
    done = run("rulebook", "show", *ON, *args)
    assert (done.code, done.err) == (0, "")
    assert [word for word in words if word not in " ".join(done.out.split())] == []


def test_the_whole_list_ends_with_what_is_held_of_pairs_and_limits(run: Run) -> None:
    said = " ".join(run("rulebook", "show", "--on", "2026-11-25").out.partition("Pairs and unit limits")[2].split())
    assert "ptp_practitioner 772 pairs in force as last known, of 1268 held 2024 Q3" in said
    assert "2026 Q4 2026-10-01 to 2026-12-31, of this date; 8 codes" in said
    assert "mue hospital 2024 Q3 2024-07-01 to 2024-09-30, ended 786 days before; 137 codes" in said
    before = run("rulebook", "show", "--on", "2024-10-01").out
    assert "ended 1 day before" in before
    assert "made for later days" in before
    assert "Pairs and unit limits" not in run("rulebook", "show", "medicare").out


def test_a_payer_says_whom_it_extends(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "organization" / "payers" / "acme.toml"
    file.parent.mkdir(parents=True)
    file.write_text('id = "acme"\nlabel = "Acme"\nextends = "medicare"\nnote = "By letter."')
    monkeypatch.setenv("FIFTEEN_HOME", str(tmp_path))
    assert "Extends medicare. By letter." in run("rulebook", "show", "acme", *ON).out


def test_a_row_of_the_organization_says_so(items: Items, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "code,from,until,known,list,refs,status\n97140,2017-01-01,,,sometimes,recalled,local\n"
    file = tmp_path / "organization" / "tables" / "therapy_list.csv"
    file.parent.mkdir(parents=True)
    file.write_text(text)
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    file.with_suffix(".toml").write_text(f'release = "1"\nsource = "a test"\nsha256 = "{sha256}"\n')
    monkeypatch.setenv("FIFTEEN_HOME", str(tmp_path))
    [row] = [item for item in items("97140", *ON) if item["kind"] == "therapy_list"]
    assert (row["value"]["list"], row["layer"]) == ("sometimes", "organization")


def test_what_is_not_known_is_said_once(run: Run) -> None:
    page = run("rulebook", "show", "aetna", *ON).out
    assert page.count("not known: no text was found") == len(POLICY_FIELDS)
    assert "not known not known" not in " ".join(page.split())


@pytest.mark.parametrize(
    ("cap", "words"),
    [
        ('{ cents = 9000, per = "day", scope = "npi" }', "$90.00 per day for one treating provider"),
        (
            '{ rvu = "4.5", per = "visit", scope = "discipline" }',
            "4.5 relative value units per visit for one discipline",
        ),
    ],
)
def test_a_cap_in_words(cap: str, words: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "organization" / "payers" / "acme.toml"
    file.parent.mkdir(parents=True)
    file.write_text(
        'id = "acme"\nextends = "medicare"\n[money_cap]\nunit = "record"\n[[money_cap.at]]\nfrom = 2020-01-01\n'
        f'value = {cap}\nrefs = ["recalled"]\nstatus = "local"\n'
    )
    monkeypatch.setenv("FIFTEEN_HOME", str(tmp_path))
    page = run("rulebook", "show", "acme", *ON).out
    assert words in page
    assert "package layer; as for medicare" in page


# -- explain -----------------------------------------------------------------------------------------------------------

TODAY = ("--on", "2026-11-25")


def test_a_pair_is_told_from_its_first_row_on(run: Run) -> None:
    done = run("rulebook", "explain", "97530", "97140", *TODAY)
    assert (done.code, done.err) == (0, "")
    assert done.out == (
        "97530 and 97140 on 2026-11-25\n"
        "medicare, practitioner table (ptp_practitioner)\n"
        "\n"
        "97530 and 97140 raise nothing for Medicare Part B on 2026-11-25.\n"
        "As of release 2026 Q4.\n"
        "Their pair was deleted: it was in force up to 2019-12-31.\n"
        "\n"
        "Every row\n"
        "\n"
        "  97140 + 97530  from 2000-07-01 to 2019-12-31: not in force\n"
        "    97530 is paid beside 97140 only where the two were distinct, by a modifier.\n"
        "    indicator 1; both its days were read in CMS's rows; Mutually exclusive procedures; shown by\n"
        "    2024 Q3 to 2026 Q4; primary\n"
        "    [CMS NCCI PTP edits v32.2 and v32.3, 2026 Q3 and Q4; CMS NCCI PTP edits v30.2, 2024 Q3]\n"
    )


def test_rows_that_were_withdrawn_or_only_last_known_say_so(run: Run) -> None:
    out = run("rulebook", "explain", "97530", "97116", "--on", "2019-12-31").out
    assert "97530 + 97116  from 1999-07-01 to 2019-12-31: in force\n" in out
    assert "97530 + 97116  from 2020-10-01 to 2020-10-01: withdrawn\n" in out
    out = run("rulebook", "explain", "97161", "97750", "--table", "hospital", *TODAY).out
    assert "97161 + 97750  from 2020-10-01 on: in force when last known\n" in out
    assert "97161 + 97750  from a day not known to 2017-12-31: not in force\n" in out
    assert "shown by 2024 Q3; secondary" in " ".join(out.split())
    out = run("rulebook", "explain", "97530", "97750", "--known", "2020-08-31", "--on", "2020-10-01").out
    assert out.startswith("97530 and 97750 on 2020-10-01, as known 2020-08-31\n")


def test_the_pairs_of_one_code_and_a_payer_without_a_table(run: Run) -> None:
    out = run("rulebook", "explain", "97162", "--on", "2026-11-25").out
    assert "\nIn force\n" in out
    assert "97162 + 97161  from 2020-10-01 on: in force\n" in out
    out = run("rulebook", "explain", "97530", "97140", "--payer", "aetna").out
    assert "aetna, practitioner table\n" in out
    assert "Not known: no table of Aetna is held for" in out
    assert "Every row" not in out
    own = run("rulebook", "explain", "99281", "97161", *TODAY).out
    assert "shown by 2026 Q3 to 2026 Q4; primary" in " ".join(own.split())


def test_explain_as_json(run: Run) -> None:
    found = json.loads(run("rulebook", "explain", "97530", "97750", "--json", *TODAY).out)
    assert set(found) == {
        "rulebook", "on", "known", "payer", "table", "table_id", "codes", "release", "says", "rows",
    }  # fmt: skip
    assert found["rows"][-1]["in_force"] is True
    assert (found["codes"], found["release"]) == (["97530", "97750"], "2024 Q3")


@pytest.mark.parametrize("args", [(), ("97530", "97530"), ("nonsense",), ("97530", "97140", "--table", "clinic")])
def test_explain_asked_wrongly(args: tuple[str, ...], refused: Callable[..., str]) -> None:
    refused("rulebook", "explain", *args)


# -- as it was known ---------------------------------------------------------------------------------------------------


def test_what_is_shown_as_it_was_known(run: Run, items: Items) -> None:
    id_ = "medicare.conversion_factor"
    on = ("--on", "2024-01-05")
    done = run("rulebook", "show", id_, *on, "--known", "2024-01-05", "--json")
    found = json.loads(done.out)
    assert found["rulebook"].endswith(" as known 2024-01-05")
    assert [found["items"][0]["id"]] == [item["id"] for item in items(id_, *on)]


@pytest.mark.parametrize(
    "args", [("units", "97110:33"), ("price", "97110x1"), ("rulebook", "show"), ("rulebook", "explain", "97530")]
)
def test_a_day_that_is_none_is_refused(args: tuple[str, ...], refused: Callable[..., str]) -> None:
    assert "--known" in refused(*args, "--known", "yesterday")


def test_units_and_prices_as_they_were_known(run: Run) -> None:
    for args in (("units", "97110:33"), ("price", "97110x1")):
        found = json.loads(run(*args, "--on", "2024-01-05", "--known", "2024-01-05", "--json").out)
        assert found["on"] == "2024-01-05"
    example = str(Path(__file__).parents[2] / "examples/days/plain.json")
    found = json.loads(run("assess", example, "--known", "2026-01-01", "--json").out)
    assert found["rulebook"].endswith(" as known 2026-01-01")
