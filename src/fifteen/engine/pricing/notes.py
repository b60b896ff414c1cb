"""What is worth saying about a price: each function returns one finding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from fifteen.kernel.finding import Finding
from fifteen.kernel.money import show_cents
from fifteen.rulebook import Rulebook

_OWN = "add it with its source to your organization's rulebook"


def joined(words: Sequence[str], joint: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    *head, last = words
    return f"{', '.join(head)} {joint} {last}" if head else last


# -- not known -----------------------------------------------------------------------------------------------------


def no_release(rulebook: Rulebook, on: date) -> Finding:
    proposed = rulebook.value_or_none("medicare.proposed_conversion_factor", on)
    said, cite = "", ""
    if proposed is not None:
        factors = joined([f"{track} {factor}" for track, factor in proposed.value.items()])
        said, cite = f" Proposed, and not used: conversion factor {factors}.", proposed.cite
    return Finding(
        "price.not-known", "warn", f"The fee schedule is not known for {on}: no release of it is held.{said}",
        f"Import the year's CMS files, or {_OWN}.", cite, "on",
    )  # fmt: skip


def not_in_schedule(code: str, on: date) -> Finding:
    return Finding(
        "price.not-known", "warn",
        f"{code} is not in the therapy rows of the fee schedule on {on}; its price is not known.",
        f"Check the code and the date, or {_OWN}.", where=code,
    )  # fmt: skip


def no_national_price(code: str, letter: str, bare: bool, cite: str) -> Finding:
    values = " and no relative values" if bare else ""
    return Finding(
        "price.not-known", "warn",
        f"{code} has status {letter}{values}: it has no national price, the contractor sets one.",
        "Look up the contractor's amount, and keep it with its source as contractor_prices in your organization's "
        "rulebook.", cite, code,
    )  # fmt: skip


def no_percent_of_nothing(code: str) -> Finding:
    return Finding(
        "price.not-known", "warn",
        f"Medicare pays nothing for {code} of its own, so a percent of Medicare does not say what this payer pays.",
        "Look it up in the contract; a payer's own table can hold it.", where=code,
    )  # fmt: skip


def not_in_table(code: str, table: str, on: date) -> Finding:
    return Finding(
        "price.not-known", "warn", f"{code} has no usable amount in {table} on {on}; its price is not known.",
        "Add its row with an amount, or with an rvu and the payer's factor, to your organization's rulebook.",
        where=code,
    )  # fmt: skip


def no_charge(code: str) -> Finding:
    return Finding(
        "price.not-known", "warn", f"The price of {code} is the charge, and no charge is known.",
        "Give the charge of one unit, or keep your charges in your organization's rulebook.", where=code,
    )  # fmt: skip


def basis_unknown(label: str, on: date) -> Finding:
    return Finding(
        "payer.price-unknown", "warn", f"How {label} prices is not known for {on}.",
        "Add the contract's table, percent of Medicare or rate as fee_basis of the payer to your organization's "
        "rulebook.", where="payer",
    )  # fmt: skip


def mppr_unknown(label: str) -> Finding:
    return Finding(
        "payer.mppr-unknown", "warn",
        f"Whether {label} pays only one unit a day in full (MPPR) is not known, and more than one unit falls under it.",
        "Ask the payer, and add its answer as mppr to your organization's rulebook.", where="payer",
    )  # fmt: skip


def full_unit_unknown(label: str, codes: Sequence[str]) -> Finding:
    return Finding(
        "payer.mppr-unknown", "warn",
        f"{label} pays one unit of the day in full, and without a price of {joined(codes)} which unit that is is not "
        "known.",
        "Add the missing rows to the payer's table.", where="payer",
    )  # fmt: skip


def reduced_unknown(code: str, label: str) -> Finding:
    return Finding(
        "price.not-known", "warn", f"{label} reduces {code}, and its table holds no reduced amount.",
        "Add the column reduced to the payer's table.", where=code,
    )  # fmt: skip


def assistant_unknown(label: str) -> Finding:
    return Finding(
        "payer.assistant-unknown", "warn", f"Whether {label} pays less for an assistant's service is not known.",
        "Ask the payer, and add its answer as assistant_factor to your organization's rulebook.", where="payer",
    )  # fmt: skip


def assistant_of_rate(label: str) -> Finding:
    return Finding(
        "payer.assistant-unknown", "warn",
        f"{label} pays less for an assistant's service; what it takes off one rate for lines with and without an "
        "assistant is not known.",
        "Ask the payer how it reduces its rate.", where="payer",
    )  # fmt: skip


def cap_without_factor(label: str, rvu: str, cite: str) -> Finding:
    return Finding(
        "payer.cap-not-checked", "warn",
        f"{label} pays at most {rvu} relative value units a day; their price is not known.",
        "Add the payer's factor to its fee_basis in your organization's rulebook.", cite, "payer",
    )  # fmt: skip


def caps_unknown(label: str, caps: Sequence[str]) -> Finding:
    return Finding(
        "payer.cap-not-known", "info", f"Not checked: whether {label} has a cap on {joined(caps, 'or')} is not known.",
        "Ask the payer, and add its answer to your organization's rulebook.", where="payer",
    )  # fmt: skip


def share_unknown(label: str) -> Finding:
    return Finding(
        "price.patient-share-not-known", "warn", f"What {label} leaves to this patient is not known.",
        "Give the plan's coinsurance or copay.", where="patient_share",
    )  # fmt: skip


# -- known, and worth a look ---------------------------------------------------------------------------------------


def pays_nothing(rulebook: Rulebook, code: str, kind: str, letter: str, on: date, cite: str) -> Finding:
    meaning = {
        "bundled": "it is part of another service, whose payment covers it",
        "not-valid": "it is not valid for Medicare",
        "not-covered": "Medicare does not cover it",
    }
    row = rulebook.row("medicare_code_status", code, on)
    instead = row["use_instead"] if row is not None else ""
    fix = f"Use {instead} if that is what was done." if instead else "Leave it off, or expect no payment for it."
    said = meaning.get(kind, kind)
    return Finding(f"price.{kind}", "warn", f"{code} has status {letter}: {said}; it is paid 0.00.", fix, cite, code)


def stands_in(release: str, on: date, cite: str) -> Finding:
    return Finding(
        "price.release-stands-in", "info",
        f"The CMS release of the quarter of {on} was not read; {release} of the same year stands in for it.",
        "Within each year read whole no therapy value moved but in April 2020; import the release to be certain.",
        cite, "on",
    )  # fmt: skip


def defaults(taken: Sequence[str], where: Sequence[str]) -> Finding:
    return Finding(
        "price.defaults", "info", f"Not said, and so taken as: {'; '.join(taken)}.", "Say what differs.",
        where=", ".join(where),
    )  # fmt: skip


def equal_rank(codes: Sequence[str], full: str, cite: str) -> Finding:
    return Finding(
        "price.mppr-tie", "info",
        f"Lines of equal rank ({', '.join(codes)}) with and without an assistant: {full} without one was paid in full, "
        "which is our order and not law.", "The contractor may pay the other in full; the amounts then differ.", cite,
        full,
    )  # fmt: skip


def over_unit_cap(label: str, cap: Mapping[str, Any], over: int, cite: str) -> Finding:
    most = f"{cap['units']} {'timed units' if 'only' in cap else 'units'} a {cap['per']}"
    return Finding(
        "payer.unit-cap", "warn", f"{label} pays at most {most}; units over that, paid 0.00: {over}.",
        "Units were taken as listed; never split a line to pass the cap.", cite, "payer",
    )  # fmt: skip


def over_money_cap(label: str, cents: int, over: int, cite: str) -> Finding:
    return Finding(
        "payer.money-cap", "warn", f"{label} pays at most {show_cents(cents)} a day: {show_cents(over)} lies over it.",
        "Lines were taken as listed.", cite, "payer",
    )  # fmt: skip


def denial_expected(code: str, modifier: str, owes: str, cite: str) -> Finding:
    bears = {"patient": "the patient then owes your charge", "provider": "you then bear it yourself"}
    return Finding(
        "price.denial-expected", "warn",
        f"{code} carries {modifier}, which says that a denial is expected; {bears[owes]}. The figures are those of a "
        "line that is paid.",
        "Price the day without this line to see what else to expect.", cite, code,
    )  # fmt: skip


def one_discipline(label: str, cite: str) -> Finding:
    return Finding(
        "price.discipline-not-said", "info",
        f"{label} caps each discipline apart; lines without GP, GO or GN were taken for one discipline of their own.",
        "Give the plan's modifier on each line.", cite, "payer",
    )  # fmt: skip


def deductible_above_year(left: int, whole: int, on: date, cite: str) -> Finding:
    return Finding(
        "price.deductible-above-year", "warn",
        f"{show_cents(left)} of the deductible cannot be left: all of it was {show_cents(whole)} in {on.year}.",
        "Check the amount with the patient's eligibility answer.", cite, "deductible",
    )  # fmt: skip


def plan_at_one_date(visits: int, on: date) -> Finding:
    return Finding(
        "price.estimate", "info",
        f"The estimate takes {visits} visits like this day at the prices of {on}, within one year of the deductible.",
        "Make it again when the plan, the coverage or the year changes.", where="estimate",
    )  # fmt: skip
