"""What changes payers: adding one, changing it, and the amounts it has agreed to pay."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from fifteen.clinic.audit.record import record
from fifteen.clinic.codes import typed_code
from fifteen.clinic.payers.models import Fee, Payer
from fifteen.clinic.tenancy import rows
from fifteen.clinic.tenancy.clock import now
from fifteen.clinic.tenancy.errors import Refused
from fifteen.clinic.treatment import changes

FIELDS = ("name", "policy", "number", "active")


def add_payer(name: str, *, policy: str = "", number: str = "") -> Payer:
    """A new payer; `policy` is the id of a payer in the rulebook, empty where its rules are not known."""
    row = rows.add(Payer(name=_name(name), policy=policy.strip(), number=number.strip(), made=now()))
    record("payers.add", at=now(), kind="payer", object=row.id)
    return row


def change_payer(payer: Payer, version: int, **wanted: Any) -> Payer:
    """Store fields of FIELDS over the version that was seen; `Conflict` where that is no longer the newest."""
    if "name" in wanted:
        wanted["name"] = _name(wanted["name"])
    fields = rows.change(payer, version, _of(FIELDS, wanted))
    record("payers.change", at=now(), kind="payer", object=payer.id, fields=fields)
    if "policy" in fields:
        changes.payer_changed(payer)
    return payer


def set_fee(payer: Payer, *, code: str, cents: int, starts: date, ends: date | None = None) -> Fee:
    """What the payer allows for one unit of a code from a day on; a fee of the same code and day is replaced."""
    if ends is not None and ends < starts:
        raise Refused(_("The last day of the fee lies before its first; look at the dates again."))
    wanted = {"cents": cents, "ends": ends}
    row = Fee.objects.filter(payer=payer, code=typed_code(code), starts=starts).first()
    if row is None:
        row = rows.add(Fee(payer=payer, code=typed_code(code), starts=starts, **wanted))
    else:
        rows.fit(wanted, Fee)
        Fee.objects.filter(id=row.id).update(**wanted)
        row.cents, row.ends = cents, ends
    record("payers.fee", at=now(), kind="fee", object=row.id, payer=payer.id, code=row.code)
    found: Fee = row
    return found


def _of(known: tuple[str, ...], wanted: dict[str, Any]) -> dict[str, Any]:
    unknown = sorted(set(wanted) - set(known))
    if unknown:
        raise TypeError(f"no such field: {', '.join(unknown)}")
    return wanted


def _name(name: str) -> str:
    plain = " ".join(name.split())
    if not plain:
        raise Refused(_("A payer needs a name; write it as it stands on the patient's card."))
    return plain
