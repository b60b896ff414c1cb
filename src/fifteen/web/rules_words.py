"""The rulebook's values as a person reads them: how well a value is known, and what it says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as N_
from django.utils.translation import ngettext

from fifteen.engine.units.notes import METHOD_NAMES
from fifteen.kernel.money import show_cents
from fifteen.web.said import said


class StatusShown(msgspec.Struct, frozen=True, kw_only=True):
    """How well a value is known: a colour and icon by `id`, a word, and what the word means."""

    id: str
    word: str
    meaning: str


_STATUSES = {
    "primary": (
        N_("Law's own text"),
        N_("Read in the law, the manual or the payer's own document. Only such a rule may hold a claim."),
    ),
    "secondary": (
        N_("Second-hand"),
        N_("Known from a publication, from memory or by our own reading; not read in the text itself."),
    ),
    "expected": (N_("Expected"), N_("Proposed or announced, and not final.")),
    "local": (N_("House rule"), N_("No law: the organization's own choice, or ours where the law is silent.")),
    "unknown": (N_("Not known"), N_("Nothing was read for this date. Fifteen says so and does not guess.")),
}


def status(id_: str) -> StatusShown:
    """One of the rulebook's four, or `unknown`."""
    word, meaning = _STATUSES[id_]
    return StatusShown(id=id_, word=str(word), meaning=str(meaning))


def statuses() -> list[StatusShown]:
    return [status(id_) for id_ in _STATUSES]


READ = {
    "whole": N_("read whole"),
    "part": N_("read in part"),
    "quoted": N_("seen only through someone else"),
    "recalled": N_("from memory, to be confirmed"),
}
LAYERS = {
    "package": N_("comes with Fifteen"),
    "home": N_("imported on this machine"),
    "organization": N_("the organization's own"),
}
NAMES = {
    "payer": N_("Payer"),
    "rule": N_("Rule"),
    "policy": N_("Payer's policy"),
    "table": N_("Table"),
    "source": N_("Source"),
    "service": N_("Service"),
}

FIELDS = {
    "counting_method": N_("Counts units by"),
    "unit_cap": N_("Unit cap"),
    "assistant_modifier": N_("Assistant's modifier"),
    "assistant_factor": N_("Pays for an assistant's service"),
    "discipline_modifier": N_("Discipline modifier"),
    "fee_basis": N_("Fee basis"),
    "coinsurance": N_("Patient's share"),
    "mppr": N_("Multiple procedure reduction"),
    "money_cap": N_("Money cap"),
    "line_order": N_("Order of lines"),
    "telehealth_modifier": N_("Telehealth modifier"),
    "purpose_modifier": N_("Purpose modifier (96, 97)"),
    "code_limits": N_("Units of one code a day"),
    "forbidden_pairs": N_("Codes never paid on one day"),
    "pair_table": N_("Tables of pairs"),
    "pair_modifiers": N_("Modifiers that open a pair"),
    "kx_modifier": N_("KX above a threshold"),
}
"""The fields of a payer in the order in which they are shown."""

KINDS = {
    "procedure": N_("procedure"),
    "evaluation": N_("evaluation"),
    "reevaluation": N_("re-evaluation"),
    "attended_modality": N_("modality with constant attendance"),
    "supervised_modality": N_("supervised modality"),
    "caregiver": N_("caregiver training"),
    "group": N_("group therapy"),
    "monitoring": N_("remote monitoring"),
    "supply": N_("supply"),
    "test": N_("test"),
    "other": N_("other service"),
}
PERIODS = {"day": N_("a day"), "days30": N_("30 days"), "month": N_("a month"), "episode": N_("an episode")}
LISTED = {"always": N_("always"), "sometimes": N_("sometimes"), "under-plan": N_("under a plan of care")}

_COLUMNS = {
    "code": N_("code"),
    "locality": N_("locality"),
    "work": N_("work"),
    "work_no_floor": N_("work without the floor"),
    "pe": N_("practice expense"),
    "pe_facility": N_("practice expense in a facility"),
    "mp": N_("malpractice"),
    "mult_proc": N_("multiple procedure indicator"),
    "pctc": N_("technical component indicator"),
    "letter": N_("status letter"),
    "use_instead": N_("use instead"),
    "release": N_("release"),
    "state": N_("state"),
    "name": N_("name"),
    "note": N_("note"),
    "list": N_("therapy list"),
    "kind": N_("kind"),
    "unit_minutes": N_("minutes of a unit"),
    "counts_from": N_("counts from minute"),
    "pooled": N_("in the day's total"),
    "continues": N_("continues"),
    "needs": N_("needs"),
    "period": N_("period"),
    "disciplines": N_("disciplines"),
    "label": N_("label"),
}

