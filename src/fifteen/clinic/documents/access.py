"""Documents are fetched here only."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from fifteen.clinic.accounts.models import User
from fifteen.clinic.documents.models import Document, DocumentHidden
from fifteen.clinic.people import access as people
from fifteen.clinic.people.models import Patient
from fifteen.clinic.tenancy.errors import NotFound


def documents_of(patient: Patient, *, hidden: bool = False) -> QuerySet[Document]:
    """The documents of a record and of all merged into it, by kind, newest first; wrongly filed ones when asked for."""
    found: QuerySet[Document] = (
        Document.objects.filter(patient__in=people.family(patient))
        .select_related("plan", "episode")
        .order_by("kind", "-received", "-id")
    )
    return found if hidden else found.exclude(id__in=_hidden())


def document(id: str) -> Document:
    """The document of this id, also a hidden one; `NotFound` where this organization has none."""
    found = Document.objects.filter(id=id.replace("\0", "")).select_related("patient", "plan", "episode").first()
    if not isinstance(found, Document):
        raise NotFound("document")
    return found


def hidden_ids() -> set[str]:
    """The ids of the documents that were filed wrongly. Marks and their taking back take turns: counting tells."""
    return set(_hidden())


def is_hidden(found: Document) -> bool:
    """Was it filed wrongly, and that not taken back?"""
    return _hidden().filter(document=found).exists()


def history(found: Document) -> QuerySet[DocumentHidden]:
    """When it was hidden and shown again, why and by whom, oldest first."""
    rows: QuerySet[DocumentHidden] = DocumentHidden.objects.filter(document=found).order_by("at", "id")
    return rows


def count() -> int:
    """How many documents the organization keeps."""
    return Document.objects.count()


def bytes_kept() -> int:
    """How many bytes of documents the organization keeps."""
    total: int | None = Document.objects.aggregate(total=Sum("size"))["total"]
    return total or 0


def files_known() -> dict[str, tuple[int, str]]:
    """Size and digest of every document of the organization, by its id."""
    return {id: (size, digest) for id, size, digest in Document.objects.values_list("id", "size", "digest").iterator()}


def exists(id: str) -> bool:
    """Is there a row of this id?"""
    return Document.objects.filter(id=id).exists()


def names(found: list[Document]) -> dict[str, str]:
    """The names of the people who filed these, by their ids."""
    return dict(User.objects.filter(id__in={each.by for each in found}).values_list("id", "name"))


def _hidden() -> QuerySet[Any, Any]:
    marked = Count("id", filter=Q(shown=False)) - Count("id", filter=Q(shown=True))
    rows: QuerySet[Any, Any] = (
        DocumentHidden.objects.order_by().values("document").annotate(standing=marked).filter(standing__gt=0)
    )
    return rows.values_list("document", flat=True)
