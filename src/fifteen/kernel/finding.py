"""A finding: something that was read and is wrong, doubtful or worth knowing."""

from __future__ import annotations

from typing import Literal

import msgspec

Severity = Literal["block", "warn", "info"]
Status = Literal["primary", "secondary", "expected", "local"]


class Finding(msgspec.Struct, frozen=True):
    """What was found (`message`), where, by which law (`cite`), and what to do (`fix`).

    `block` holds a claim, never a signature.
    """

    id: str
    severity: Severity
    message: str
    fix: str = ""
    cite: str = ""
    where: str = ""


def blocking(status: Status) -> Severity:
    """The severity of a finding that would hold a claim: only a rule of status primary may."""
    return "block" if status == "primary" else "warn"
