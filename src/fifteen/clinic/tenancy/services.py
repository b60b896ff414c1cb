"""Adding sites and changing them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import get_args
from zoneinfo import available_timezones

from fifteen.clinic.audit.record import record
from fifteen.clinic.tenancy.clock import now
from fifteen.clinic.tenancy.models import Site
from fifteen.clinic.treatment import changes
from fifteen.engine.day import Billing
from fifteen.kernel.npi import is_npi

_LOCALITY = re.compile(r"[0-9]{5}-[0-9]{2}")
_TWO_DIGITS = re.compile(r"[0-9]{2}")

# A therapy clinic of the United States first; the rest of the list after it.
USUAL_ZONES = (
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Phoenix",
    "America/Los_Angeles",
    "America/Anchorage",
    "Pacific/Honolulu",
    "America/Puerto_Rico",
)


class SiteRefused(ValueError):
    """A site that may not be so: `reason` is a word that pages turn into a sentence, `field` where it belongs."""

    def __init__(self, reason: str, field: str) -> None:
        super().__init__(reason)
        self.reason, self.field = reason, field


class SiteChanged(Exception):
    """Somebody else changed the site since the page was opened. Nothing was stored."""


def other_zones() -> list[str]:
    """Every zone of the IANA list that names a place, but the usual ones."""
    places = {each for each in available_timezones() if "/" in each and not each.startswith(("Etc/", "SystemV/"))}
    return sorted(places - set(USUAL_ZONES))


def add_site(name: str, zone: str, **more: str) -> Site:
    """A new site; its zone decides which day it is there. `more` are the other fields of `FIELDS`."""
    values = _checked({"name": name, "zone": zone, **more})
    site = Site(**values)
    site.save(force_insert=True)
    record("site.added", at=now(), kind="site", object=site.id, zone=zone)
    return site


def change_site(site: Site, typed: dict[str, str], before: dict[str, str]) -> Site:
    """Other values of some of `FIELDS`; `before` is what the page had shown of them. Days stored keep their date.

    Where they are, how they are priced or billed bears on the days of its patients: those are assessed anew by jobs.
    """
    wanted = _checked(typed, site)
    if not Site.objects.filter(id=site.id, **before).update(**wanted):
        raise SiteChanged
    fields = [name for name, value in wanted.items() if getattr(site, name) != value]
    record("site.changed", at=now(), kind="site", object=site.id, fields=fields, zone_before=site.zone,
           zone=wanted.get("zone", site.zone))  # fmt: skip
    site.refresh_from_db()
    if {"zone", "locality", "billing"} & set(fields):
        changes.site_changed(site)
    return site


def _checked(typed: dict[str, str], site: Site | None = None) -> dict[str, str]:
    """The values as they are stored; `SiteRefused` for the first that may not be so. What stood already may stay."""
    found = {}
    for field, value in typed.items():
        stands = site is not None and field != "name" and value == getattr(site, field)
        found[field] = value if stands else _name(value, site) if field == "name" else _CHECKS[field](value)
    return found


def _name(typed: str, site: Site | None = None) -> str:
    name = " ".join(typed.split())
    if not 1 <= len(name) <= 120 or not name.isprintable():
        raise SiteRefused("name", "name")
    same = Site.objects.filter(name__iexact=name)
    if (same.exclude(id=site.id) if site else same).exists():
        raise SiteRefused("name_taken", "name")
    return name


def _zone(zone: str) -> str:
    if zone not in USUAL_ZONES and zone not in other_zones():
        raise SiteRefused("zone", "zone")
    return zone


def _locality(typed: str) -> str:
    """Which there are in a year the rulebook says; here only how they are written."""
    if typed and not _LOCALITY.fullmatch(typed):
        raise SiteRefused("locality", "locality")
    return typed


def _billing(typed: str) -> str:
    if typed not in get_args(Billing):
        raise SiteRefused("billing", "billing")
    return typed


def _place(typed: str) -> str:
    if typed and not _TWO_DIGITS.fullmatch(typed):
        raise SiteRefused("place_of_service", "place_of_service")
    return typed


def _npi(typed: str) -> str:
    plain = "".join(typed.split())
    if plain and not is_npi(plain):
        raise SiteRefused("npi", "npi")
    return plain


def _address(typed: str) -> str:
    plain = " ".join(typed.split())
    if len(plain) > 200 or not plain.isprintable():
        raise SiteRefused("address", "address")
    return plain


_CHECKS: dict[str, Callable[[str], str]] = {
    "zone": _zone, "locality": _locality, "billing": _billing, "place_of_service": _place, "npi": _npi,
    "address": _address,
}  # fmt: skip
FIELDS = ("name", *_CHECKS)
"""What people may say of a site."""
