"""Tablets of the house that several people share: registered, opened for a day, and ended when one is lost."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Max, QuerySet

from fifteen.clinic.accounts.models import Device, Session, User
from fifteen.clinic.accounts.sessions import begin, hashed, lock, new_token, running_of, unlock
from fifteen.clinic.tenancy import access
from fifteen.clinic.tenancy.clock import now
from fifteen.clinic.tenancy.context import tell_database
from fifteen.clinic.tenancy.models import Site

DAY_ENDS = time(3)  # in the night, when nobody treats, and after the hour that a change of the clock skips


def find(token: str) -> Device | None:
    """The device of this token unless it was ended, of whatever organization: asked before anyone acts for one."""
    if not token:
        return None
    tell_database(hashed(token), "app.device")
    found = Device.everywhere.filter(token=hashed(token), ended=None).first()
    return found if isinstance(found, Device) else None


def registered() -> QuerySet[Device]:
    """The devices of the organization acted for that were not ended, with when they were last used."""
    found: QuerySet[Device] = Device.objects.filter(ended=None)
    return found.select_related("site", "made_by").annotate(last=Max("sessions__seen")).order_by("label", "id")


def register(label: str, *, site: Site | None, by: User) -> tuple[Device, str]:
    """A new device and the token of its cookie, which is stored nowhere."""
    token = new_token()
    device = Device(label=label, site=site, token=hashed(token), made=now(), made_by=by)
    device.save(force_insert=True)
    return device, token


def end(device: Device) -> int:
    """A device is lost or given away: its cookie opens nothing any more and its sessions end; how many those were."""
    device.ended = now()
    device.save(update_fields=["ended"])
    return int(Session.objects.filter(device=device, ended=None).update(ended=device.ended))


def zone_of(site: Site | None) -> ZoneInfo:
    """The zone of a site; without one that of the first site of the organization, else New York's."""
    found = site or access.sites().first() or Site()
    return ZoneInfo(found.zone)


def day_began(device: Device) -> datetime:
    """When the device's day began: the last 03:00 at its site."""
    here = now().astimezone(zone_of(device.site))
    day = here.date() if here.time() >= DAY_ENDS else here.date() - timedelta(days=1)
    return datetime.combine(day, DAY_ENDS, here.tzinfo)


def day_ends(device: Device) -> datetime:
    """When the device's day ends: the next 03:00 at its site."""
    began = day_began(device)
    return datetime.combine(began.date() + timedelta(days=1), DAY_ENDS, began.tzinfo)


def day_open(device: Device) -> bool:
    """Did anyone log in fully on it today? Only then may others use their PIN there."""
    return device.opened is not None and device.opened >= day_began(device)


def opened_by(session: Session, token: str) -> Device | None:
    """To be called after a full log-in: where the browser is a registered device, this opens its day."""
    device = find(token)
    if device is None or device.organization_id != session.organization_id:
        return None
    session.device = device
    session.save(update_fields=["device"])
    device.opened = now()
    device.save(update_fields=["opened"])
    return device


def people_today(device: Device) -> list[User]:
    """Who used the device today and has a PIN, by name."""
    used = Session.objects.filter(device=device, mfa=True, seen__gte=day_began(device)).values("user_id")
    return list(User.objects.filter(id__in=used, active=True).exclude(pin="").order_by("name", "id"))


def switch(
    user: User, device: Device, *, away: Session | None, address: str = "", agent: str = ""
) -> tuple[Session, str]:
    """To another person after their PIN: theirs goes on or begins; the session left is locked, its timers run on."""
    left = running_of(user).filter(device=device, mfa=True).first()
    if away is not None and away.locked is None and away != left:
        lock(away)
    if left is not None:
        return left, unlock(left, full=False)
    until = day_ends(device)
    return begin(user, mfa=True, full=False, device=device, until=until, address=address, agent=agent)
