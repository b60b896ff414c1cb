"""The catalogues are in step with the engine, the rulebook and the pages; and what is out of step is named."""

from __future__ import annotations

import ast
import gettext
import io
import runpy
import subprocess
import sys
import types
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Message

SCRIPT = Path(__file__).parents[2] / "scripts" / "messages.py"
messages = runpy.run_path(str(SCRIPT))
LOCALE: Path = messages["LOCALE"]
SOURCE: Path = messages["SOURCE"]


def test_the_catalogues_are_complete_and_compiled() -> None:
    done = subprocess.run([sys.executable, str(SCRIPT), "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_reason_not_to_show_a_literal_still_has_one() -> None:
    found = {each.id for each in messages["all_messages"]()}
    assert set(messages["NOT_SHOWN"]) <= found


def test_every_field_that_is_described_still_stands_in_a_sentence() -> None:
    fields: dict[str, set[str]] = {}
    rooms = ("kernel/*.py", "rulebook/*.py", "engine/**/*.py", "clinic/treatment/answering.py", "interop/tabular.py")
    for path in [each for room in rooms for each in SOURCE.glob(room)]:
        found = {ast.unparse(each) for each in ast.walk(ast.parse(path.read_text())) if isinstance(each, ast.expr)}
        fields[path.relative_to(SOURCE).as_posix()] = found
    everywhere = set().union(*fields.values())
    assert {*messages["KINDS"], *messages["ALTERNATIVES"]} <= everywhere
    assert [each for each in (*messages["BY_FILE"], *messages["INLINED"]) if each[1] not in fields[each[0]]] == []


def of(source: str) -> list[str]:
    module = types.ModuleType("room")
    exec(compile(source, "room", "exec"), vars(module))
    tree = messages["_join_added"](ast.parse(source))
    return list(messages["_Reader"]("room.py", module, tree).messages())


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('x = lambda line: f"{line.code} has {line.units} units"', ["{code} has {units} units"]),
        ('x = lambda a, b: f"{a.code} adds to {b.code}, and {a.code}"', ["{code} adds to {code2}, and {code}"]),
        ('x = lambda text: f"cannot read {text!r}"', ["cannot read {text!r}"]),
        ('x = lambda n: f"for {plural(n, \'timed unit\')}"', ["for {n:words}", "1 timed unit", "{count} timed units"]),
        ('x = lambda c: f"{\', \'.join(c)} are equal"', ["{c:list} are equal"]),
        ('x = lambda y: "it is " + (f"not {y}" if y else "so")', ["it is not {y}", "it is so"]),
        ('x = lambda y: f"it is{\' not\' if y else \'\'} so"', ["it is not so", "it is so"]),
        ('OR = "or so"\nx = f"it is, {OR}"', ["or so", "it is, or so"]),
        ('def x(y):\n    z = "a nut" if y else "an oak"\n    return f"by {z}."', ["by {z:words}.", "a nut", "an oak"]),
        ('def x(y):\n    z = f" so {y}" if y else ""\n    return f"it is.{z}"', ["it is.{z:more}", "so {y}"]),
        ('def x(y):\n    z = f"it is {y} "\n    z += y.unit\n    return z', ["it is {y} {unit}"]),
        ('def x(said):\n    return f"{said[0].upper()}{said[1:]}."', ["{said:words}."]),
        ('"""Words of a docstring."""\nx = {}.get("one-word")', []),
        ('x = lambda: Finding("an id", "a level", "it is", "do so", "a law", where="a place")', ["it is", "do so"]),
    ],
)  # fmt: skip
def test_what_is_found_in_a_source(source: str, expected: list[str]) -> None:
    assert sorted(of(source)) == sorted(expected)