# What one word of the rulebook means where it stands; what is not named here is shown as it is written.
_WORDS = {
    ("medicare.telehealth_place", "telehealth"): N_("a place of telehealth, by where the patient is"),
    ("medicare.telehealth_place", "as-in-person"): N_("the place of a visit in person"),
    ("fifteen.added_modifier", "as-asked"): N_("it stands on the line, with the name of who asked"),
    ("medicare.one_line_per_code", "one"): N_("one line for each code and set of modifiers"),
    ("medicare.notice_before", "before-the-service"): N_("before the service is given"),
    ("medicare.leftover_unit", "larger-remainder"): N_(
        "the one with more minutes left over; of equal ones the treating professional chooses"
    ),
    ("cpt.midpoint", "per-code"): N_("each code by itself: a unit counts once the middle of its time is passed"),
    ("medicare.direct_contact", "one-on-one"): N_("direct contact, one-on-one with the patient"),
    ("medicare.patient_minutes", "once"): N_("once, even where two people treat the same patient"),
    ("medicare.co_treatment", "one-discipline"): N_("counts for one discipline only"),
    ("medicare.one_patient_at_a_time", "one"): N_("one patient; a minute given to two is given to neither"),
    ("medicare.owning_discipline", "catalogue"): N_("the disciplines that the list of services names for it"),
    ("medicare.mppr_rank", "practice-expense-then-fee"): N_(
        "the one with the highest practice expense; of equal ones the one with the higher fee"
    ),
    ("medicare.fee_formula", "rounded-once-half-up"): N_(
        "each relative value times its local index, added up, times the conversion factor; rounded once, to the cent"
    ),
    ("fifteen.seconds_to_minutes", "floor-once-by-service"): N_(
        "seconds are added up by service, then cut to whole minutes once"
    ),
    ("fifteen.assistant_pooled_unit", "last-unit-first"): N_(
        "one by the rule of the last unit, the other by the share of the minutes that remain"
    ),
    ("fifteen.price_rounding", "half-up-per-unit-and-line"): N_("to the cent, half up: each unit, then each line"),
    ("fifteen.price_charge_limit", "lesser-of-charge"): N_("the charge is paid where it is less"),
    ("fifteen.price_line_order", "as-listed"): N_("in the order in which the lines are listed"),
    ("fifteen.mppr_equal", "without-assistant-then-lower-code"): N_(
        "the one without the assistant's modifier, then the lower code"
    ),
    ("medicare.reduction_order", "mppr"): N_("multiple procedure reduction"),
    ("medicare.reduction_order", "lesser-of-charge"): N_("the charge, where it is less"),
    ("medicare.reduction_order", "deductible"): N_("deductible"),
    ("medicare.reduction_order", "coinsurance"): N_("patient's share"),
    ("medicare.reduction_order", "assistant"): N_("assistant's reduction"),
    ("medicare.reduction_order", "sequestration"): N_("sequestration"),
    ("medicare.who_may_treat", "therapist"): N_("therapist"),
    ("medicare.who_may_treat", "assistant"): N_("assistant"),
    ("medicare.assistant_billing", "private-practice"): N_("private practice"),
    ("medicare.assistant_billing", "facility"): N_("facility"),
    ("medicare.assistant_billing", "physician-group"): N_("physician group"),
    ("medicare.assistant_billing", "incident-to"): N_("incident to a physician"),
    ("medicare.assistant_billing", "critical-access-hospital"): N_("critical access hospital"),
    ("medicare.assistant_billing", "modifier"): N_("with the modifier"),
    ("medicare.assistant_billing", "not-billable"): N_("not billable"),
    ("medicare.assistant_billing", "none"): N_("without the modifier"),
    ("medicare.fee_status", "priced"): N_("priced"),
    ("medicare.fee_status", "bundled"): N_("part of another service"),
    ("medicare.fee_status", "contractor"): N_("priced by the contractor"),
    ("medicare.fee_status", "not-valid"): N_("not valid for Medicare"),
    ("medicare.fee_status", "not-covered"): N_("not covered"),
    ("medicare.liability_modifier", "patient"): N_("the patient owes it"),
    ("medicare.liability_modifier", "provider"): N_("the provider bears it"),
    ("medicare.mode_kinds", "group"): N_("in a group"),
    ("medicare.mode_kinds", "supervised"): N_("supervised"),
    ("medicare.kx_reach", "line"): N_("line by line"),
    ("medicare.kx_reach", "claim"): N_("all lines of a claim of which one lies above"),
    ("medicare.kx_reach", "private-practice"): N_("private practice"),
    ("medicare.kx_reach", "facility"): N_("facility"),
    ("medicare.kx_reach", "physician-group"): N_("physician group"),
    ("medicare.kx_reach", "incident-to"): N_("incident to a physician"),
    ("medicare.kx_reach", "critical-access-hospital"): N_("critical access hospital"),
    ("medicare.kx_counts", "amount"): N_("amount"),
    ("medicare.kx_counts", "order"): N_("order"),
    ("medicare.kx_counts", "allowed-after-mppr"): N_("the amount allowed after the reduction"),
    ("medicare.kx_counts", "receipt"): N_("as the payer received the claims"),
    ("medicare.kx_bucket", "pt_slp"): N_("PT and SLP together"),
    ("medicare.kx_bucket", "ot"): "OT",
    ("fifteen.kx_crossing_line", "is-above"): N_("it counts as lying above the threshold"),
    ("fifteen.kx_expected_denial", "not-counted"): N_("it is not counted"),
    ("medicare.note_plan_first", "before-treatment"): N_("before treatment begins"),
    ("medicare.note_units", "supported"): N_("the note's own timed minutes support every timed unit that is billed"),
    ("medicare.note_agrees", "agree"): N_("the minutes and services of the note are those that are billed"),
    ("medicare.note_contributors", "named"): N_("everyone who treated is named, with credential"),
    ("medicare.note_maintenance", "skilled-need"): N_(
        "covered where it needs a therapist's skill, without improvement"
    ),
    ("medicare.note_necessity", "skilled"): N_("the service needs the skill of a therapist"),
    ("line_order", "any"): N_("any order"),
    ("line_order", "as-listed"): N_("as listed on the claim"),
}
_SCOPES = {"npi": N_("one treating provider"), "discipline": N_("one discipline")}
_PER = {"day": N_("a day"), "visit": N_("a visit")}


