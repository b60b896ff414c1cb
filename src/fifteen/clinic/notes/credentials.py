"""What people sign with, and the part in treatment that a credential says they take."""

from __future__ import annotations

from fifteen.clinic.accounts.models import User

CREDENTIALS = {
    ("therapist", "PT"): ("PT", "DPT"),
    ("therapist", "OT"): ("OT", "OTR", "OTR/L"),
    ("therapist", "SLP"): ("SLP", "CCC-SLP"),
    ("assistant", "PT"): ("PTA",),
    ("assistant", "OT"): ("OTA", "COTA", "COTA/L"),
    ("assistant", "SLP"): ("SLPA",),
}
"""What a person may sign with, by role and discipline."""

OF_THERAPISTS = frozenset(each for (role, _), found in CREDENTIALS.items() if role == "therapist" for each in found)
"""What a therapist signs with."""


def credentials(user: User) -> list[str]:
    """What this person may sign with; all of the role where no discipline is set."""
    return [
        each
        for (role, discipline), found in CREDENTIALS.items()
        if role == user.role and user.discipline in ("", discipline)
        for each in found
    ]


def role_of(credential: str) -> str:
    """The part that who signs with it takes: `therapist` or `assistant`."""
    return next(role for (role, _), found in CREDENTIALS.items() if credential in found)
