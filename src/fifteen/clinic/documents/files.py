"""The files of documents: sealed in pieces beside the database, written whole or not at all.

A file lies in `clinic/files/<organization>/<document>` of the home. Until the transaction of its row ended well it is
called `<document>.part`; what an interruption leaves so is put in step when it is read, and by `mend`. Each piece is
sealed for its document, its place and whether it is the last, so that none can be moved, swapped or left out.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import msgspec

from fifteen.clinic import vault
from fifteen.clinic.tenancy.context import current

PIECE = 1 << 20
_SEALING = 2 + 12 + 16  # number of the key, nonce, tag
_SEALED = PIECE + _SEALING
PART = ".part"


class Written(msgspec.Struct, frozen=True):
    """What was written: bytes as they were given, and their SHA-256."""

    size: int
    digest: str


class Missing(vault.Sealed):
    """There is a row, and no file of it."""


def root() -> Path:
    """The folder of all files, made where it is not there yet, for the owner only."""
    found = _root()
    found.mkdir(parents=True, exist_ok=True, mode=0o700)
    return found


def _root() -> Path:
    from fifteen.settings.home import home

    base = home()
    if base is None:
        raise vault.RingUnreadable("there is no home directory to keep files in; set FIFTEEN_HOME to a folder")
    return base.joinpath("clinic", "files")


def folder() -> Path:
    """The folder of the organization acted for; there is none before its first file."""
    return _root().joinpath(current())


def free() -> int:
    """How many bytes the disk has left."""
    return shutil.disk_usage(root()).free


def write(document: str, source: BinaryIO) -> Written:
    """Seal what can be read from `source` into the file of this document, which is a `.part` until `settle`."""
    digest, size = hashlib.sha256(), 0

    def pieces() -> Iterator[bytes]:
        nonlocal size
        for piece in _of(source, PIECE):
            digest.update(piece)
            size += len(piece)
            yield piece

    _write(_part(document), document, pieces())
    return Written(size, digest.hexdigest())


def settle(document: str, organization: str = "") -> None:
    """The row stands: the file takes its name. Twice is no harm; `organization` where nobody is acted for."""
    here = _root().joinpath(organization) if organization else folder()
    with suppress(FileNotFoundError):
        here.joinpath(document + PART).replace(here.joinpath(document))


def drop_part(document: str) -> None:
    """The row will not stand: nothing is left behind."""
    _part(document).unlink(missing_ok=True)


def read(document: str) -> Iterator[bytes]:
    """The bytes in the clear, piece by piece; the first is opened before anything is handed out."""
    pieces = _opened(document)
    first = next(pieces, b"")

    def all_() -> Iterator[bytes]:
        yield first
        yield from pieces

    return all_()


def digest_of(document: str) -> Written:
    """Size and SHA-256 of the bytes in the clear; `vault.Sealed` where they do not open."""
    digest, size = hashlib.sha256(), 0
    for piece in _opened(document):
        digest.update(piece)
        size += len(piece)
    return Written(size, digest.hexdigest())


def names() -> tuple[set[str], set[str]]:
    """The documents that have a file here, and those that have a `.part`."""
    found = [each.name for each in folder().iterdir() if each.is_file()] if folder().is_dir() else []
    parts = {each.removesuffix(PART) for each in found if each.endswith(PART)}
    return {each for each in found if not each.endswith(PART)}, parts


def part_written(document: str) -> int:
    """When the `.part` of this document was written, in seconds since 1970; 0 where there is none."""
    try:
        return int(_part(document).stat().st_mtime_ns // 1_000_000_000)
    except FileNotFoundError:
        return 0


def keys_of(document: str) -> Counter[int]:
    """By which keys the pieces of this file are sealed."""
    found: Counter[int] = Counter()
    with _open(document) as file:
        while start := file.read(2):
            found[vault.key_of(start)] += 1
            file.seek(_SEALED - 2, os.SEEK_CUR)
    return found


def reseal(document: str, newest: int) -> bool:
    """Seal the file under the newest key where one of its pieces is not; False where it was, or does not open."""
    try:
        if min(keys_of(document), default=newest) >= newest:
            return False
        _write(_path(document).with_suffix(".again"), document, _opened(document))
    except vault.Sealed:
        return False  # stays as it is and keeps its key: `keys_of` counts it
    _path(document).with_suffix(".again").replace(_path(document))
    return True


def _path(document: str) -> Path:
    return folder().joinpath(document)


def _part(document: str) -> Path:
    return folder().joinpath(document + PART)


def _open(document: str) -> BinaryIO:
    try:
        return _path(document).open("rb")
    except FileNotFoundError:
        settle(document)
    try:
        return _path(document).open("rb")
    except FileNotFoundError:
        raise Missing(
            f"the file of document {document} is not in {folder()}; put it back from the newest backup"
        ) from None


def _opened(document: str) -> Iterator[bytes]:
    with _open(document) as file:
        for number, sealed, last in _numbered(_of(file, _SEALED)):
            yield vault.open_(sealed, **_place(document, number, last=last))


def _write(path: Path, document: str, pieces: Iterable[bytes]) -> None:
    """Sealed, on the disk and for the owner only; of a write that fails nothing is left."""
    root()
    path.parent.mkdir(exist_ok=True, mode=0o700)
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            for number, piece, last in _numbered(pieces):
                file.write(vault.seal(piece, **_place(document, number, last=last)))
            file.flush()
            os.fsync(file.fileno())
        for folder_ in (path.parent, path.parent.parent):  # the folder itself may be new
            _sync(folder_)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _sync(folder_: Path) -> None:
    handle = os.open(folder_, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _of(file: BinaryIO, size: int) -> Iterator[bytes]:
    while piece := file.read(size):
        yield piece


def _numbered(pieces: Iterable[bytes]) -> Iterator[tuple[int, bytes, bool]]:
    """Each piece with its number, and whether it is the last."""
    number, held = 0, None
    for piece in pieces:
        if held is not None:
            yield number, held, False
            number += 1
        held = piece
    if held is not None:
        yield number, held, True


def _place(document: str, number: int, *, last: bool) -> dict[str, str]:
    return {"table": "document", "column": f"file.{number}{'.last' if last else ''}", "row": document}