def title_of(id_: str, title: str) -> str:
    """What a rule is about; a field of a payer has no title of its own."""
    field = id_.rsplit(".", 1)[-1]
    return str(FIELDS[field]) if id_.startswith("payer.") and field in FIELDS else said(title or id_)


def words(id_: str, value: Any, unit: str) -> str:
    """The value of the rule `id_` in plain words."""
    place = id_.rsplit(".", 1)[-1] if id_.startswith("payer.") else id_
    match place, value:
        case ("counting_method", _method):
            return said(METHOD_NAMES[value])
        case ("unit_cap" | "money_cap", dict()):
            return _cap(value)
        case ("code_limits", {"scope": scope, "units": dict() as units}):
            most = ", ".join(f"{code} x{count}" for code, count in units.items())
            return _("at most %(most)s a day for %(scope)s") % {"most": most, "scope": _SCOPES[scope]}
        case ("code_limits", dict()):
            return _("no limit")
        case ("forbidden_pairs", []):
            return _("none")
        case ("fee_basis", dict()):
            return _basis(value)
        case ("medicare.timed_unit", {"minutes": minutes, "counts_from": first}):
            return _("%(minutes)s minutes a unit; the first is reached at minute %(first)s") % {
                "minutes": minutes,
                "first": first,
            }
        case ("medicare.untimed_unit", {"units": units}):
            return _("%(units)s, however long it takes") % {"units": units_of(units)}
        case ("medicare.assistant_share", _share):
            return _("%(percent)s percent; more takes the modifier") % {"percent": value}
        case ("medicare.assistant_two_units", {"least": _, "most": _, "together_least": _, "together_most": _}):
            said_so = _(
                "each person %(least)s to %(most)s minutes, together %(together_least)s to %(together_most)s: "
                "one unit with the modifier, one without"
            )
            return said_so % dict(value)
        case ("medicare.kx_threshold" | "medicare.review_threshold", {"pt_slp": int(both), "ot": int(ot)}):
            return _("$%(both)s for PT and SLP together, $%(ot)s for OT") % {
                "both": show_cents(both), "ot": show_cents(ot),
            }  # fmt: skip
        case ("fifteen.threshold_signs", {"near": _, "far_below": _, "every": _}):
            said_so = _("near from %(near)s percent on, far below under %(far_below)s; KX on all of %(every)s claims")
            return said_so % dict(value)
        case ("medicare.conversion_factor" | "medicare.conversion_factor_qp", str()):
            return _("$%(amount)s for one relative value unit") % {"amount": value}
        case ("medicare.proposed_conversion_factor", {"nonqp": other, "qp": own}):
            return _("$%(qp)s for QP, $%(other)s for all others") % {"qp": own, "other": other}
        case (
            "medicare.fee_status" | "medicare.assistant_billing" | "medicare.liability_modifier" | "medicare.kx_bucket"
            | "medicare.kx_reach", dict(),
        ):  # fmt: skip
            return _gathered(place, value)
        case ("medicare.mode_kinds", dict()):
            return "; ".join(f"{_word(place, mode)}: {_plain('kinds', kinds)}" for mode, kinds in value.items())
        case ("medicare.assistant_may_not" | "medicare.assistant_outside", list()):
            return _plain("kinds", value)
        case ("medicare.ptp_releases", list()):
            held = [(f"{each['table']} {each['release']}", len(each["codes"])) for each in value]
            return "; ".join(_("%(release)s with %(count)s codes") % {"release": a, "count": n} for a, n in held)
        case ("medicare.reduction_order", list()):
            return " → ".join(_word(place, part) for part in value)
    match unit:
        case "percent":
            return _("%(percent)s percent") % {"percent": value}
        case "minutes":
            return _("%(minutes)s minutes") % {"minutes": value}
        case "cents":
            return f"${show_cents(value)}"
    return _plain(place, value)


