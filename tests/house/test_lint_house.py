"""A linter that cannot fail is worthless: each house rule is shown failing, and letting the allowed pass."""

import runpy
from pathlib import Path

import pytest

LINTER = Path(__file__).parents[2] / "scripts" / "lint_house.py"
house = runpy.run_path(str(LINTER))


def offences(source: str, room: str = "kernel") -> list[tuple[int, str]]:
    return list(house["check"](source, room))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("rate = 0.85", "float literal 0.85"),
        ("rate = 1e3", "float literal 1000.0"),
        ("rate = 2j", "float literal"),
        ("x = float('1')", "`float` is used"),
        ("x = list(map(float, rows))", "`float` is used"),
        ("x = isinstance(float(y), int)", "`float` is used"),
        ("def share(x: float) -> int: ...", "`float` is used"),
        ("x = minutes / units", "true division"),
        ("x /= units", "true division"),
        ("from datetime import datetime\nx = datetime.now()", "`datetime.datetime.now` reads the clock"),
        ("import datetime as dt\nx = dt.datetime.utcnow()", "`datetime.datetime.utcnow` reads the clock"),
        ("from datetime import datetime as D\nx = D.today()", "`datetime.datetime.today` reads the clock"),
        (
            "from datetime import date\nfield(default_factory=date.today)",
            "`datetime.date.today` reads the clock",
        ),
        ("import time\nx = time.time()", "`time.time` reads the clock"),
        ("from time import time\nx = time()", "`time.time` reads the clock"),
        ("import os\nx = os.environ['HOME']", "`os.environ` is read"),
        ("import os\nx = os.getenv('HOME')", "`os.getenv` is read"),
        ("from os import environ as env\nx = env.get('HOME')", "`os.environ` is read"),
        ("print('units')", "`print` is used"),
    ],
)
def test_offence_on_every_floor(source: str, expected: str) -> None:
    found = offences(source)
    assert len(found) == 1
    line, message = found[0]
    assert line == source.count("\n") + 1
    assert message.startswith(expected)


@pytest.mark.parametrize(
    "source",
    [
        "x = isinstance(value, (int, float))",
        "x = folder / 'law'  # path",
        "x = (\n    folder\n    / 'law'  # path\n)",
        "x = minutes // units",
        "from datetime import date\nx = date(2026, 1, 1)",
        "x = episode.today",
        "x = 'print'",
        "x = 15",
        "from decimal import Decimal\nx = Decimal('0.85')",
    ],
)
def test_allowed_below_the_engine(source: str) -> None:
    assert offences(source) == []


@pytest.mark.parametrize("number", ["8", "15", "-8", "8_00", "0xF", "Decimal('0.85')", "Decimal('-0.5')"])
def test_the_engine_holds_no_number_of_the_law(number: str) -> None:
    source = f"from decimal import Decimal\nleast = {number}"
    [(line, message)] = offences(source, "engine")
    assert line == 2
    assert "stands in a rule" in message
    assert "`# not law: <why>`" in message
    assert offences(source, "rulebook") == []


@pytest.mark.parametrize(
    "source",
    [
        "x = [0, 1, -1, 2, True, None]",
        "seconds = 60 * minutes  # not law: seconds in a minute",
        "from decimal import Decimal\nx = Decimal('1') + Decimal(0)",
        "from decimal import Decimal\nx = Decimal('a number') or Decimal(price)",
        "x = '8 minutes'",
    ],
)
def test_the_engine_counts(source: str) -> None:
    assert offences(source, "engine") == []


def test_an_excuse_gives_a_reason() -> None:
    assert len(offences("seconds = 60 * minutes  # not law:", "engine")) == 1
    assert len(offences("seconds = 60 * minutes  # not law", "engine")) == 1


CONTRACT = """
[[tool.importlinter.contracts]]
type = "layers"
source_modules = ["fifteen.interop"]

[[tool.importlinter.contracts]]
type = "forbidden"
source_modules = ["fifteen.kernel"]
"""


def a_project(root: Path, modules: dict[str, str]) -> Path:
    (root / "pyproject.toml").write_text(CONTRACT)
    for name, source in modules.items():
        path = root / "src" / "fifteen" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
    return root


def test_a_clean_project_passes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = a_project(tmp_path, {"kernel/money.py": "cents = 100", "web/views.py": "print(0.5)"})
    assert house["main"](root) == 0
    assert capsys.readouterr().out == "House rules: 1 files, no offence.\n"


def test_each_offence_is_one_line_with_its_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = a_project(tmp_path, {"kernel/money.py": "x = 1\ny = 0.5\n", "kernel/deep/er.py": "print(1)"})
    assert house["main"](root) == 1
    deep, money = capsys.readouterr().out.splitlines()
    assert deep.startswith("src/fifteen/kernel/deep/er.py:1: `print`")
    assert money.startswith("src/fifteen/kernel/money.py:2: float literal 0.5, ")


def test_a_room_outside_the_contract_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = a_project(tmp_path, {"kernel/money.py": "", "interop/x12.py": "import socket"})
    assert house["main"](root) == 1
    assert capsys.readouterr().out.startswith("pyproject.toml:1: fifteen.interop may import anything, ")


def test_reading_nothing_is_a_failure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert house["main"](a_project(tmp_path, {})) == 1
    assert "no file found" in capsys.readouterr().out
