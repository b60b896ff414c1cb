"""What time it is, in one place: tests set it, nothing waits for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_set: ContextVar[datetime | None] = ContextVar("now", default=None)


def now() -> datetime:
    """This instant in UTC."""
    return _set.get() or datetime.now(UTC)


@contextmanager
def at(instant: datetime) -> Iterator[None]:
    """Inside, it is `instant`."""
    token = _set.set(instant)
    try:
        yield
    finally:
        _set.reset(token)
