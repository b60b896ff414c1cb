"""What Fifteen does not know on a date, found in the rulebook itself, so that it never grows out of date."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from importlib.util import find_spec

import msgspec
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as N_

from fifteen.rulebook import Rulebook
from fifteen.web.rules_shown import Held, Overview, PayerShown, SourceShown

# What a biller would look for; said to be missing for as long as no rule and no table carries the word in its name.
_TOPICS = {
    "ptp": N_("Which codes may not be billed together (NCCI edits)"),
    "mue": N_("How many units of one code a day are accepted (MUE)"),
    "threshold": N_("The yearly amounts above which Medicare asks for the KX modifier"),
    "coverage": N_("Coverage decisions of Medicare's contractors (LCD, NCD)"),
    "state": N_("State practice acts and supervision rules"),
}
_ROOMS = {
    "clinic": N_("Patients, schedules, notes, signatures and claims kept in a database"),
    "interop": N_("Claim, remittance and eligibility files (837, 835, 270/271) and FHIR"),
    "scribe": N_("Draft notes from spoken words"),
    "batch": N_("Counting many days at once"),
    "synth": N_("Fictional practices to try it on"),
    "api": N_("A web service for other programs"),
}
_YEARLY = {"rvu": N_("relative values"), "gpci": N_("local cost indices")}


class Unknown(msgspec.Struct, frozen=True, kw_only=True):
    """What Fifteen does not know on the date."""

    methods: tuple[PayerShown, ...]
    fields: tuple[PayerShown, ...]
    rules: tuple[Held, ...]
    weak: tuple[Held, ...]
    expected: tuple[Held, ...]
    tables: tuple[str, ...]
    topics: tuple[str, ...]
    rooms: tuple[str, ...]
    unread: tuple[SourceShown, ...]

    @property
    def all(self) -> int:
        """How many values are asked for and not held."""
        return len(self.rules) + sum(len(payer.unknown) for payer in self.fields)


def unknown(book: Rulebook, shown: Overview) -> Unknown:
    """What `shown` lacks, and what it holds without having read the text itself."""
    rules = [each for group in shown.groups for each in group.rules]
    return Unknown(
        methods=tuple(each for each in shown.payers if not each.counts.words),
        fields=tuple(each for each in shown.payers if each.unknown),
        rules=tuple(each for each in rules if not each.words),
        weak=tuple(each for each in rules if each.status.id == "secondary"),
        expected=tuple(each for each in rules if each.status.id == "expected"),
        tables=tuple(_outside(book, shown)),
        topics=tuple(_absent(book)),
        rooms=tuple(str(name) for room, name in _ROOMS.items() if find_spec(f"fifteen.{room}") is None),
        unread=tuple(each for each in shown.sources if each.source.read in ("quoted", "recalled")),
    )


def _outside(book: Rulebook, shown: Overview) -> Iterable[str]:
    """Tables whose release ends before the date, or begins after it."""
    on = shown.on
    for family, name in _YEARLY.items():
        years = sorted(
            int(table.id.removeprefix(f"{family}_"))
            for table in shown.tables
            if table.id.startswith(f"{family}_") and table.id.removeprefix(f"{family}_").isdigit()
        )
        if on.year not in years:
            text = _("No %(what)s for %(year)s: there is no price on this date. Held: %(first)s to %(last)s.")
            yield text % {"what": name, "year": on.year, **_ends(years)}
        else:
            yield _("%(what)s are held up to the end of %(last)s; later dates have no price.") % {
                "what": str(name).capitalize(), **_ends(years),
            }  # fmt: skip
    for table in shown.tables:
        try:
            released = date.fromisoformat(table.release)
        except ValueError:
            continue  # a release that is no date says nothing of one
        if released < on and table.id != "mue":  # its files are told of one by one (`rules_edits`)
            text = _("The table %(name)s was put together on %(released)s; what changed since then is not in it.")
            yield text % {"name": table.id, "released": released}
    if not shown.services:
        yield _("The list of services holds no code on this date.")


def _ends(years: Sequence[int]) -> dict[str, object]:
    return {"first": years[0], "last": years[-1]} if years else {"first": _("none"), "last": _("none")}


def _absent(book: Rulebook) -> Iterable[str]:
    names = [name for name in (*book.parameters, *book.tables) if not name.startswith("payer.")]
    for word, topic in _TOPICS.items():
        if not any(word in name.replace(".", "_").split("_") for name in names):
            yield str(topic)
