"""Checkpoints: how far the chain had come, signed, in a file outside of the database that only grows.

Who changes the database, and even who knows the key of the chain, cannot make the chain agree with them again. Keep a
copy of the folder elsewhere: what is gone from both places cannot be missed.
"""

from __future__ import annotations

import hashlib
import os
from base64 import b64decode, b64encode
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from fifteen.clinic import vault
from fifteen.clinic.tenancy.clock import now

_TAIL = 4096  # bytes, more than a line has


class Checkpoint(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The chain of an organization had this digest at this place; `key` says which key signed."""

    organization: str
    place: int
    digest: str
    at: datetime
    key: str
    signature: str


def folder() -> Path:
    """Where checkpoints are kept: `$FIFTEEN_CHECKPOINTS`, else `clinic/checkpoints` in the home of Fifteen."""
    chosen = os.environ.get("FIFTEEN_CHECKPOINTS")
    if chosen:
        return Path(chosen)
    from fifteen.settings.home import home

    base = home()
    if base is None:
        raise ValueError("there is no home directory to keep checkpoints in; set FIFTEEN_CHECKPOINTS to a folder")
    return base.joinpath("clinic", "checkpoints")


def key_path() -> Path:
    """The signing key, beside the key ring; whoever keeps the ring safe keeps this file with it."""
    return vault.keys_path().with_name("checkpoint.key")


def keep_up(organization: str, place: int, digest: str) -> bool:
    """Write a checkpoint unless the newest says the same already; whether one was written."""
    last = newest(organization)
    if last is not None and (last.place, last.digest) == (place, digest):
        return False
    at, signer = now(), _signer()
    signature = b64encode(signer.sign(_said(organization, place, digest, at))).decode()
    _append(organization, Checkpoint(organization, place, digest, at, _name(signer.public_key()), signature))
    return True


def read(organization: str, where: Path | None = None) -> Iterator[Checkpoint | None]:
    """Every checkpoint from the oldest on; None for a line that is none, such as one that a power cut tore."""
    path = _file(organization, where)
    if not path.exists():
        return
    with path.open("rb") as lines:
        for line in lines:
            if line.strip():
                yield _decoded(line)


def newest(organization: str, where: Path | None = None) -> Checkpoint | None:
    """The last line that can be read."""
    path = _file(organization, where)
    if not path.exists():
        return None
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _TAIL))
        lines = file.read().splitlines()
    return next((found for line in reversed(lines) if (found := _decoded(line)) is not None), None)


def verifier() -> Ed25519PublicKey | None:
    """The public half of the signing key; None where there is no such file."""
    return _signer().public_key() if key_path().exists() else None


def genuine(found: Checkpoint, key: Ed25519PublicKey | None) -> bool:
    """Was it signed with this key?"""
    if key is None or found.key != _name(key):
        return False
    try:
        key.verify(b64decode(found.signature), _said(found.organization, found.place, found.digest, found.at))
    except (InvalidSignature, ValueError):
        return False
    return True


def _said(organization: str, place: int, digest: str, at: datetime) -> bytes:
    return msgspec.json.encode(("fifteen checkpoint", organization, place, digest, at))


def _name(key: Ed25519PublicKey) -> str:
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()[:16]


def _file(organization: str, where: Path | None = None) -> Path:
    return (where or folder()).joinpath(f"{organization}.jsonl")


def _decoded(line: bytes) -> Checkpoint | None:
    try:
        return msgspec.json.decode(line, type=Checkpoint)
    except msgspec.MsgspecError:
        return None


def _append(organization: str, found: Checkpoint) -> None:
    path = _file(organization)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        size = os.fstat(handle).st_size
        torn = size > 0 and os.pread(handle, 1, size - 1) != b"\n"
        os.write(handle, (b"\n" if torn else b"") + msgspec.json.encode(found) + b"\n")
        os.fsync(handle)
    finally:
        os.close(handle)


def _signer() -> Ed25519PrivateKey:
    """The signing key; one is made, for its owner only, where there is none."""
    path = key_path()
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write_key(path)
    return Ed25519PrivateKey.from_private_bytes(b64decode(path.read_bytes()))


def _write_key(path: Path) -> None:
    """Whole or not at all; who comes second takes what the first one wrote."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(b64encode(Ed25519PrivateKey.generate().private_bytes_raw()))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
