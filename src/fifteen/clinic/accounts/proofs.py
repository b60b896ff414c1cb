"""Second proofs that are typed: codes of an authenticator app (TOTP), and recovery codes. Each is good once."""

from __future__ import annotations

import hmac
import secrets

import pyotp
import segno

from fifteen.clinic import vault
from fifteen.clinic.accounts.limits import RECOVERY_CODES, TOTP_SECONDS, TOTP_STEPS
from fifteen.clinic.accounts.login_access import proofs
from fifteen.clinic.accounts.models import Authenticator, User
from fifteen.clinic.tenancy.clock import now
from fifteen.clinic.tenancy.ids import new_id

_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # nothing that is read as another
_GROUPS, _GROUP = 3, 4


def new_secret() -> str:
    """A key for an authenticator app, in base 32."""
    return pyotp.random_base32()


def uri(secret: str, user: User) -> str:
    """What the QR code says."""
    return pyotp.TOTP(secret, interval=TOTP_SECONDS).provisioning_uri(name=user.login, issuer_name="Fifteen")


def qr(secret: str, user: User, title: str) -> str:
    """The QR code as an SVG element without any style attribute."""
    code = segno.make(uri(secret, user), error="m", micro=False)
    colours = {"dark": "#000", "light": "#fff"}  # cameras want dark on light, whatever the theme
    # Without a size of its own it has a viewBox, and the style sheet scales it whole.
    return str(code.svg_inline(border=4, omitsize=True, svgclass="qr", lineclass=None, title=title, **colours))


def counter_of(secret: str, typed: str, after: int = -1) -> int | None:
    """The counter past `after` whose code this is, at most a step from now; each is compared whatever comes first."""
    code, here = _digits(typed), int(now().timestamp()) // TOTP_SECONDS
    totp, found = pyotp.TOTP(secret, interval=TOTP_SECONDS), None
    for counter in range(here - TOTP_STEPS, here + TOTP_STEPS + 1):
        same = hmac.compare_digest(totp.generate_otp(counter).encode(), code.encode())
        if same and counter > after and found is None:
            found = counter
    return found


def add_totp(user: User, secret: str, counter: int, label: str = "") -> Authenticator:
    """Keep the key of an app whose code, of this counter, was just shown; that code is spent."""
    row = Authenticator(id=new_id(), user=user, kind="totp", label=label[:80], used=counter, made=now(), last=now())
    row.secret = vault.seal(secret.encode(), table="authenticator", column="secret", row=row.id)
    row.save(force_insert=True)
    return row


def totp_right(user: User, typed: str) -> bool:
    """Is it a code of one of the person's apps, not spent? It is then."""
    for row in proofs(user, "totp"):
        secret = vault.open_(bytes(row.secret), table="authenticator", column="secret", row=row.id).decode()
        counter = counter_of(secret, typed, row.used)
        # Whoever is first to move the counter has it: two requests with one code open one session.
        if counter is not None and proofs(user, "totp").filter(id=row.id, used__lt=counter).update(
            used=counter, last=now()
        ):
            return True
    return False


def new_recovery_codes(user: User) -> list[str]:
    """Ten new codes, of which only keyed hashes are stored; those before open nothing any more."""
    proofs(user, "recovery").delete()
    codes = ["-".join(_letters() for _ in range(_GROUPS)) for _ in range(RECOVERY_CODES)]
    for code in codes:
        Authenticator(user=user, kind="recovery", secret=b"", key=_recovery_key(user, code), made=now()).save(
            force_insert=True
        )
    return codes


def recovery_right(user: User, typed: str) -> bool:
    """Is it a recovery code of the person, not spent? It is then."""
    unspent = proofs(user, "recovery").filter(key=_recovery_key(user, typed), used=0)
    return unspent.order_by().update(used=1, last=now()) == 1


def _letters() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(_GROUP))


def _recovery_key(user: User, typed: str) -> str:
    plain = "".join(each for each in typed.casefold() if each.isalnum())
    return vault.lookup(f"{user.id}\0{plain}", kind="recovery")


def _digits(typed: str) -> str:
    return "".join(typed.split()).replace("-", "")[:12]
