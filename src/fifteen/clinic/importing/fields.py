"""What a row of each kind may say, and how each field is read."""

from __future__ import annotations

from typing import Literal

import msgspec
from django.utils.translation import gettext_noop as N_

Reads = Literal[
    "text", "name", "date", "born", "count", "minutes", "cents", "phone", "discipline", "code", "codes", "modifiers",
    "relation", "rank", "place",
]  # fmt: skip


class Field(msgspec.Struct, frozen=True):
    """One thing that a row may say; `needed`: without it the row is nothing. `most` is how long a text may be.

    `past`: a day that cannot lie ahead, so that two digits of a year are not read as one that would.
    """

    name: str
    title: str
    reads: Reads = "text"
    needed: bool = False
    most: int = 200
    past: bool = False


class Kind(msgspec.Struct, frozen=True):
    """What the rows of a file are of. `one_of`: groups of fields of which a row needs one."""

    name: str
    title: str
    about: str
    fields: tuple[Field, ...]
    one_of: tuple[tuple[str, ...], ...] = ()

    def field(self, name: str) -> Field:
        """The field of this name; `KeyError` where there is none."""
        return self._by_name()[name]

    def _by_name(self) -> dict[str, Field]:
        return {each.name: each for each in self.fields}


_WHO = (
    Field("identifier", N_("Identifier of the patient"), most=80),
    Field("name", N_("Name of the patient, whole"), "name"),
    Field("last", N_("Last name"), most=100),
    Field("first", N_("First name"), most=100),
    Field("middle", N_("Middle name or initial"), most=60),
    Field("born", N_("Day of birth"), "born"),
)
_SOMEBODY = (("identifier", "name", "last"),)
_WHERE = (
    Field("discipline", N_("Discipline"), "discipline"),
    Field("site", N_("Site"), most=120),
    Field("therapist", N_("Therapist"), most=120),
)

PATIENTS = Kind(
    "patients", N_("Patients"), N_("One row a patient. Import these first."),
    (*_WHO, Field("phone", N_("Telephone"), "phone", most=40), Field("precautions", N_("Precautions"), most=400)),
    (("name", "last"),),
)  # fmt: skip
COVERAGES = Kind(
    "coverages", N_("Coverages"), N_("One row a payer of a patient. Payers that are not known are made without rules."),
    (
        *_WHO,
        Field("payer", N_("Payer"), needed=True, most=120),
        Field("rank", N_("Order: first, second"), "rank"),
        Field("plan", N_("Plan"), most=120),
        Field("member", N_("Member's number"), most=80),
        Field("relation", N_("The patient is the member's"), "relation"),
        Field("starts", N_("Coverage begins"), "date"),
        Field("ends", N_("Coverage ends"), "date"),
    ),
    _SOMEBODY,
)  # fmt: skip
EPISODES = Kind(
    "episodes", N_("Episodes in flight"),
    N_("One row an episode that goes on here: its plan, its certification, and what was used so far."),
    (
        *_WHO, *_WHERE,
        Field("problem", N_("Problem treated"), most=120),
        Field("diagnoses", N_("Diagnosis codes"), "codes"),
        Field("onset", N_("Onset"), "date", past=True),
        Field("started", N_("Evaluation, first day"), "date", needed=True, past=True),
        Field("plan_established", N_("Plan established"), "date", past=True),
        Field("plan_starts", N_("Plan begins"), "date"),
        Field("plan_ends", N_("Plan ends"), "date"),
        Field("type", N_("Plan: type of treatment")),
        Field("amount", N_("Plan: amount"), most=60),
        Field("frequency", N_("Plan: frequency"), most=60),
        Field("duration", N_("Plan: duration"), most=60),
        Field("sent", N_("Plan sent for signature"), "date", past=True),
        Field("verbal", N_("Verbal order"), "date", past=True),
        Field("signed", N_("Plan signed"), "date", past=True),
        Field("signer", N_("Plan signed by"), most=120),
        Field("as_of", N_("Counts are as of"), "date", past=True),
        Field("days_since_report", N_("Treatment days since the last progress report"), "count"),
        Field("visits_used", N_("Visits used"), "count"),
        Field("units_used", N_("Units used"), "count"),
        Field("threshold_used", N_("Threshold used this year, in dollars"), "cents"),
        Field("auth_number", N_("Authorization: number"), most=50),
        Field("auth_visits", N_("Authorization: visits"), "count"),
        Field("auth_units", N_("Authorization: units"), "count"),
        Field("auth_starts", N_("Authorization begins"), "date"),
        Field("auth_ends", N_("Authorization ends"), "date"),
    ),
    _SOMEBODY,
)  # fmt: skip
HISTORY = Kind(
    "history", N_("History"), N_("One row a service of a visit: the day, the code, and its minutes or units."),
    (
        *_WHO, *_WHERE,
        Field("date", N_("Day of treatment"), "date", needed=True, past=True),
        Field("visit", N_("Number of the visit"), most=60),
        Field("case", N_("Case or problem"), most=120),
        Field("code", N_("Procedure code"), "code", needed=True),
        Field("modifiers", N_("Modifiers"), "modifiers"),
        Field("minutes", N_("Minutes"), "minutes"),
        Field("units", N_("Units"), "count"),
        Field("place", N_("Place of service"), "place"),
    ),
    _SOMEBODY,
)  # fmt: skip

KINDS = {each.name: each for each in (PATIENTS, COVERAGES, EPISODES, HISTORY)}
"""In the order in which they are imported."""
