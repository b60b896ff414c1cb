"""What is sent with a form is bounded before it is read: only pages that say so take files, each of so many bytes.

A file is received into one that has no name, so that nothing of it is left whenever the process ends.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from typing import Any, TypeVar

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest

from fifteen.clinic.documents import files

_V = TypeVar("_V", bound=Callable[..., Any])
WITHOUT = 3_000_000  # bytes of a request to a page that takes no file
BESIDE = 100_000  # bytes for the other fields of a form that brings one


def takes(most: int) -> Callable[[_V], _V]:
    """A page whose form may bring a file of at most so many bytes; all others refuse a body that large unread."""

    def marked(view: _V) -> _V:
        view.takes = most  # type: ignore[attr-defined]
        return view

    return marked


def too_large(request: HttpRequest, view: Any) -> bool:
    """Does the request announce more than its page takes? What it does not announce, nobody reads."""
    announced = request.META.get("CONTENT_LENGTH") or "0"
    most = getattr(view, "takes", 0)
    limit = most + BESIDE if most else WITHOUT
    return not (announced.isascii() and announced.isdigit() and len(announced) < 16 and int(announced) <= limit)


class Bounded(FileUploadHandler):
    """Receives each file into one without a name beside the clinic's files, and stops where it grows too large."""

    def new_file(self, *args: Any, **fields: Any) -> None:
        super().new_file(*args, **fields)
        self._into = tempfile.TemporaryFile(dir=files.root())  # noqa: SIM115  # closed by the request

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start + len(raw_data) > settings.DOCUMENT_LIMIT + BESIDE:
            self._into.close()
            raise StopUpload(connection_reset=True)
        self._into.write(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile[Any]:
        self._into.seek(0)
        return UploadedFile(
            file=self._into, name=self.file_name, content_type=self.content_type, size=file_size, charset=self.charset
        )

    def upload_interrupted(self) -> None:
        if (into := getattr(self, "_into", None)) is not None:
            into.close()
