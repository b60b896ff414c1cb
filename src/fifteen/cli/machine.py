"""By which names and addresses other devices can reach this machine."""

from __future__ import annotations

import contextlib
import socket

from fifteen.clinic.tls import plain_name
from fifteen.kernel.errors import AskedWrongly

# Addresses kept for documentation: nothing is sent, the system only says by which of its own it would go there.
_AWAY = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def names() -> list[str]:
    """Host names, best first: what mDNS makes of the machine's name, and the name itself."""
    host = socket.gethostname()
    with contextlib.suppress(AskedWrongly):  # some machines are called what no certificate can hold
        own = plain_name(host)
        return [own] if "." in own or own == "localhost" else [f"{own}.local", own]
    return []


def addresses() -> list[str]:
    """The addresses on the networks that this machine is in."""
    found = []
    for family, away in _AWAY:
        with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((away, 9))
            found.append(str(probe.getsockname()[0]).partition("%")[0])
    return [each for each in found if each not in LOOPBACK]
