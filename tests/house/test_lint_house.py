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
    assert capsys.readouterr().out == "House rules: 2 files, no offence.\n"


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


# The clinic and what stands on it


def above(source: str, path: str = "web/clinic/pages.py") -> list[tuple[int, str]]:
    return list(house["check_upper"](source, path))


CHOOSES = "chooses the organization"
ROWS = "asks for rows here"
EVERYONE = "sees the rows of every organization"
PAST = "goes to the database past the manager"
CLOCK = "reads the clock"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x = rows.filter(organization=mine)", CHOOSES),
        ("x = rows.filter(organization_id=mine)", CHOOSES),
        ("x = rows.exclude(organization=mine)", CHOOSES),
        ("x = rows.get(organization_id=mine, id=2)", CHOOSES),
        ("x = rows.filter(patient__organization_id=mine)", CHOOSES),
        ("x = rows.filter(organization__slug=mine)", CHOOSES),
        ("x = rows.filter(organization_id__in=mine)", CHOOSES),
        ("x = rows.filter(**{'organization': mine})", CHOOSES),
        ("x = Q(organization=mine)", CHOOSES),
        ("x = models.Q(organization_id=mine)", CHOOSES),
        ("x = get_object_or_404(Note, organization=mine)", CHOOSES),
        ("x = rows.update_or_create(organization=mine)", CHOOSES),
        ("x = Patient.objects.all()", ROWS),
        ("x = models.Patient.objects", ROWS),
        ("x = note._default_manager", ROWS),
        ("x = Patient.everywhere.all()", EVERYONE),
        ("x = Patient._base_manager.all()", EVERYONE),
        ("cursor.execute('SELECT 1')", PAST),
        ("run = cursor.executemany", PAST),
        ("with connection.cursor() as link: ...", PAST),
        ("x = rows.raw('SELECT 1')", PAST),
        ("x = rows.extra(where=['1'])", PAST),
        ("from django.db.models.expressions import RawSQL\nx = RawSQL('1', [])", PAST),
        ("from django.db.models.expressions import RawSQL as R\nx = R('1', [])", PAST),
        ("from datetime import datetime\nx = datetime.now()", CLOCK),
        ("import datetime as dt\nx = dt.datetime.utcnow()", CLOCK),
        ("from datetime import date\nx = date.today()", CLOCK),
        ("from django.utils import timezone\nx = timezone.now()", CLOCK),
        ("from django.utils.timezone import now\nx = now()", CLOCK),
        ("import time\nx = time.time()", CLOCK),
    ],
)
def test_offence_above(source: str, expected: str) -> None:
    [(line, message)] = above(source)
    assert line == source.count("\n") + 1
    assert expected in message


@pytest.mark.parametrize(
    "source",
    [
        "x = notes.access.note(id)",
        "x = rulebook(organization=folder)",
        "x = fields.get('organization')",
        "x = rows.filter(id=organization)",
        "x = rows.filter(reorganization=1)",
        "x = patient.notes.filter(date=day)",
        "from fifteen.clinic.tenancy.clock import now\nx = now()",
        "import time\nx = time.perf_counter()",
        "objects = 3",
        "x = 'cursor.execute'",
    ],
)
def test_allowed_above(source: str) -> None:
    assert above(source) == []


@pytest.mark.parametrize(
    ("source", "allowed", "refused"),
    [
        ("x = Note.objects.all()", "clinic/notes/access.py", "clinic/notes/vault.py"),
        ("x = Note.objects.all()", "clinic/notes/services.py", "web/clinic/access.py"),
        ("x = Note.objects.all()", "clinic/jobs/run.py", "web/clinic/jobs/run.py"),
        ("x = Note.everywhere.all()", "clinic/audit/sealer.py", "clinic/notes/access.py"),
        ("x = Note.everywhere.all()", "clinic/accounts/sessions.py", "web/clinic/sessions.py"),
        ("cursor.execute('')", "clinic/jobs/queue.py", "clinic/jobs/run.py"),
        ("cursor.execute('')", "clinic/audit/prove.py", "clinic/audit/record.py"),
        ("cursor.execute('')", "clinic/notes/migrations/0001_initial.py", "clinic/notes/access.py"),
        ("x = r.filter(organization=1)", "clinic/tenancy/context.py", "clinic/notes/access.py"),
        ("import time\nx = time.time()", "clinic/tenancy/clock.py", "web/clinic/clock.py"),
    ],
)
def test_each_place_may_do_its_own_only(source: str, allowed: str, refused: str) -> None:
    assert above(source, allowed) == []
    assert len(above(source, refused)) == 1


def test_an_offence_above_stops_the_build(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = a_project(tmp_path, {"kernel/money.py": "", "web/clinic/notes.py": "x = Note.objects"})
    assert house["main"](root) == 1
    assert capsys.readouterr().out.startswith("src/fifteen/web/clinic/notes.py:1: `.objects` asks for rows here, ")
