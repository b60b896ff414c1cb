"""What the options of `fifteen serve` come to: where it listens, by which names, and how it is secured."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec

from fifteen.kernel.errors import AskedWrongly

INSTALL_PORT = 8016
LOCAL = "127.0.0.1"


class Asked(msgspec.Struct, frozen=True):
    """The options as they were typed."""

    network: bool
    host: str | None
    port: int
    names: tuple[str, ...]
    install_port: int | None
    certificate: Path | None
    key: Path | None
    behind_proxy: str | None


class Serving:
    """Where and how the pages are served; made by `plan`, which has refused what does not go together."""

    def __init__(self, asked: Asked, *, host: str, https: bool, proxy: str) -> None:
        self.asked, self.host, self.proxy = asked, host, proxy
        self.port = asked.port
        self.wanted = list(asked.names)
        self.is_https = https
        self.secure = https or bool(proxy)
        self.given = asked.certificate is not None
        self.install_port = (asked.install_port or INSTALL_PORT) if https and not self.given else None

    @property
    def shown_host(self) -> str:
        return f"[{self.host}]" if ":" in self.host else self.host

    @cached_property
    def found(self) -> list[str]:
        """What this machine is called, beside the names that were asked for; the best first."""
        from fifteen.cli import machine

        if self.host not in ("0.0.0.0", "::"):
            return [*machine.names(), self.host, *machine.LOOPBACK]
        return [*machine.names(), *machine.addresses(), *machine.LOOPBACK]

    def certify(self) -> Any:
        """The certificate as it is needed now; None where this program does not speak HTTPS itself."""
        if not self.is_https:
            return None
        from fifteen.clinic import tls
        from fifteen.clinic.tenancy.clock import now

        if self.asked.certificate and self.asked.key:
            return tls.given(self.asked.certificate, self.asked.key, self.wanted, now())
        asked = [*self.wanted, *([self.host] if self.asked.host and self.host not in ("0.0.0.0", "::") else [])]
        return tls.server(_folder(), asked, self.found, now())

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Every name that requests may come for."""
        if self.is_https:
            return tuple(self.certify().names)
        return (*self.wanted, self.host)

    @property
    def best(self) -> str:
        """The name that is printed: one that was asked for, else the first that the certificate is for."""
        own = [] if self.given else self.found
        plain = [name for name in (*self.wanted, *own, *self.names) if name in self.names and "*" not in name]
        return plain[0] if plain else self.host

    @property
    def address(self) -> str:
        if self.proxy and not self.is_https:
            return f"https://{_shown(self.wanted[0])}"
        scheme = "https" if self.is_https else "http"
        name = self.best if self.is_https else self.host
        return f"{scheme}://{_shown(name)}:{self.port}"

    @property
    def install_address(self) -> str | None:
        """Over plain HTTP by an address where there is one: it needs no name that a device may not know yet."""
        if self.install_port is None:
            return None
        numbers = [name for name in self.found if name in self.names and _address(name) and not _loopback(name)]
        return f"http://{_shown((numbers or [self.best])[0])}:{self.install_port}/install"

    @cached_property
    def authority(self) -> Any:
        from fifteen.clinic import tls
        from fifteen.clinic.tenancy.clock import now

        return tls.authority(_folder(), [], now())

    @property
    def fingerprint(self) -> str:
        from fifteen.clinic import tls

        return tls.fingerprint(self.authority)

    @property
    def allowed_hosts(self) -> list[str]:
        """The names in Django's words: brackets around IPv6, a dot for a star."""
        return [f".{name[2:]}" if name.startswith("*.") else _shown(name) for name in self.names]

    def https(self) -> dict[str, Any]:
        """The settings of the server for HTTPS; none where it speaks HTTP."""
        if not self.is_https:
            return {}
        from fifteen.cli.https import Contexts

        contexts, held = Contexts(self.certify), self.certify()
        contexts()
        return {
            "certfile": str(held.certificate),
            "keyfile": str(held.key),
            "do_handshake_on_connect": False,  # a device that is slow to greet holds up only itself
            "ssl_context": lambda _conf, _default: contexts(),
        }

    def start_install_page(self, listening: socket.socket | None) -> None:
        """Serve the page with the certificate, where there is one to install."""
        if listening is None:
            return
        from fifteen.cli.install_page import Installing, serve
        from fifteen.clinic import tls

        page = Installing(tls.in_der(self.authority), self.fingerprint, self.names, self.best, self.port)
        serve(listening, page)


def plan(asked: Asked) -> Serving:
    """What was asked for, made whole; `AskedWrongly` where it does not go together."""
    proxy = _proxy(asked.behind_proxy)
    if asked.network and asked.host and _loopback(asked.host):
        raise AskedWrongly(f"--network and --host {asked.host} contradict each other; leave one of them out.")
    host = asked.host or ("0.0.0.0" if asked.network else LOCAL)
    https = not _loopback(host)
    if (asked.certificate is None) != (asked.key is None):
        there, lacking = ("--certificate", "--key") if asked.certificate else ("--key", "--certificate")
        raise AskedWrongly(f"{there} is of no use without {lacking}; give both files, or neither.")
    if not https:
        _refuse_without_network(asked, proxy)
    if asked.certificate and asked.install_port:
        raise AskedWrongly(
            "--install-port is for the certificate that Fifteen makes, and --certificate gives another; "
            "leave one of them out."
        )
    if https and not asked.certificate and (asked.install_port or INSTALL_PORT) == asked.port:
        raise AskedWrongly(f"port {asked.port} cannot be both --port and --install-port; choose another for one.")
    if proxy and not asked.names:
        raise AskedWrongly("behind a proxy the name in its address must be known; give it with --name.")
    if asked.names or https:
        from fifteen.clinic.tls import plain_name

        names = dict.fromkeys(plain_name(each) for each in asked.names)
        asked = msgspec.structs.replace(asked, names=tuple(names))
        host = plain_name(host)
    return Serving(asked, host=host, https=https, proxy=proxy)


def _refuse_without_network(asked: Asked, proxy: str) -> None:
    """On this machine alone there is no certificate, and no name but its own."""
    given: Sequence[tuple[str, object]] = (
        ("--name", asked.names and not proxy),
        ("--install-port", asked.install_port),
        ("--certificate", asked.certificate),
    )
    for option, there in given:
        if there:
            raise AskedWrongly(
                f"{option} is for HTTPS, and on this machine alone the pages are served over HTTP; "
                "add --network, or leave it out."
            )


def _proxy(text: str | None) -> str:
    if text is None:
        return ""
    if found := _address(text):
        return str(found)
    raise AskedWrongly(f"--behind-proxy {text!r} is no address; give the proxy's own, such as 127.0.0.1.")


def _folder() -> Path:
    from fifteen.settings.home import home

    base = home()
    if base is None:
        raise AskedWrongly("there is no home directory to keep a certificate in; choose one with FIFTEEN_HOME.")
    return base / "clinic" / "tls"


def _shown(name: str) -> str:
    return f"[{name}]" if ":" in name else name


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _loopback(host: str) -> bool:
    found = _address(host)
    return host == "localhost" if found is None else found.is_loopback
