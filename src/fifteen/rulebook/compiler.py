"""Read, check and merge the files of all layers into one `Compiled`."""

from __future__ import annotations

import csv
import hashlib
import io
import re
import tomllib
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any, get_args

from fifteen.kernel.errors import RulebookError
from fifteen.kernel.finding import Status
from fifteen.rulebook import schema
from fifteen.rulebook.schema import Compiled, Parameter, Policy, Reference, Sheet, Table

# Columns every table has; the others are its own.
DATED_COLUMNS = ("from", "until", "known", "refs", "status")

# 0: no modifier opens the pair; 1: one of the payer's modifiers does.
_INDICATORS = ("0", "1")

_MINUTES = re.compile(r"[1-9][0-9]{0,3}", re.ASCII)
_UNITS = re.compile(r"[0-9]{1,3}", re.ASCII)
_QUARTERS = re.compile(r"[0-9]{4}-Q[1-4]( [0-9]{4}-Q[1-4])*", re.ASCII)

# Columns of limits: units of a day, and for a limit that changes by quarter the files that showed it.
_LIMITS = {"mue": ("practitioner", "hospital"), "discipline_units": ("pt", "ot", "slp")}


def compile_layers(layers: list[Path], manifest: list[tuple[str, int, int]]) -> Compiled:
    """Merge `layers`, earliest first; `RulebookError` for the first file that is wrong."""
    merged = _Merged()
    digest = hashlib.sha256()
    for number, layer in enumerate(layers):
        for name in sorted(path for path, _, _ in manifest if Path(path).is_relative_to(layer)):
            path = Path(name)
            inside = path.relative_to(layer)
            content = _read(path)
            digest.update(f"{number}:{inside.as_posix()}:{hashlib.sha256(content).hexdigest()}\n".encode())
            merged.add(path, inside.parts, content, number)
    merged.check()
    return Compiled(
        manifest=manifest,
        hash=f"sha256:{digest.hexdigest()}",
        references=merged.references,
        parameters=merged.parameters,
        policies=merged.policies,
        tables=merged.tables,
        sheets=merged.sheets,
    )


def read_sheet(sheet: Sheet, references: dict[str, Reference]) -> Table:
    """Read and check a table that was left for later; `RulebookError` where it is wrong, or not the file it was."""
    path = Path(sheet.path)
    content = _read(path)
    if hashlib.sha256(content).hexdigest() != sheet.sha256:
        raise RulebookError(f"{path}: the file changed after the rulebook was loaded; load the rulebook again.")
    merged = _Merged()
    merged.references = references
    merged.add_rows(path, content, 0, sheet)
    merged.check()
    return merged.tables[sheet.id]


