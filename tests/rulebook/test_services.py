"""The service catalogue: codes, families, dates, and what is remembered."""

from datetime import date

import pytest

from fifteen.kernel.errors import UnknownCode
from fifteen.rulebook import Rulebook

from .conftest import Shelf

DAY = date(2026, 3, 2)
COLUMNS = (
    "code,from,until,known,kind,unit_minutes,counts_from,pooled,continues,needs,period,disciplines,label,refs,status\n"
)


def test_a_timed_code(rulebook: Rulebook) -> None:
    service = rulebook.service("97110", DAY)
    assert service is not None
    assert (service.label, service.unit_minutes, service.counts_from, service.pooled) == ("exercise", 15, 8, True)
    assert (service.continues, service.disciplines, service.until) == (None, (), None)
    assert service.cite == "CMS Pub. 100-04 ch. 5 §20.2"


def test_an_untimed_code(rulebook: Rulebook) -> None:
    service = rulebook.service("97161", DAY)
    assert service is not None
    assert (service.unit_minutes, service.counts_from, service.pooled, service.disciplines) == (None, 0, False, ("PT",))


@pytest.mark.parametrize(
    ("on", "held"),
    [
        (date(2017, 12, 31), False),
        (date(2018, 1, 1), True),
        (date(2019, 12, 31), True),
        (date(2020, 1, 1), False),
    ],
)
def test_a_code_has_its_time(on: date, held: bool, rulebook: Rulebook) -> None:
    assert (rulebook.service("G0515", on) is not None) == held


def test_an_unknown_code_says_where_to_look(rulebook: Rulebook) -> None:
    with pytest.raises(UnknownCode) as error:
        rulebook.service("97999", DAY)
    assert str(error.value) == (
        "97999 is not in the service catalogue; check the number, or look it up with `fifteen rulebook show services`."
    )


def test_services_are_those_in_force_by_code(rulebook: Rulebook) -> None:
    codes = [service.code for service in rulebook.services(date(2019, 6, 1))]
    assert codes == sorted(codes)
    assert "G0515" in codes
    assert "97550" not in codes


@pytest.mark.parametrize(
    ("code", "family"),
    [
        ("97110", ("97110", None)),
        ("97550", ("97550", "97551")),
        ("97551", ("97550", "97551")),
        ("97546", ("97545", "97546")),
        ("97598", ("97598", None)),
    ],
)
def test_kin(code: str, family: tuple[str, str | None], rulebook: Rulebook) -> None:
    for _ in range(2):  # the second time from memory
        kin = rulebook.kin(code, DAY)
        assert kin is not None
        assert (kin[0].code, kin[1] and kin[1].code) == family


def test_no_kin_outside_its_time(rulebook: Rulebook) -> None:
    assert rulebook.kin("97551", date(2023, 12, 31)) is None


def row(code: str, start: str, until: str = "", continues: str = "") -> str:
    return f"{code},{start},{until},,procedure,15,8,yes,{continues},,day,,exercise,recalled,local\n"


def test_an_addon_whose_base_has_ended_is_its_own_base(shelf: Shelf) -> None:
    rows = row("97991", "2020-01-01", "2022-01-01") + row("97992", "2020-01-01", continues="97991")
    shelf.table("organization", "services", COLUMNS + rows)
    kin = shelf.load().kin("97992", DAY)
    assert kin is not None
    assert kin[0].code == "97992"


def test_an_addon_that_no_longer_continues_is_no_kin(shelf: Shelf) -> None:
    rows = row("97991", "2020-01-01") + row("97992", "2020-01-01", continues="97991") + row("97992", "2022-01-01")
    shelf.table("organization", "services", COLUMNS + rows)
    kin = shelf.load().kin("97991", DAY)
    assert kin is not None
    assert kin[1] is None


@pytest.mark.parametrize(
    ("code", "span"),
    [("97550", "from 2024-01-01"), ("G0515", "from 2018-01-01 until 2020-01-01")],
)
def test_the_span_of_a_code_in_words(code: str, span: str, rulebook: Rulebook) -> None:
    assert rulebook.service_span(code) == span


def test_the_span_runs_over_all_rows(shelf: Shelf) -> None:
    rows = row("97991", "2020-01-01", "2021-01-01") + row("97991", "2022-01-01", "2023-01-01")
    shelf.table("organization", "services", COLUMNS + rows)
    assert shelf.load().service_span("97991") == "from 2020-01-01 until 2023-01-01"


def test_the_span_follows_the_layer_that_wins(shelf: Shelf) -> None:
    shelf.table("home", "services", COLUMNS + row("97991", "2020-01-01"))
    shelf.table("organization", "services", COLUMNS + row("97991", "2020-01-01", "2023-01-01"))
    book = shelf.load()
    assert book.service("97991", DAY) is None
    assert book.service_span("97991") == "from 2020-01-01 until 2023-01-01"


def test_asking_twice_gives_the_same_object(rulebook: Rulebook) -> None:
    assert rulebook.service("97140", DAY) is rulebook.service("97140", DAY)
    assert rulebook.row("therapy_list", "97140", DAY) is rulebook.row("therapy_list", "97140", DAY)
    assert rulebook.value("cpt.midpoint", DAY) is rulebook.value("cpt.midpoint", DAY)


def test_what_follows_from_the_rulebook_is_made_once(shelf: Shelf) -> None:
    book, made = shelf.load(), []
    for _ in range(2):
        assert book.remember(("test", DAY), lambda: made.append(1) or "made") == "made"
    assert made == [1]


def test_nothing_is_remembered_too(shelf: Shelf) -> None:
    book, made = shelf.load(), []
    for _ in range(2):
        assert book.remember("test", lambda: made.append(1)) is None
    assert made == [1]