def column(name: str) -> str:
    return str(_COLUMNS.get(name, name.replace("_", " ")))


def cell(name: str, text: str) -> str:
    """A field of a row, in words where the rulebook holds a word for it."""
    match name:
        case "kind":
            return str(KINDS.get(text, text))
        case "period":
            return str(PERIODS.get(text, text))
        case "list":
            return str(LISTED.get(text, text))
        case "pooled":
            return _("yes") if text == "yes" else _("no")
        case "note" | "label":
            return said(text)
    return text


def unit_of(minutes: int | None, counts_from: int) -> str:
    """The time of a unit of a service: `15 minutes, from minute 8`."""
    if minutes is None:
        return _("untimed")
    if not counts_from:
        return _("%(minutes)s minutes") % {"minutes": minutes}
    return _("%(minutes)s minutes, from minute %(first)s") % {"minutes": minutes, "first": counts_from}


def units_of(count: int) -> str:
    return ngettext("%(count)s unit", "%(count)s units", count) % {"count": count}


def _cap(cap: Mapping[str, Any]) -> str:
    if "none" in cap:
        return _("no cap")
    if "units" in cap:
        most = units_of(cap["units"])
        if cap.get("only") == "timed":
            most = _("%(most)s of timed codes") % {"most": most}
    elif "cents" in cap:
        most = f"${show_cents(cap['cents'])}"
    else:
        most = _("%(count)s relative value units") % {"count": cap["rvu"]}
    return _("%(most)s %(per)s for %(scope)s") % {
        "most": most, "per": _PER[cap["per"]], "scope": _SCOPES[cap["scope"]],
    }  # fmt: skip


def _basis(basis: Mapping[str, Any]) -> str:
    match basis:
        case {"basis": "medicare"}:
            return _("Medicare's fee schedule")
        case {"basis": "percent-of-medicare", "percent": percent, "base": day}:
            return _("%(percent)s percent of Medicare's fee schedule of %(day)s") % {"percent": percent, "day": day}
        case {"basis": "percent-of-medicare", "percent": percent}:
            return _("%(percent)s percent of Medicare's fee schedule") % {"percent": percent}
        case {"basis": "table", "table": table, "factor": factor}:
            return _("its own table %(table)s times %(factor)s") % {"table": table, "factor": factor}
        case {"basis": "table", "table": table}:
            return _("its own table %(table)s") % {"table": table}
        case {"basis": "per-visit", "amount": amount}:
            return _("$%(amount)s a visit") % {"amount": amount}
        case {"basis": "per-diem", "amount": amount}:
            return _("$%(amount)s a day") % {"amount": amount}
        case {"basis": "charge"}:
            return _("the charge")
    return _plain("fee_basis", basis)


def _gathered(place: str, record: Mapping[str, str]) -> str:
    """A record turned about: `A, R, T priced; B part of another service`."""
    keys: dict[str, list[str]] = {}
    for key, meaning in record.items():
        keys.setdefault(meaning, []).append(_word(place, key))
    return "; ".join(f"{', '.join(names)}: {_word(place, meaning)}" for meaning, names in keys.items())


def _plain(place: str, value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Mapping):
        return "; ".join(f"{_word(place, str(key))}: {_plain(place, part)}" for key, part in value.items())
    if isinstance(value, Iterable) and not isinstance(value, str):
        return ", ".join(_plain(place, part) for part in value)
    return _word(place, str(value))


def _word(place: str, word: str) -> str:
    known = KINDS.get(word) if place == "kinds" else _WORDS.get((place, word))
    if known or any(sign.isdigit() for sign in word):  # a code, a date, an amount
        return str(known or word)
    return word.replace("_", " ").replace("-", " ")
