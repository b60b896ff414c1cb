"""`fifteen keys`: the keys that secrets and identifiers are sealed with."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TypeVar

import click
import msgspec

from fifteen.kernel.errors import AskedWrongly

_T = TypeVar("_T")


@click.group(short_help="The keys that secrets are sealed with.")
def keys() -> None:
    """A new key for everything that is sealed, and throwing away keys that seal nothing any more."""


@keys.command()
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def rotate(as_json: bool) -> None:
    """Add a key and seal every secret and identifier again with it, while the clinic goes on working.

    The old keys stay in the ring until `fifteen keys prune`. Back up the ring afterwards, apart from the data.
    """

    def act() -> None:
        from fifteen.clinic.rotation import rotate as go

        done = go()
        if as_json:
            print(msgspec.json.encode(done).decode())
            return
        print(f"Key {done.newest} seals now; {_values(done.resealed)} sealed again.")
        left = {number: count for number, count in done.sealed_with.items() if number != done.newest}
        if left:
            print(
                f"{_values(sum(left.values()))} left under older keys: run `fifteen keys rotate` once more. "
                "What is left then does not open and has to come from a backup."
            )

    _in_clinic(act)


@keys.command()
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def prune(as_json: bool) -> None:
    """Throw away the keys that seal nothing any more, an hour after the last rotation at the earliest.

    A backup from before the rotation opens only with its own ring: keep that copy as long as the backup.
    """

    def act() -> None:
        from fifteen.clinic.rotation import prune as go

        done = go()
        if as_json:
            print(msgspec.json.encode(done).decode())
            return
        print(f"Thrown away: {', '.join(map(str, done.dropped)) or 'no key'}.")
        for number, why in done.because.items():
            print(f"Key {number} stays: it {why}.")

    _in_clinic(act)


def _in_clinic(act: Callable[[], _T]) -> _T:
    """`act` with the settings of the clinic; what hinders it in one sentence."""
    try:
        import django
        from django.core.exceptions import ImproperlyConfigured
        from django.db import DatabaseError

        from fifteen.clinic.vault import Sealed
    except ImportError:
        raise AskedWrongly(
            "a clinic needs packages that are not installed here; install them with `pip install 'fifteen[web]'`."
        ) from None
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fifteen.settings.clinic")
    try:
        django.setup()
        return act()
    except Sealed as error:
        raise AskedWrongly(f"{error}.") from None
    except (DatabaseError, ImproperlyConfigured) as error:
        raise AskedWrongly(
            f"the clinic's database cannot be used ({type(error).__name__}); what was sealed again stays so and opens, "
            "check FIFTEEN_HOME or FIFTEEN_DATABASE_URL and start again."
        ) from None


def _values(count: int) -> str:
    return f"{count} value{'' if count == 1 else 's'}"
