"""A coverage: who pays for a patient. A payer that nobody entered yet is made without rules, and that is told."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from fifteen.clinic.importing.profiles import plain_name
from fifteen.clinic.importing.run import Group, Result, Run
from fifteen.clinic.people import access, services
from fifteen.clinic.people.models import Coverage, Patient
from fifteen.clinic.tenancy.errors import Refused


def put(group: Group, run: Run) -> tuple[Result, str]:
    """The coverage of this row."""
    said = group.values
    patient = run.patients.need(said)
    payer, made = run.others.payer(said["payer"])
    if made:
        _payer_made(said["payer"], run)
    there = list(access.coverages(patient))
    rank = _rank(said, there)
    for each in there:
        if each.payer_id == payer.id and each.rank == rank and _same_member(each, said.get("member", "")):
            return "matched", each.id
        if each.rank == rank and _meet(each, said.get("starts"), said.get("ends")):
            raise Refused(_("Another coverage has the same place in the order on these days; look at which one holds."))
    row = _add(patient, payer, rank, said)
    run.made["coverage"] += 1
    return "new", row.id


def _payer_made(name: str, run: Run) -> None:
    """Count a payer that is new here: once, also where a dry run makes it in each of its parts."""
    run.undo(lambda: run.others.drop_payer(name))
    if (plain := plain_name(name)) not in run.progress.payers:
        run.progress.payers.append(plain)
        run.undo(lambda: run.progress.payers.remove(plain))
        run.made["payer"] += 1
        run.told["payers"] += 1


def _add(patient: Patient, payer: Any, rank: int, said: dict[str, Any]) -> Coverage:
    given = {name: said[name] for name in ("plan", "member", "relation", "starts", "ends") if name in said}
    return services.add_coverage(patient, payer, rank=rank, **given)


def _rank(said: dict[str, Any], there: list[Coverage]) -> int:
    """As the row says; the only coverage is the first."""
    if "rank" in said:
        return int(said["rank"])
    if there and not all(each.rank == 1 for each in there):
        raise Refused(_("The row does not say which payer is first, and the patient has several; give the order."))
    return 1


def _same_member(coverage: Coverage, member: str) -> bool:
    """Is it the same member's number, or does one of both say none?"""
    return not member or not coverage.member_key or coverage.member_key == access.member_key(member)


def _meet(coverage: Coverage, starts: date | None, ends: date | None) -> bool:
    """Do both hold on some day? A day that is not known may be any."""
    before = coverage.ends is not None and starts is not None and coverage.ends < starts
    after = coverage.starts is not None and ends is not None and ends < coverage.starts
    return not before and not after
