"""The PIN with which a person goes on at a tablet of the house; what it may be, and five tries.

Tries that failed count by person, wherever they were made, and by tablet, whoever they were for. A right PIN clears
what its own person failed. After five only a full log-in helps: the person's own for the person, anyone's on the
tablet for the tablet.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

from django.contrib.auth.hashers import check_password, make_password
from django.db.models import Exists, Max, OuterRef, Q

from fifteen.clinic import vault
from fifteen.clinic.accounts.models import Attempt, Device, Session, User
from fifteen.clinic.tenancy.clock import now

TRIES = 5
Trouble = Literal["", "digits", "repeat", "sequence"]
Outcome = Literal["good", "wrong", "spent"]
_KIND, _CLEARED = "pin", "pin-past"


def trouble(pin: str) -> Trouble:
    """Why this cannot be a PIN; empty where it can."""
    if not (pin.isascii() and pin.isdigit() and 4 <= len(pin) <= 8):
        return "digits"
    if any(pin == pin[:size] * (len(pin) // size) for size in range(1, len(pin) // 2 + 1)):
        return "repeat"
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    return "sequence" if steps in ({1}, {9}) else ""


def set_pin(user: User, pin: str) -> None:
    """Keep a PIN, hashed with a key that is not in the database: ten thousand PINs are soon tried without one."""
    if trouble(pin):
        raise ValueError("this cannot be a PIN; ask trouble() first")
    user.pin = make_password(_keyed(user.id, pin))
    user.save(update_fields=["pin"])


def person(login: str) -> User | None:
    """The person of the organization acted for who logs in so and is active."""
    found = User.objects.filter(login=login, active=True).first()
    return found if isinstance(found, User) else None


def person_by_id(id_: str) -> User | None:
    """The active person of this id in the organization acted for."""
    found = User.objects.filter(id=id_, active=True).first()
    return found if isinstance(found, User) else None


def left(user: User | None, device: Device, *, name: str = "") -> int:
    """How many tries this person, or this name of nobody, still has on this device."""
    failed = Attempt.objects.filter(kind=_KIND, good=False)
    here, theirs = failed.filter(address=device.id), failed.filter(login=_who(user, name))
    if device.opened is not None:
        here = here.filter(at__gt=device.opened)
    proved = Session.objects.filter(user=user).aggregate(last=Max("proved"))["last"] if user else None
    if proved is not None:
        theirs = theirs.filter(at__gt=proved)
    return max(0, TRIES - max(here.count(), theirs.count()))


def attempt(user: User | None, device: Device, pin: str, *, name: str = "") -> Outcome:
    """Try a PIN on a device. A name of nobody costs the same work and is answered like a wrong PIN."""
    if not _in_turn(user, device) or not left(user, device, name=name):
        return "spent"
    known = user is not None and bool(user.pin)
    good = check_password(_keyed(user.id, pin), user.pin) if user is not None and known else _same_work(pin)
    mine = Attempt.objects.filter(kind=_KIND, login=_who(user, name))
    if good:
        mine.filter(good=False).update(kind=_CLEARED)
    # The tablet instead of a network address: it may be carried to another network, and its tries count together.
    Attempt(kind=_KIND, login=_who(user, name), address=device.id, good=good, at=now()).save(force_insert=True)
    if good:
        return "good"
    return "wrong" if left(user, device, name=name) else "spent"


def forget() -> None:
    """Remove the tries that count neither for a tablet nor for a person any more."""
    tries = Attempt.objects.filter(kind__in=(_KIND, _CLEARED))
    tries.exclude(kind=_KIND, good=False).delete()
    here = Device.objects.filter(Q(opened=None) | Q(opened__lt=OuterRef("at")), id=OuterRef("address"), ended=None)
    for user in User.objects.annotate(proved=Max("sessions__proved")).exclude(proved=None):
        tries.filter(~Exists(here), login=_who(user, ""), at__lte=user.proved).delete()


def _in_turn(user: User | None, device: Device) -> bool:
    """Tries wait for each other, so that many at once do not count as one; False where the device was ended meanwhile.

    SQLite lets in one writer at a time anyway.
    """
    there = bool(Device.objects.select_for_update().filter(id=device.id, ended=None))
    return there and (user is None or bool(User.objects.select_for_update().filter(id=user.id, active=True)))


def _same_work(pin: str) -> bool:
    make_password(_keyed("", pin))
    return False


def _keyed(id_: str, pin: str) -> str:
    return vault.lookup(pin, kind=f"pin {id_}")


def _who(user: User | None, name: str) -> str:
    return vault.lookup(user.id if user else name, kind="pin of" if user else "pin of nobody")