def test_what_is_found_in_a_page(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text(
        '{% load i18n %}\n<p title="{% translate "Units" %}">\n    {% blocktranslate count n=n trimmed %}\n'
        "      one day\n    {% plural %}\n      {{ n }} days\n    {% endblocktranslate %}\n"
        '  {% translate "May" context "month" %} {{ a|default:_("none") }} it\'s "not" {# one #}\n'
    )
    (tmp_path / "page.py").write_text(
        "from django.utils.translation import gettext as _, gettext_lazy, npgettext, pgettext_lazy\n"
        'a = _("Minutes"), gettext_lazy("Claim"), pgettext_lazy("verb", "Bill")\n'
        'b = npgettext("time", "one hour", "%(n)s hours", 2)\nc = _(a), "not marked"\n'
    )
    assert [each[:2] for each in messages["page_messages"](tmp_path)] == [
        (None, "Minutes"),
        (None, "Claim"),
        ("verb", "Bill"),
        ("time", ("one hour", "%(n)s hours")),
        (None, "Units"),
        (None, ("one day", "%(n)s days")),
        ("month", "May"),
        (None, "none"),
    ]


def test_what_is_found_in_a_clinic(tmp_path: Path) -> None:
    (tmp_path / "accounts").mkdir()
    (tmp_path / "accounts" / "matrix.toml").write_text(
        '[roles]\nowner = "Owner"\n[actions]\n"notes.read" = { title = "Read notes", roles = ["owner"] }\n'
    )
    (tmp_path / "importing" / "profiles").mkdir(parents=True)
    (tmp_path / "importing" / "profiles" / "plain.toml").write_text(
        'id = "plain"\ntitle = "A table"\nnote = "By name."\nunknown = ["not known"]\n'
    )
    (tmp_path / "services.py").write_text(
        "from django.utils.translation import gettext as _, gettext_noop, gettext_noop as N_, ngettext\n"
        'a = _("It is not there."), gettext_noop("It is gone."), N_("Payer"), ngettext("one row", "%(n)s rows", 2)\n'
    )
    assert [each[1] for each in messages["clinic_messages"](tmp_path)] == [
        "It is not there.",
        "It is gone.",
        "Payer",
        ("one row", "%(n)s rows"),
        "Owner",
        "Read notes",
        "A table",
        "By name.",
    ]


def test_every_sentence_of_a_finding_that_rows_make_is_the_engines() -> None:
    found = {each.id for each in messages["engine_messages"]() if each.file == "clinic/treatment/answering.py"}
    assert "Choose its policy on the payer's page." in found
    assert "The notes of this day were not checked: {error:words}" in found


def catalogue(**translations: Any) -> dict[Any, Message]:
    return {(None, id_): Message(id_, string) for id_, string in translations.items()}


@pytest.mark.parametrize(
    ("old", "wanted", "fault"),
    [
        ({}, "Units", "missing: Units"),
        ({"Units": ""}, "Units", "untranslated: Units"),
        ({"Units": "Unidades", "Old": "Viejo"}, "Units", "obsolete: Old"),
        ({"{code} is": "es"}, "{code} is", "other fields than the message: {code} is"),
        ({"%(n)s is": "%(m)s es"}, "%(n)s is", "other fields than the message: %(n)s is"),
    ],
)
def test_each_fault_is_named(old: dict[str, str], wanted: str, fault: str) -> None:
    assert list(messages["faults"](catalogue(**old), {(None, wanted): ["a.py"]})) == [fault]


def test_what_is_fuzzy_is_named_and_not_compiled() -> None:
    old = catalogue(Units="Unidades")
    old[(None, "Units")].flags.add("fuzzy")
    assert list(messages["faults"](old, {(None, "Units"): ["a.py"]})) == ["fuzzy: Units"]
    assert b"Unidades" not in messages["compiled"](old.values(), "es")


def test_what_was_translated_is_kept_and_what_is_gone_is_dropped(tmp_path: Path) -> None:
    path = tmp_path / "engine.po"
    wanted = {(None, "Units"): ["a.py", "b.py"], (None, "50% of it"): ["a.py"]}
    path.write_text(messages["renewed"](catalogue(Units="Unidades", Old="Viejo"), "# Words\n", wanted, "es", False))
    old, head = messages["read"](path)
    assert head == "# Words\n"
    assert {key: each.string for key, each in old.items()} == {(None, "Units"): "Unidades", (None, "50% of it"): ""}
    text = path.read_text()
    assert messages["renewed"](old, head, wanted, "es", False) == text
    assert "format" not in text
    assert "Date" not in text


def test_the_standard_library_reads_what_is_compiled() -> None:
    made = [
        Message("Units", "Unidades"),
        Message(("one day", "%(n)s days"), ("un día", "%(n)s días")),
        Message("May", "mayo", context="month"),
    ]
    binary = messages["compiled"](made, "es")
    read = gettext.GNUTranslations(io.BytesIO(binary))
    assert read.gettext("Units") == "Unidades"
    assert read.ngettext("one day", "%(n)s days", 2) == "%(n)s días"
    assert read.pgettext("month", "May") == "mayo"
    assert read.gettext("Not there") == "Not there"
    assert messages["compiled"](made[::-1], "es") == binary
    gettext.GNUTranslations(io.BytesIO((LOCALE / "es/LC_MESSAGES/django.mo").read_bytes()))


def test_any_other_argument_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert messages["main"](["--all"]) == 2
    assert "usage" in capsys.readouterr().err
