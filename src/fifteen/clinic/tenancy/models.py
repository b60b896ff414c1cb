"""Organizations and sites, and what every row that belongs to one has in common."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, TypeVar

from django.db import models

from fifteen.clinic.tenancy.context import current
from fifteen.clinic.tenancy.ids import LENGTH, new_id


class OpaqueKey(models.CharField):  # type: ignore[type-arg]  # no subscript at run time
    """A primary key that tells nothing and cannot be guessed."""

    def __init__(self, **fields: Any) -> None:
        fields.setdefault("max_length", LENGTH)
        fields.setdefault("primary_key", True)
        fields.setdefault("default", new_id)
        fields.setdefault("editable", False)
        super().__init__(**fields)


class Organization(models.Model):
    """Who owns the data. `slug` is what its people type where several share an installation."""

    id = OpaqueKey()
    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    made = models.DateTimeField()

    class Meta:
        db_table = "organization"

    def __str__(self) -> str:
        return str(self.id)


class Installation(models.Model):
    """The one row about the installation itself: how many organizations were ever made, and the code for the first.

    No organization's wall stands before it: whether there is one must be known before anyone can act for it.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    organizations = models.PositiveIntegerField(default=0)
    code = models.CharField(max_length=64, blank=True, default="")
    code_ends = models.DateTimeField(null=True)

    class Meta:
        db_table = "installation"

    def __str__(self) -> str:
        return str(self.id)


_M = TypeVar("_M", bound=models.Model)


class OwnedQuerySet(models.QuerySet[_M]):
    """Rows that stay with their organization, also where many are written at once."""

    def bulk_create(self, objs: Iterable[_M], *args: Any, **fields: Any) -> list[_M]:
        found = list(objs)
        for row in found:
            claim(row)
        return super().bulk_create(found, *args, **fields)

    def bulk_update(self, objs: Iterable[_M], *args: Any, **fields: Any) -> int:
        found = list(objs)
        for row in found:
            claim(row)
        return super().bulk_update(found, *args, **fields)

    def update(self, **fields: Any) -> int:
        if {"organization", "organization_id"} & fields.keys():
            raise PermissionError("rows stay with their organization; no update moves them to another")
        return super().update(**fields)


class OwnedManager(models.Manager[_M]):
    """Only rows of the organization acted for."""

    def get_queryset(self) -> OwnedQuerySet[_M]:
        return OwnedQuerySet(self.model, using=self._db).filter(organization_id=current())


def claim(row: Any) -> None:
    """Make it a row of the organization acted for; `PermissionError` where it is of another."""
    if not row.organization_id:
        row.organization_id = current()
    elif row.organization_id != current():
        raise PermissionError("a row of another organization cannot be saved while acting for this one")


class Owned(models.Model):
    """A row of one organization. `everywhere` is for the wall itself: migrations, sealing, proving."""

    id = OpaqueKey()
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+", editable=False)

    objects: ClassVar[OwnedManager[Any]] = OwnedManager()
    everywhere: ClassVar[models.Manager[Any]] = models.Manager()

    class Meta:
        abstract = True
        base_manager_name = "everywhere"
        default_manager_name = "objects"

    def __str__(self) -> str:
        return str(self.id)

    def save(self, *args: Any, **fields: Any) -> None:
        """Into the organization acted for, and no other."""
        claim(self)
        super().save(*args, **fields)


class Site(Owned):
    """Where treatment happens; its zone decides which day it is there.

    `locality` is Medicare's, as `15202-00`; empty: not known, and nothing is priced. `billing` as the engine names it.
    """

    name = models.CharField(max_length=120)
    zone = models.CharField(max_length=64, default="America/New_York")
    locality = models.CharField(max_length=12, blank=True, default="")
    billing = models.CharField(max_length=30, default="private-practice")
    place_of_service = models.CharField(max_length=2, blank=True, default="")
    npi = models.CharField(max_length=10, blank=True, default="")
    address = models.CharField(max_length=200, blank=True, default="")

    class Meta(Owned.Meta):
        db_table = "site"
