"""HTTPS: what a connection is met with, renewed while the program runs."""

from __future__ import annotations

import ssl
import sys
from collections.abc import Callable
from datetime import date
from threading import Lock

from fifteen.clinic.tenancy.clock import now
from fifteen.clinic.tls import Certified
from fifteen.kernel.errors import AskedWrongly


def context_of(found: Certified) -> ssl.SSLContext:
    """TLS 1.2 or newer with this certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    try:
        context.load_cert_chain(found.certificate, found.key)
    except (OSError, ssl.SSLError) as error:
        raise AskedWrongly(
            f"{found.certificate} and {found.key} cannot be used for HTTPS: {error.strerror or error}; "
            "give a certificate and its key that belong together."
        ) from None
    return context


class Contexts:
    """The context of today: the certificate is looked at again each day, so that it does not end while this runs."""

    def __init__(self, certify: Callable[[], Certified]) -> None:
        self.certify, self.lock = certify, Lock()
        self.day: date | None = None
        self.context: ssl.SSLContext | None = None

    def __call__(self) -> ssl.SSLContext:
        with self.lock:
            today = now().date()
            if self.context is None or today != self.day:
                self._renew()
                self.day = today
            assert self.context is not None
            return self.context

    def _renew(self) -> None:
        try:
            self.context = context_of(self.certify())
        except AskedWrongly as error:
            if self.context is None:
                raise
            print(f"fifteen: {error}", file=sys.stderr, flush=True)  # the one in use may still be in force