class _Merged:
    def __init__(self) -> None:
        self.references: dict[str, Reference] = {}
        self.parameters: dict[str, Parameter] = {}
        self.policies: dict[str, Policy] = {}
        self.tables: dict[str, Table] = {}
        self.sheets: dict[str, Sheet] = {}
        self._places: dict[tuple[object, ...], str] = {}
        self._cited: list[tuple[Iterable[str], str]] = []
        self._extending: dict[str, Path] = {}

    def add(self, path: Path, parts: tuple[str, ...], content: bytes, layer: int) -> None:
        match parts:
            case ("references.toml",):
                for id_, raw in _toml(path, content).items():
                    self.references[id_] = schema.read_reference(raw, f"{path}, {id_}")
            case ("law", area, _) if path.suffix == ".toml":
                for name, raw in _toml(path, content).items():
                    self._add_parameter(schema.read_parameter(raw, f"{area}.{name}", layer, f"{path}, {name}"), path)
            case ("payers", _) if path.suffix == ".toml":
                policy, parameters = schema.read_policy(_toml(path, content), layer, str(path))
                self._add_policy(policy, path, layer)
                for parameter in parameters:
                    self._add_parameter(parameter, path)
            case ("tables", _):
                if path.suffix == ".csv":
                    self._add_table(path, content, layer)
            case _:
                raise RulebookError(
                    f"{path}: no rulebook file lives here; use law/AREA, payers or tables, or name it references.toml."
                )

    def _add_parameter(self, parameter: Parameter, path: Path) -> None:
        for dated in parameter.at:
            what = f"{parameter.id} from {dated.entry.start}"
            self._once(what, path, dated.layer, dated.entry.known or dated.entry.start)
            self._cited.append((dated.entry.refs, f"{path}: {what}"))
        older = self.parameters.get(parameter.id)
        self.parameters[parameter.id] = schema.merge(older, parameter, str(path)) if older else parameter

    def _add_policy(self, policy: Policy, path: Path, layer: int) -> None:
        for key in ("label", "extends", "note"):
            if getattr(policy, key):
                self._once(f"{key} of payer {policy.id}", path, layer)
        if policy.extends:
            self._extending[policy.id] = path
        older = self.policies.get(policy.id, policy)
        self.policies[policy.id] = Policy(
            id=policy.id, label=policy.label or older.label,
            extends=policy.extends or older.extends, note=policy.note or older.note,
        )  # fmt: skip

    def _add_table(self, path: Path, content: bytes, layer: int) -> None:
        about_path = path.with_suffix(".toml")
        if not about_path.exists():
            raise RulebookError(
                f"{path}: the file {about_path.name} with its release, source and sha256 is missing; "
                "write it beside the table."
            )
        about = _toml(about_path, _read(about_path))
        missing = [key for key in ("release", "source", "sha256") if not isinstance(about.get(key), str)]
        if missing:
            raise RulebookError(
                f"{about_path}: {missing[0]} is missing; add it, a table says its release, source and sha256."
            )
        found = hashlib.sha256(content).hexdigest()
        if found != about["sha256"]:
            raise RulebookError(
                f"{path}: the file is not the one {about_path.name} describes (its sha256 is {found}); "
                "restore it, or write the new sha256 if the change is meant."
            )
        sheet = Sheet(id=path.stem, path=str(path), release=about["release"], source=about["source"], sha256=found)
        if layer == 0 and about.get("on_demand") is True:
            self.sheets[path.stem] = sheet
            return
        if (package := self.sheets.pop(path.stem, None)) is not None:  # a later layer has rows of its own
            self.add_rows(Path(package.path), _read(Path(package.path)), 0, package)
        self.add_rows(path, content, layer, sheet)

    def add_rows(self, path: Path, content: bytes, layer: int, sheet: Sheet) -> None:
        columns, rows = _csv(path, content)
        for line, row in enumerate(rows, 2):
            where = f"{path}, line {line}"
            if len(row) != len(columns):
                raise RulebookError(f"{where}: the row has not as many fields as the header; count its commas.")
            named = dict(zip(columns, row, strict=True))
            _check_row(named, path.stem, where)
            what = f"{path.stem} {row[0]} from {named['from']}"
            self._once(what, where, layer, named["known"] or named["from"])
            self._cited.append((named["refs"].split(), f"{where}: {row[0]}"))
        older = self.tables.get(path.stem)
        if older is None:
            self.tables[path.stem] = Table(
                id=path.stem, release=sheet.release, source=sheet.source, sha256=sheet.sha256,
                columns=columns, rows=rows, layers=[layer] * len(rows),
            )  # fmt: skip
        elif older.columns != columns:
            raise RulebookError(
                f"{path}: the columns are not those of the earlier layer: {','.join(older.columns)}; write these."
            )
        else:
            older.rows.extend(rows)
            older.layers.extend([layer] * len(rows))

    def _once(self, what: str, where: Path | str, *rank: object) -> None:
        """Nothing but the order of files would decide between two of one rank, so two are refused."""
        first = self._places.setdefault((what, *rank), str(where))
        if first is not where and first != str(where):
            raise RulebookError(
                f"{where}: {what} stands already in {first}; remove one, or give a correction its known."
            )

    def check(self) -> None:
        """References exist and payers extend payers, over all layers together."""
        for refs, where in self._cited:
            for ref in refs:
                if ref not in self.references:
                    raise RulebookError(f"{where}: reference {ref!r} does not exist; add it to references.toml.")
        for policy in self.policies.values():
            seen = [policy.id]
            while (parent := self.policies[seen[-1]].extends) is not None:
                path = self._extending[seen[-1]]
                if parent not in self.policies:
                    raise RulebookError(
                        f"{path}: payer {seen[-1]} extends {parent!r}, which no layer describes; correct extends."
                    )
                if parent in seen:
                    raise RulebookError(f"{path}: payer {policy.id} extends itself through {parent}; correct extends.")
                seen.append(parent)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise RulebookError(
            f"{path}: cannot be read ({error.strerror}); correct its permissions, or remove it."
        ) from None


