"""Adding sites and changing them."""

from __future__ import annotations

from zoneinfo import available_timezones

from fifteen.clinic.audit.record import record
from fifteen.clinic.tenancy.clock import now
from fifteen.clinic.tenancy.models import Site

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


def add_site(name: str, zone: str) -> Site:
    """A new site; its zone decides which day it is there."""
    site = Site(name=_name(name), zone=_zone(zone))
    site.save(force_insert=True)
    record("site.added", at=now(), kind="site", object=site.id, zone=zone)
    return site


def change_site(site: Site, name: str, zone: str, before: tuple[str, str]) -> Site:
    """Another name or zone; `before` is what the page had shown of both. Days already stored keep their date."""
    name, zone = _name(name, site), _zone(zone)
    if not Site.objects.filter(id=site.id, name=before[0], zone=before[1]).update(name=name, zone=zone):
        raise SiteChanged
    fields = [each for each, old, new in (("name", before[0], name), ("zone", before[1], zone)) if old != new]
    record("site.changed", at=now(), kind="site", object=site.id, fields=fields, zone_before=before[1], zone=zone)
    site.refresh_from_db()
    return site


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
