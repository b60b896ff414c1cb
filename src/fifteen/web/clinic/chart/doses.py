"""Exercises as a table shows them: what was done, on which side, and its dose in the field's own short form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from django.utils.translation import gettext as _

from fifteen.web.clinic.chart.words import SIDES, word


class Dose(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the table; empty where nothing was written."""

    name: str
    side: str
    region: str
    sets: str
    load: str
    hold: str
    level: str
    assistance: str
    more: str


def doses(rows: Iterable[Mapping[str, Any]]) -> list[Dose]:
    """The rows of exercises, each by the names of the engine's record; what was not written is left empty."""
    return [_dose(each) for each in rows]


def of_row(exercise: Any) -> dict[str, Any]:
    """A stored exercise by the names of the engine's record."""
    dose = exercise.dose if isinstance(exercise.dose, dict) else {}
    return {**dose, "name": exercise.name, "region": exercise.region, "side": exercise.side}


def _dose(row: Mapping[str, Any]) -> Dose:
    more = [_text(row, each) for each in ("cues", "position", "device")]
    more += [_amount(row.get("distance")), _labelled(_("height"), _amount(row.get("height")))]
    return Dose(
        name=_text(row, "name"), side=word(SIDES, _text(row, "side")), region=_text(row, "region"),
        sets=_sets(row), load=_load(row.get("load")), hold=_held(row), level=_amount(row.get("level")),
        assistance=_text(row, "assistance"), more="; ".join(each for each in more if each),
    )  # fmt: skip


def _text(row: Mapping[str, Any], name: str) -> str:
    found = row.get(name)
    return found if isinstance(found, str) else "" if found is None else str(found)


def _sets(row: Mapping[str, Any]) -> str:
    sets, reps = _text(row, "sets"), _text(row, "reps")
    return f"{sets} × {reps}" if sets and reps else reps or (_("%(sets)s sets") % {"sets": sets} if sets else "")


def _held(row: Mapping[str, Any]) -> str:
    hold, duration = row.get("hold_s"), row.get("duration_s")
    if isinstance(hold, int):
        return _("%(seconds)s s") % {"seconds": hold}
    if isinstance(duration, int):
        minutes, seconds = divmod(duration, 60)
        said = [_("%(minutes)s min") % {"minutes": minutes}] if minutes else []
        return " ".join(said + ([_("%(seconds)s s") % {"seconds": seconds}] if seconds or not minutes else []))
    return ""


def _load(load: Any) -> str:
    if not isinstance(load, Mapping):
        return ""
    if load.get("band"):
        return _("band %(band)s") % {"band": load["band"]}
    return _amount(load)


def _amount(amount: Any) -> str:
    if not isinstance(amount, Mapping) or not amount.get("value"):
        return ""
    return f"{amount['value']} {amount.get('unit') or ''}".strip()


def _labelled(name: str, value: str) -> str:
    return f"{name} {value}" if value else ""