def _toml(path: Path, content: bytes) -> dict[str, Any]:
    try:
        return tomllib.loads(content.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RulebookError(f"{path}: cannot be read as TOML: {error}; correct it there.") from None


def _csv(path: Path, content: bytes) -> tuple[list[str], list[list[str]]]:
    try:
        columns, *rows = list(csv.reader(io.StringIO(content.decode("utf-8"), newline=""))) or [[]]
    except (csv.Error, UnicodeDecodeError) as error:
        raise RulebookError(f"{path}: cannot be read as CSV in UTF-8: {error}; save it again as such.") from None
    lacking = [name for name in DATED_COLUMNS if name not in columns]
    if lacking:
        raise RulebookError(
            f"{path}: column {lacking[0]!r} is missing; add it, a table has {', '.join(DATED_COLUMNS)} and its own."
        )
    return columns, rows


def _check_row(row: dict[str, str], table: str, where: str) -> None:
    try:
        start = _date(row["from"])
        until = _date(row["until"]) if row["until"] else None
        if row["known"]:
            _date(row["known"])
    except ValueError as error:
        raise RulebookError(f"{where}: {error}; dates are YYYY-MM-DD, write it so.") from None
    if until is not None and until <= start:
        raise RulebookError(f"{where}: until {until} is not after from {start}; correct one of them.")
    if row["status"] not in get_args(Status) or not row["refs"].split():
        raise RulebookError(
            f"{where}: a row has a status ({', '.join(get_args(Status))}) and at least one reference; add them."
        )
    for column in _LIMITS.get(table, ()):
        if not _UNITS.fullmatch(row.get(column, "")):
            raise RulebookError(f"{where}: {column} is {row.get(column)!r}; write the units of a day, 0 for none.")
        releases = row.get(f"{column}_releases", "")
        if table == "mue" and not _QUARTERS.fullmatch(releases):
            raise RulebookError(
                f"{where}: {column}_releases is {releases!r}; write the quarters whose file shows it, such as 2024-Q3."
            )
    if table == "services":
        for column in ("unit_minutes", "counts_from"):
            text = row.get(column, "")
            if text and not _MINUTES.fullmatch(text):
                raise RulebookError(
                    f"{where}: {column} is {text!r}; write whole minutes such as 15, or nothing for an untimed code."
                )
    if "column2" in row:
        _check_pair(row, where)


def _check_pair(row: dict[str, str], where: str) -> None:
    """A row of a table of pairs: the key is both codes, the indicator CMS's, `withdrawn` that it was never enforced."""
    right = row.get("pair") == f"{row.get('column1')}+{row['column2']}" and row.get("withdrawn") in ("yes", "no")
    right = right and row.get("indicator") in (_INDICATORS if row["withdrawn"] == "no" else (*_INDICATORS, "9"))
    if not right or not row.get("basis"):
        raise RulebookError(
            f"{where}: this is not a row of pairs; write pair as column1+column2, the indicator 0 or 1 (9 where it is "
            "withdrawn), withdrawn as yes or no, and on which basis the date it begins rests."
        )


def _date(text: str) -> date:
    day = date.fromisoformat(text)
    if day.isoformat() != text:  # Python also reads 20260302 and 2026-W10-1
        raise ValueError(f"Invalid isoformat string: {text!r}")
    return day
