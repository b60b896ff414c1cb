"""Read the layers of the rulebook from disk, and keep what was read in a cache.

Layers in order: the package's own data, `home` (files imported from CMS and payers), `organization`.
All have one shape: `references.toml`, `law/AREA/*.toml`, `payers/*.toml`, `tables/NAME.csv` with `NAME.toml`.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path

import msgspec

from fifteen.kernel.errors import RulebookError
from fifteen.rulebook.resolve import Rulebook
from fifteen.rulebook.schema import Compiled

PACKAGE_LAYER = Path(__file__).parent.joinpath("data")

# Part of the cache's name: raise it when `Compiled` or the checks change.
_CACHE_FORMAT = "5"

# Stands for a layer that is not used, so that a layer's number never depends on the others.
_NOWHERE = Path(os.devnull).joinpath("no-layer")


def load_rulebook(home: Path | None = None, organization: Path | None = None, cache: Path | None = None) -> Rulebook:
    """Load all layers; a layer directory that does not exist is an empty layer.

    `cache` is a directory for the compiled form; it is used only while path, size and modification time
    of every file are those it was made from, and a cache that cannot be read or written is ignored.
    Raises `RulebookError`, naming the file, when a file is not as it must be.
    """
    layers = [PACKAGE_LAYER, home or _NOWHERE, organization or _NOWHERE]
    manifest = [row for layer in layers for row in _manifest(layer)]
    if not manifest:
        raise RulebookError(f"{PACKAGE_LAYER}: the package holds no rulebook; install fifteen again.")
    store = _cache_file(cache, layers) if cache else None
    compiled = _read_cache(store, manifest) if store else None
    if compiled is None:
        # tomllib, csv and the checks are wanted only when something changed on disk.
        from fifteen.rulebook.compiler import compile_layers

        compiled = compile_layers(layers, manifest)
        if store:
            _write_cache(store, compiled)
    return Rulebook(compiled)


def _manifest(layer: Path) -> list[tuple[str, int, int]]:
    """(path, size, mtime in ns) of each file of a layer, sorted.

    A name that starts with a dot belongs to an editor or to the system (`.#rule.toml`, `._rule.toml`), not to us.
    """
    rows = []
    stack = [str(layer)]
    while stack:
        path = stack.pop()
        try:
            found = list(os.scandir(path))
        except (FileNotFoundError, NotADirectoryError):
            continue  # a layer that is not there is an empty layer
        except OSError as error:
            raise _unreadable(path, error) from None
        for item in found:
            if item.name.startswith("."):
                continue
            try:
                if item.is_dir():
                    stack.append(item.path)
                elif item.name.endswith((".toml", ".csv")):
                    stat = item.stat()
                    rows.append((item.path, stat.st_size, stat.st_mtime_ns))
            except OSError as error:
                raise _unreadable(item.path, error) from None
    return sorted(rows)


def _unreadable(path: str, error: OSError) -> RulebookError:
    return RulebookError(
        f"{path}: cannot be read ({error.strerror}); correct the link or its permissions, or remove it."
    )


def _cache_file(cache: Path, layers: list[Path]) -> Path:
    name = hashlib.sha256("\0".join([_CACHE_FORMAT, *map(str, layers)]).encode()).hexdigest()
    return cache.joinpath(f"rulebook-{name[:16]}.msgpack")


def _read_cache(store: Path, manifest: list[tuple[str, int, int]]) -> Compiled | None:
    try:
        compiled = msgspec.msgpack.decode(store.read_bytes(), type=Compiled)
    except (OSError, msgspec.MsgspecError):
        return None
    return compiled if compiled.manifest == manifest else None


def _write_cache(store: Path, compiled: Compiled) -> None:
    """Write beside and rename, so that another process sees the old file or the new one, never half of one."""
    beside = store.with_name(f"{store.name}.{os.getpid()}")
    with contextlib.suppress(OSError):
        store.parent.mkdir(parents=True, exist_ok=True)
        try:
            beside.write_bytes(msgspec.msgpack.encode(compiled))
            beside.replace(store)
        finally:
            beside.unlink(missing_ok=True)
