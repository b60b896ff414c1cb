"""The log: one JSON object a line, of names that are known; what people typed, names and messages never stand in it."""

from __future__ import annotations

import json
import logging
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

FIELDS = ("request", "route", "status", "ms", "organization", "error", "where", "task", "job", "state", "count")
"""What a line may say beside at, level, logger and event; anything else that was given is left out."""

_EVENT = re.compile(r"[a-z]+([._][a-z]+)*")
_HOUSE = Path(__file__).parents[1]


class JsonLines(logging.Formatter):
    """A record as one line. An event is a fixed word of ours; of others' records only where they came from."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": _event(record),
        }
        line.update({name: getattr(record, name) for name in FIELDS if getattr(record, name, None) not in (None, "")})
        if record.exc_info and record.exc_info[0] is not None:
            line.update(error=record.exc_info[0].__name__, where=where(record.exc_info[2]))
        return json.dumps(line, default=lambda value: type(value).__name__)


def _event(record: logging.LogRecord) -> str:
    own = record.name.split(".")[0] == "fifteen" and isinstance(record.msg, str) and _EVENT.fullmatch(record.msg)
    return record.msg if own else f"{record.module}:{record.lineno}"


def where(trace: TracebackType | None) -> str:
    """The innermost line of our own that an error passed, as file:line below `fifteen`; empty where none."""
    found = ""
    while trace is not None:
        path = Path(trace.tb_frame.f_code.co_filename)
        if path.is_relative_to(_HOUSE):
            found = f"{path.relative_to(_HOUSE).as_posix()}:{trace.tb_lineno}"
        trace = trace.tb_next
    return found


def error_of(error: BaseException) -> dict[str, str]:
    """What a line may say of an error: its class and where, never its words."""
    return {"error": type(error).__name__, "where": where(error.__traceback__)}


LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "fifteen.clinic.logs.JsonLines"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json", "stream": sys.stderr}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "fifteen": {"level": "INFO"},
        # Django's own lines hold addresses with what was typed; ours hold the route. See web/clinic/observe.py.
        "django.request": {"level": "CRITICAL"},
        "django.security": {"level": "CRITICAL"},
        "django.server": {"handlers": [], "level": "CRITICAL", "propagate": False},
    },
}
