"""96 and 97: for payers that ask, by what is said of each visit, never by a guess."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fifteen.rulebook import Rulebook
from tests.engine.modifiers.days import assessed, held_of, ids_of, lines_of, said
from tests.rulebook.conftest import Shelf

LEARNS = {"discipline": "PT", "purpose": "habilitative", "minutes": {"97110": 30}}
REGAINS = {"discipline": "PT", "purpose": "rehabilitative", "minutes": {"97110": 15, "97140": 15}}
UNSAID = {"discipline": "PT", "minutes": {"97110": 15}}
ACME = {"payer": "acme"}


@pytest.fixture(scope="session")
def asking(tmp_path_factory: pytest.TempPathFactory) -> Rulebook:
    """Acme asks for 96 or 97 from 2017 on; the modifiers are held from 2018."""
    shelf = Shelf(tmp_path_factory.mktemp("purpose"))
    shelf.write(
        "organization/payers/acme.toml",
        'id = "acme"\nlabel = "Acme"\nextends = "midpoint"\n\n[purpose_modifier]\nunit = "yes-no"\n'
        '[[purpose_modifier.at]]\nfrom = 2017-06-01\nvalue = true\nrefs = ["recalled"]\nstatus = "local"\n',
    )
    return shelf.load()


@pytest.mark.parametrize(
    ("visits", "lines", "held", "findings"),
    [
        ([LEARNS], ["97110 x2 96"], [], []),
        ([REGAINS], ["97110 x1 97", "97140 x1 97"], [], []),
        ([UNSAID], ["97110 x1"], ["97110"], ["purpose.missing"]),
        ([LEARNS, REGAINS], ["97110 x3", "97140 x1 97"], ["97110"], ["purpose.mixed"]),
        ([LEARNS, UNSAID], ["97110 x3"], ["97110"], ["purpose.missing"]),
        ([LEARNS, {**REGAINS, "discipline": "OT"}], ["97110 x2 96", "97110 x1 97", "97140 x1 97"], [], []),
    ],
)
def test_a_payer_that_asks(visits: Any, lines: Any, held: Any, findings: Any, asking: Rulebook) -> None:
    answer = assessed(asking, visits, coverage=ACME)
    assert (lines_of(answer), held_of(answer), ids_of(answer, "purpose")) == (lines, held, findings)


def test_why_it_stands(asking: Rulebook) -> None:
    (reason,) = assessed(asking, [LEARNS], coverage=ACME).explain_modifiers
    assert (reason.rule, reason.since, reason.status) == ("cpt.purpose_modifier", date(2018, 1, 1), "local")
    assert (
        reason.because
        == "The payer asks what therapy is for; each visit that gave 97110 was habilitative (a skill is learned)."
    )


@pytest.mark.parametrize(("visit", "findings"), [(LEARNS, ["purpose.payer-not-known"]), (UNSAID, [])])
def test_a_payer_of_which_nothing_is_known(visit: Any, findings: list[str], rulebook: Rulebook) -> None:
    answer = assessed(rulebook, [visit], coverage={"payer": "highmark"})
    assert (held_of(answer), ids_of(answer, "purpose")) == ([], findings)
    assert not {"96", "97"} & set(" ".join(lines_of(answer)).split())


def test_a_purpose_of_a_visit_without_time_asks_nothing(rulebook: Rulebook) -> None:
    answer = assessed(rulebook, [UNSAID, {**LEARNS, "minutes": {}}], coverage={"payer": "highmark"})
    assert said(answer, "purpose") == []


@pytest.mark.parametrize("visit", [LEARNS, UNSAID])
def test_medicare_does_not_ask(visit: Any, rulebook: Rulebook) -> None:
    answer = assessed(rulebook, [visit])
    assert ids_of(answer, "purpose") == []
    assert all(line.endswith(" GP") for line in lines_of(answer))


def test_before_there_were_96_and_97_it_is_not_known(asking: Rulebook) -> None:
    answer = assessed(asking, [LEARNS], coverage=ACME, date="2017-12-31")
    assert (lines_of(answer), ids_of(answer, "purpose")) == (["97110 x2"], ["purpose.payer-not-known"])
    assert lines_of(assessed(asking, [LEARNS], coverage=ACME, date="2018-01-01")) == ["97110 x2 96"]


@settings(max_examples=50)
@given(st.lists(st.sampled_from([None, "habilitative", "rehabilitative"]), min_size=1, max_size=3))
def test_one_purpose_or_none(asking: Rulebook, purposes: list[str | None]) -> None:
    visits = [{"discipline": "PT", "purpose": each, "minutes": {"97110": 15}} for each in purposes]
    (line,) = assessed(asking, visits, coverage=ACME).lines
    marks = {"habilitative": "96", "rehabilitative": "97"}
    expected = (marks[str(purposes[0])],) if len(set(purposes)) == 1 and purposes[0] else ()
    assert line.modifiers == expected
    assert bool(line.held) == (not expected)
