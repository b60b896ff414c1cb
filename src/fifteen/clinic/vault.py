"""Secrets and identifiers at rest: sealed with AES-256-GCM under a key ring, found again by a keyed hash.

What is sealed is bound to its table, column and row, so that a value moved to another row does not open. The ring is
read again whenever its file changed, so that every process seals with the newest key as soon as there is one.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import stat
import tempfile
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE = 12
_KEY = 32
_HIGHEST = 65_535  # the number of a key stands in two bytes before what it sealed

SEALED = (
    ("accounts", "Authenticator", "secret"),
    ("people", "Patient", "identifier"),
    ("people", "Coverage", "member"),
    ("importing", "Upload", "content"),
    ("importing", "Upload", "found"),
)
"""The columns that are sealed, as (app, model, field): what `rotation` goes through, beside the files of documents."""

UNSEALED = {
    ("jobs", "Answered", "body"): "an answer as it was sent, gone after thirty days; the disk's encryption holds",
    ("treatment", "Assessment", "inputs"): "compressed, of rows and notes that stand in other tables as they are",
    ("treatment", "Assessment", "answer"): "compressed, of rows and notes that stand in other tables as they are",
}
"""Columns of bytes that are not sealed, and why."""


class Sealed(ValueError):
    """What was sealed does not open: another key, another row, or changed bytes."""


class RingUnreadable(Sealed):
    """There is no key ring to work with; the sentence says what to do. Nothing is sealed or opened."""


class Ring(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Keys by number, base64; `newest` seals, all open. `lookup`, `chain` and `django` are for what their names say.

    `since` is from when on a key sealed; the first key has none.
    """

    newest: int
    keys: dict[int, str]
    lookup: str
    chain: str
    django: str
    since: dict[int, datetime] = {}


def _new_key() -> str:
    return b64encode(secrets.token_bytes(_KEY)).decode()


def keys_path() -> Path:
    """The key ring's file: `$FIFTEEN_KEYS`, else beside the clinic's data."""
    chosen = os.environ.get("FIFTEEN_KEYS")
    if chosen:
        return Path(chosen)
    from fifteen.settings.home import home

    base = home()
    if base is None:
        raise RingUnreadable("there is no home directory to keep keys in; set FIFTEEN_KEYS to a file")
    return base.joinpath("clinic", "keys.json")


_read: tuple[tuple[str, int, int, int], Ring] | None = None  # of which file, and what stood in it


def ring() -> Ring:
    """The key ring as its file stands now; one is made, readable by its owner only, where there is none."""
    global _read
    path = keys_path()
    try:
        found = path.stat()
    except FileNotFoundError:
        _make(path)
        found = path.stat()
    except OSError as error:
        raise RingUnreadable(_cannot(path, error)) from None
    mark = (str(path), found.st_ino, found.st_mtime_ns, found.st_size)
    if _read is None or _read[0] != mark:
        _read = (mark, read_ring(path))
    return _read[1]


