"""Prices in one line, and a rulebook of an organization with payers of its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from tests.rulebook.conftest import Shelf

from fifteen import price
from fifteen.engine.pricing import PriceAnswer, read_line
from fifteen.rulebook import Rulebook

settings.register_profile("pricing", deadline=None)
settings.load_profile("pricing")

DAY = date(2026, 5, 4)
Priced = Callable[..., PriceAnswer]


@pytest.fixture
def priced(rulebook: Rulebook) -> Priced:
    """`priced("97110x2:GP ...", **terms)`, by default for Medicare in Ohio on `DAY`."""

    def call(lines: str, book: Rulebook = rulebook, **terms: Any) -> PriceAnswer:
        terms = {"on": DAY, "locality": "15202-00", **terms}
        return price([read_line(text) for text in lines.split()], book, **terms)

    return call


class Own(Shelf):
    """An organization's rulebook: payers, tables and its charge master."""

    def payer(self, name: str = "acme", **fields: str) -> Rulebook:
        """Describe a payer by fields, each a TOML value that holds from 2020; the rulebook with it."""
        units = {"mppr": "yes-no", "assistant_factor": "percent", "coinsurance": "percent", "counting_method": "enum"}
        units |= {"line_order": "enum", "pair_modifiers": "list"}
        text = f'id = "{name}"\nlabel = "{name.title()}"\n'
        for field, value in fields.items():
            text += f'\n[{field}]\nunit = "{units.get(field, "record")}"\n[[{field}.at]]\nfrom = 2020-01-01\n'
            text += f'value = {value}\nrefs = ["recalled"]\nstatus = "local"\n'
        self.write(f"organization/payers/{name}.toml", text)
        return self.load()

    def law(self, name: str, unit: str, value: str, start: str = "2020-01-01", area: str = "organization") -> Rulebook:
        text = f'[{name}]\ntitle = "own"\nunit = "{unit}"\n[[{name}.at]]\nfrom = {start}\nvalue = {value}\n'
        self.write(f"organization/law/{area}/{name}.toml", f'{text}refs = ["recalled"]\nstatus = "local"\n')
        return self.load()

    def fees(self, name: str, columns: str, *rows: str) -> Rulebook:
        text = f"code,from,until,known,{columns},refs,status\n"
        for row in rows:
            code, rest = row.split(",", 1)
            text += f"{code},2020-01-01,,,{rest},recalled,local\n"
        self.table("organization", name, text)
        return self.load()


@pytest.fixture
def own(tmp_path: Path) -> Own:
    return Own(tmp_path)


def ids(answer: PriceAnswer) -> list[str]:
    return [finding.id for finding in answer.findings]


def told(answer: PriceAnswer, step: str, line: int | None = None) -> list[str]:
    """What the steps of one kind say, of one line or of all."""
    return [each.because for each in answer.explain if each.step == step and line in (None, each.line)]
