"""People who log in, how they prove who they are, their sessions, and the tablets of the house."""

from __future__ import annotations

from django.db import models

from fifteen.clinic.accounts.matrix import matrix
from fifteen.clinic.tenancy.models import Owned


def roles() -> list[tuple[str, str]]:
    return list(matrix().roles.items())


class User(Owned):
    """One person in one organization. Nobody is removed: `active` False ends every session at once."""

    login = models.CharField(max_length=120)
    name = models.CharField(max_length=120)
    role = models.CharField(max_length=20, choices=roles)
    discipline = models.CharField(max_length=3, blank=True)
    npi = models.CharField(max_length=10, blank=True, default="")
    password = models.CharField(max_length=200, blank=True)
    pin = models.CharField(max_length=200, blank=True)
    active = models.BooleanField(default=True)
    made = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta(Owned.Meta):
        db_table = "person"
        constraints = (models.UniqueConstraint(fields=("organization", "login"), name="one_login"),)


class Licence(Owned):
    """A credential that a person holds: `PT`, `PTA`, `OTR/L`; of which state, under which number, from when to when."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="licences")
    credential = models.CharField(max_length=20)
    state = models.CharField(max_length=2, blank=True)
    number = models.CharField(max_length=30, blank=True)
    starts = models.DateField(null=True)
    ends = models.DateField(null=True)

    class Meta(Owned.Meta):
        db_table = "licence"


class Authenticator(Owned):
    """What a person proves themselves with beside the password: `totp`, `passkey` or `recovery`.

    `secret` is encrypted; `used` is the last counter of a totp or passkey, or whether a recovery code is spent.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="authenticators")
    kind = models.CharField(max_length=10)
    label = models.CharField(max_length=80, blank=True)
    secret = models.BinaryField()
    key = models.CharField(max_length=400, blank=True, db_index=True)
    used = models.BigIntegerField(default=0)
    made = models.DateTimeField()
    last = models.DateTimeField(null=True)

    class Meta(Owned.Meta):
        db_table = "authenticator"


class Device(Owned):
    """A tablet of the house that several people share; known by the hash of the token in its cookie."""

    site = models.ForeignKey("tenancy.Site", on_delete=models.PROTECT, null=True, related_name="+")
    label = models.CharField(max_length=80)
    token = models.CharField(max_length=64, unique=True)
    made = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    opened = models.DateTimeField(null=True)
    ended = models.DateTimeField(null=True)

    class Meta(Owned.Meta):
        db_table = "device"


class Session(Owned):
    """A log-in; known by the hash of its cookie's token. `proved` is the last full proof, `mfa` whether it had one."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sessions")
    device = models.ForeignKey(Device, on_delete=models.PROTECT, null=True, related_name="sessions")
    token = models.CharField(max_length=64, unique=True)
    made = models.DateTimeField()
    seen = models.DateTimeField()
    proved = models.DateTimeField(null=True)
    mfa = models.BooleanField(default=False)
    locked = models.DateTimeField(null=True)
    ends = models.DateTimeField()
    ended = models.DateTimeField(null=True)
    address = models.CharField(max_length=45, blank=True)
    agent = models.CharField(max_length=120, blank=True)
    note = models.JSONField(default=dict)

    class Meta(Owned.Meta):
        db_table = "session"


class Invitation(Owned):
    """A link by which a person chooses their password, once; known by the hash of its token."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="invitations")
    token = models.CharField(max_length=64, unique=True)
    made = models.DateTimeField()
    made_by = models.CharField(max_length=26, blank=True)
    ends = models.DateTimeField()
    used = models.DateTimeField(null=True)
    ended = models.DateTimeField(null=True)

    class Meta(Owned.Meta):
        db_table = "invitation"


class Attempt(Owned):
    """A proof that failed or held: what lockout counts. `login` is a keyed hash: no list of names grows here."""

    kind = models.CharField(max_length=10)
    login = models.CharField(max_length=64, db_index=True)
    address = models.CharField(max_length=45)
    good = models.BooleanField()
    at = models.DateTimeField(db_index=True)

    class Meta(Owned.Meta):
        db_table = "attempt"


class BreakGlass(Owned):
    """A record opened outside of one's role, with the reason given; it alerts compliance and ends by itself."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    patient = models.CharField(max_length=26)
    reason = models.CharField(max_length=400)
    at = models.DateTimeField()
    until = models.DateTimeField()
    seen_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta(Owned.Meta):
        db_table = "break_glass"


class Policy(Owned):
    """What the organization sets for its security: minutes of idling, hours of a session, and the like."""

    idle_minutes = models.PositiveSmallIntegerField(default=15)
    session_hours = models.PositiveSmallIntegerField(default=12)
    fresh_minutes = models.PositiveSmallIntegerField(default=5)
    break_glass_hours = models.PositiveSmallIntegerField(default=4)
    version = models.PositiveIntegerField(default=1)

    class Meta(Owned.Meta):
        db_table = "security_policy"
        constraints = (models.UniqueConstraint(fields=("organization",), name="one_policy"),)
