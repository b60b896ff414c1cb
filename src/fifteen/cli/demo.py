"""`fifteen serve --demo`: a fictional practice in a home of its own, which is gone when it is closed."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fifteen.cli.serving import Serving
from fifteen.kernel.errors import AskedWrongly

SETTINGS = "fifteen.settings.demo"
_SAID = {
    "rows": "its record, ",
    "answers": "what the engine says of each day, ",
    "trail": "the trail.",
}


def refuse(serving: Serving) -> None:
    """`AskedWrongly` where a demonstration was asked for other machines, or into a database that stays."""
    asked = serving.asked
    if asked.network or asked.names or asked.behind_proxy is not None or serving.is_https:
        raise AskedWrongly(
            "--demo lets whoever asks in, so it is for this machine alone; leave out what opens it to others "
            "(--network, --host, --name, --behind-proxy)."
        )
    if os.environ.get("FIFTEEN_DATABASE_URL"):
        raise AskedWrongly(
            "--demo fills a database of its own that is gone at its end, and FIFTEEN_DATABASE_URL names one that "
            "stays; unset it, or leave out --demo."
        )


@contextmanager
def home() -> Iterator[Path]:
    """A home for one demonstration, with keys of its own; it is removed by the process that made it."""
    mine = os.getpid()
    base = Path(tempfile.mkdtemp(prefix="fifteen-demo-"))
    for name in ("FIFTEEN_KEYS", "FIFTEEN_CHECKPOINTS", "FIFTEEN_DATABASE_APP_ROLE", "FIFTEEN_HOSTS"):
        os.environ.pop(name, None)
    os.environ["FIFTEEN_HOME"] = str(base)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that it is removed; the server has its own way later
    from fifteen.settings.home import DEMO_MARK

    try:
        base.joinpath(DEMO_MARK).touch()
        yield base
    finally:
        if os.getpid() == mine:  # the server forks, and what it forks comes by here too
            shutil.rmtree(base, ignore_errors=True)


def begin() -> Any:
    """The practice that ends today, and the engine at work on its days; Django is set up, and nothing asked yet."""
    from fifteen.clinic.demo import Answers
    from fifteen.clinic.tenancy.clock import now
    from fifteen.synth import practice

    print("Making a fictional practice: its people, ", end="", flush=True)
    return Answers(practice(1, at=now()))


def fill(answers: Any) -> None:
    """Put it into the database that was brought up."""
    from fifteen.clinic import demo

    demo.fill(answers.practice, lambda step: print(_SAID[step], end="", flush=True), answers)
    demo.keep_to_find(answers.practice)
    print(flush=True)
