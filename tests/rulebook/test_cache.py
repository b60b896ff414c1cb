"""The cache saves time and nothing else: with it, without it or with a broken one the rulebook is the same."""

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

import msgspec
import pytest

from fifteen.rulebook import Rulebook, compiler, load_rulebook

from .conftest import Shelf

DAY = date(2026, 3, 2)


def contents(book: Rulebook) -> object:
    return book.hash, book.parameters, book.payers, book.tables, book.references


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One entry for each time the files were compiled."""
    times: list[int] = []
    compile_layers = compiler.compile_layers
    monkeypatch.setattr(compiler, "compile_layers", lambda *args: times.append(1) or compile_layers(*args))
    return times


def stored(shelf: Shelf) -> Path:
    [file] = shelf.cache.iterdir()
    return file


def test_the_cache_is_used_while_nothing_changed(shelf: Shelf, compiled: list[int]) -> None:
    first = shelf.load_cached()
    second = shelf.load_cached()
    assert compiled == [1]
    assert contents(first) == contents(second)


def test_the_rulebook_is_the_same_with_and_without_cache(shelf: Shelf) -> None:
    shelf.rule("home", "2020-01-01 8")
    shelf.load_cached()
    assert contents(shelf.load_cached()) == contents(shelf.load())


@pytest.mark.parametrize("value", ["{ day = 2026-01-01 }", "{ count = 99999999999999999999 }"])
def test_no_value_changes_in_the_cache(value: str, shelf: Shelf) -> None:
    """Such a value is refused when it is read, or is the same from the cache."""
    shelf.rule("home", f"2020-01-01 {value}", unit="record")
    found = []
    for _ in range(2):
        try:
            found.append(shelf.load_cached().value("test.rule", DAY).value)
        except compiler.RulebookError:
            found.append("refused")
    assert found[0] == found[1]


def test_two_sets_of_layers_have_two_caches(shelf: Shelf, compiled: list[int]) -> None:
    for _ in range(2):
        load_rulebook(home=shelf.home, cache=shelf.cache)
        load_rulebook(organization=shelf.home, cache=shelf.cache)
    assert compiled == [1, 1]


def other_size(file: Path) -> None:
    kept = file.stat().st_mtime_ns
    file.write_text(file.read_text().replace("value = 8", "value = 10"))
    os.utime(file, ns=(kept, kept))


def other_time(file: Path) -> None:
    kept = file.stat().st_mtime_ns
    file.write_text(file.read_text().replace("value = 8", "value = 9"))
    os.utime(file, ns=(kept + 1_000, kept + 1_000))


def other_name(file: Path) -> None:
    file.write_text(file.read_text().replace("value = 8", "value = 9"))
    file.rename(file.with_name("other.toml"))


def one_more(file: Path) -> None:
    file.with_name("more.toml").write_text(file.read_text().replace("2020", "2022").replace("value = 8", "value = 9"))


@pytest.mark.parametrize("change", [other_size, other_time, other_name, one_more])
def test_a_changed_file_is_read_again(change: Callable[[Path], None], shelf: Shelf) -> None:
    file = shelf.rule("home", "2020-01-01 8")
    assert shelf.load_cached().value("test.rule", DAY).value == 8
    change(file)
    assert shelf.load_cached().value("test.rule", DAY).value != 8


def test_a_removed_file_is_forgotten(shelf: Shelf) -> None:
    file = shelf.rule("home", "2020-01-01 8")
    shelf.load_cached()
    file.unlink()
    assert "test.rule" not in shelf.load_cached().parameters


@pytest.mark.parametrize("part", [b"", b"junk", msgspec.msgpack.encode({}), msgspec.msgpack.encode([1]), None])
def test_a_corrupt_cache_is_ignored_and_made_again(part: bytes | None, shelf: Shelf, compiled: list[int]) -> None:
    right = contents(shelf.load_cached())
    file = stored(shelf)
    file.write_bytes(file.read_bytes()[:-100] if part is None else part)
    assert contents(shelf.load_cached()) == right
    assert contents(shelf.load_cached()) == right
    assert compiled == [1, 1]


def test_a_cache_that_cannot_be_written_is_ignored(shelf: Shelf, rulebook: Rulebook) -> None:
    shelf.write("cache", "a file where the folder should be")
    assert shelf.load_cached().hash == rulebook.hash


def test_a_cache_that_cannot_be_read_is_ignored(shelf: Shelf, rulebook: Rulebook) -> None:
    shelf.load_cached()
    file = stored(shelf)
    file.unlink()
    file.mkdir()
    assert shelf.load_cached().hash == rulebook.hash


def test_a_write_that_fails_leaves_nothing_behind(shelf: Shelf) -> None:
    shelf.load_cached()
    file = stored(shelf)
    file.unlink()
    file.mkdir()
    shelf.load_cached()
    assert list(shelf.cache.iterdir()) == [file]


def test_the_cache_is_written_whole_beside_and_then_renamed(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf.load_cached()
    file = stored(shelf)
    old = file.read_bytes()
    shelf.rule("home", "2020-01-01 8")
    seen = []
    replace = Path.replace

    def watch(source: Path, target: Path) -> Path:
        seen.append((target.read_bytes() == old, b"test.rule" in source.read_bytes()))
        return replace(source, target)

    monkeypatch.setattr(Path, "replace", watch)
    shelf.load_cached()
    assert seen == [(True, True)]
    assert stored(shelf).read_bytes() != old


def test_without_a_cache_nothing_is_written(shelf: Shelf) -> None:
    shelf.rule("home", "2020-01-01 8")
    shelf.load()
    assert [path.name for path in shelf.root.iterdir()] == ["home"]
