"""Tasks by name, as the modules `tasks` of the apps register them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

import msgspec

_F = TypeVar("_F", bound=Callable[..., Any])


class Task(msgspec.Struct, frozen=True):
    """What runs, and how often by itself for each organization; None: only when it is asked for."""

    name: str
    run: Callable[..., Any]
    every: timedelta | None


class UnknownTask(LookupError):
    """No task of this name is registered."""


_tasks: dict[str, Task] = {}


def task(name: str, *, every: timedelta | None = None) -> Callable[[_F], _F]:
    """Register a task. It runs in a transaction that acts for the job's organization, perhaps again after a fault."""

    def registered(run: _F) -> _F:
        if name in _tasks:
            raise ValueError(f"two tasks are called {name!r}; give one of them another name")
        _tasks[name] = Task(name, run, every)
        return run

    return registered


def find(name: str) -> Task:
    """The task of this name; `UnknownTask` where there is none."""
    try:
        return _tasks[name]
    except KeyError:
        raise UnknownTask(f"no task is called {name!r}; it may be of another release") from None


def recurring() -> list[Task]:
    """The tasks that run by themselves."""
    return [each for each in _tasks.values() if each.every is not None]
