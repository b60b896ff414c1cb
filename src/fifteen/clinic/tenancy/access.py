"""Organizations and sites are fetched here only."""

from __future__ import annotations

from django.db.models import QuerySet

from fifteen.clinic.tenancy.context import tell_database
from fifteen.clinic.tenancy.models import Installation, Organization, Site


def organization_of(slug: str) -> Organization | None:
    """The organization that calls itself so; with an empty slug the only one there is, if there is only one."""
    if slug:
        tell_database(slug, "app.slug")
        return Organization.objects.filter(slug=slug).first()
    found = _first_two()
    return found[0] if len(found) == 1 else None


def several() -> bool:
    """Do several organizations share this installation, so that people must say which is theirs?"""
    return len(_first_two()) > 1


def _first_two() -> list[Organization]:
    tell_database("*", "app.slug")  # no slug: what the wall takes for "whichever there are"
    found = list(Organization.objects.all()[:2])
    tell_database("", "app.slug")
    return found


def organizations_seen() -> list[str]:
    """The ids of the organizations that may be seen without acting for one, by slug: none on PostgreSQL."""
    return list(Organization.objects.order_by("slug").values_list("id", flat=True))


def sites() -> QuerySet[Site]:
    """The sites of the organization acted for."""
    return Site.objects.order_by("name")


def installation() -> Installation:
    """The row about the installation; a fresh one that is not stored where nothing was made yet."""
    return Installation.objects.filter(id=1).first() or Installation()


def site(id: str) -> Site | None:
    """The site of this id in the organization acted for."""
    return Site.objects.filter(id=id).first()
