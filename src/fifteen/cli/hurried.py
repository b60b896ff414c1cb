"""Who sends a request too slowly is not waited for: a few of those would otherwise hold every thread of the server."""

from __future__ import annotations

import time
from typing import Any

STALL = 20  # seconds without a byte
GRACE = 60  # seconds for any body, and beyond them so many bytes a second
SLOWEST = 50_000


class Hurried:
    """A socket that raises `TimeoutError` where a body stalls or trickles; everything else is the socket's own."""

    def __init__(self, sock: Any, seconds: int, *, stall: int = STALL) -> None:
        self._sock, self._stall = sock, stall
        self._ends = time.monotonic() + seconds

    def recv(self, size: int) -> bytes:
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TimeoutError("the body of a request came too slowly")
        before = self._sock.gettimeout()
        self._sock.settimeout(min(self._stall, left))
        try:
            received: bytes = self._sock.recv(size)
            return received
        finally:
            self._sock.settimeout(before)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)


def hurry(worker: Any, request: Any) -> None:
    """Gunicorn's hook before each request: from here on its body has so long."""
    length = next((value for name, value in request.headers if name == "CONTENT-LENGTH"), "0")
    seconds = GRACE + (int(length) // SLOWEST if length.isascii() and length.isdigit() else 0)
    sock = request.unreader.sock
    request.unreader.sock = Hurried(getattr(sock, "_sock", sock) if isinstance(sock, Hurried) else sock, seconds)