def read_ring(path: Path) -> Ring:
    """The ring of this file; `RingUnreadable` where others can read it, or it is no whole ring."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        content = path.read_bytes()
    except OSError as error:
        raise RingUnreadable(_cannot(path, error)) from None
    if mode & 0o077:
        raise RingUnreadable(
            f"the key ring {path} can be read by others (mode {mode:04o}); give it to its owner only: chmod 600 {path}"
        )
    try:
        found = msgspec.json.decode(content, type=Ring)
        lengths = {len(b64decode(each, validate=True)) for each in (*found.keys.values(), *_purposes(found))}
    except ValueError:  # msgspec's own words would show what stands there
        raise RingUnreadable(f"the key ring {path} is no whole key ring; put the copy of your backup there") from None
    if lengths != {_KEY} or not all(0 < number <= _HIGHEST for number in found.keys):
        raise RingUnreadable(f"a key in the key ring {path} is no key; put the copy of your backup there")
    if found.newest not in found.keys:
        raise RingUnreadable(
            f"the key ring {path} does not hold its newest key {found.newest}; put the copy of your backup there"
        )
    return found


def _purposes(found: Ring) -> tuple[str, str, str]:
    return found.lookup, found.chain, found.django


def _cannot(path: Path, error: OSError) -> str:
    return f"the key ring {path} cannot be read: {error.strerror or error}; check its owner and FIFTEEN_KEYS"


def _make(path: Path) -> None:
    """A first ring; of two processes that make one at once, both go on with the same."""
    if (data := path.with_name("fifteen.sqlite3")).is_file() and data.stat().st_size:
        raise RingUnreadable(
            f"there is no key ring {path}, but {data.name} beside it needs one; put the copy of your backup there"
        )
    draft = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = _draft(Ring(1, {1: _new_key()}, _new_key(), _new_key(), _new_key()), path)
        os.link(draft, path)  # unlike a replacement this never takes the place of a ring that is there
    except FileExistsError:
        pass
    except OSError as error:
        raise RingUnreadable(
            f"the key ring {path} cannot be written: {error.strerror or error}; check its folder and FIFTEEN_KEYS"
        ) from None
    finally:
        if draft is not None:
            draft.unlink(missing_ok=True)


def write_ring(found: Ring, path: Path) -> None:
    """Write whole or not at all, for the owner only."""
    draft = _draft(found, path)
    try:
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # what is sealed with a new key must not outlive its name in the folder
    finally:
        os.close(folder)


def _draft(found: Ring, path: Path) -> Path:
    """The ring in a file of its own beside `path`, on the disk and for the owner only."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(msgspec.json.encode(found))
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
    return Path(name)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Nobody else changes the ring meanwhile."""
    import fcntl

    ring()
    handle = os.open(path.with_name(f"{path.name}.lock"), os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def add_key(at: datetime) -> int:
    """A new key that seals from `at` on; its number."""
    path = keys_path()
    with _alone(path):
        found = read_ring(path)
        number = max(found.keys) + 1
        if number > _HIGHEST:
            raise RingUnreadable(f"the key ring {path} has used all its numbers; nothing was changed")
        keys, since = {**found.keys, number: _new_key()}, {**found.since, number: at}
        write_ring(msgspec.structs.replace(found, newest=number, keys=keys, since=since), path)
    return number


def drop_keys(numbers: set[int]) -> None:
    """Take keys out of the ring, never the newest. What was sealed with them opens no more: count before."""
    path = keys_path()
    with _alone(path):
        found = read_ring(path)
        gone = numbers - {found.newest}
        keys = {number: key for number, key in found.keys.items() if number not in gone}
        since = {number: at for number, at in found.since.items() if number not in gone}
        write_ring(msgspec.structs.replace(found, keys=keys, since=since), path)


def key_of(sealed: bytes) -> int:
    """The number of the key that sealed this."""
    return int.from_bytes(bytes(sealed[:2]), "big")


def seal(value: bytes, *, table: str, column: str, row: str) -> bytes:
    """`value` sealed for this place: a number of the key, a nonce, and what AES-256-GCM makes of it."""
    found = ring()
    nonce = secrets.token_bytes(_NONCE)
    sealed = AESGCM(b64decode(found.keys[found.newest])).encrypt(nonce, value, _place(table, column, row))
    return found.newest.to_bytes(2, "big") + nonce + sealed


def open_(sealed: bytes, *, table: str, column: str, row: str) -> bytes:
    """What was sealed for this place; `Sealed` where it does not open."""
    number = key_of(sealed)
    key = ring().keys.get(number)
    if key is None:
        raise Sealed(
            f"{table}.{column} is sealed with key {number}, which the key ring {keys_path()} does not hold; "
            "put the ring of the backup there that holds it"
        )
    body = bytes(sealed[2:])
    if len(body) < _NONCE:
        raise Sealed(f"{table}.{column} does not open: it is too short to have been sealed")
    try:
        return AESGCM(b64decode(key)).decrypt(body[:_NONCE], body[_NONCE:], _place(table, column, row))
    except InvalidTag:
        raise Sealed(f"{table}.{column} does not open: its bytes, its row or its key is another") from None


def lookup(value: str, *, kind: str) -> str:
    """A keyed hash to find a value by that nobody can read back; `kind` keeps two kinds of value apart."""
    return hmac.new(b64decode(ring().lookup), f"{kind}\0{value}".encode(), hashlib.sha256).hexdigest()


def _place(table: str, column: str, row: str) -> bytes:
    return f"{table}\0{column}\0{row}".encode()
