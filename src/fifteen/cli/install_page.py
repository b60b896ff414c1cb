"""The one page over plain HTTP: the clinic's certificate to install, and everything else sent to HTTPS."""

from __future__ import annotations

import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import msgspec

PATH = "/install"
FILE = "/fifteen-clinic.crt"
STYLE = "/install.css"
_AT_ONCE = 16  # connections; a device needs two
_SECONDS = 10
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Connection": "close",
}


class Installing(msgspec.Struct, frozen=True):
    """What the page shows: the certificate, its fingerprint, and the HTTPS address by the names it is for."""

    certificate: bytes
    fingerprint: str
    names: tuple[str, ...]
    best: str
    port: int

    def address(self, host: str, path: str = "/") -> str:
        """The HTTPS address; of the name that was asked for, if it is one of ours."""
        bare = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() and not host.endswith("]") else host
        bare = bare.strip("[]").lower()
        return f"https://{shown(bare if bare in self.names else self.best)}:{self.port}{path}"


def shown(name: str) -> str:
    """A host as it stands in an address."""
    return f"[{name}]" if ":" in name else name


class _Server(ThreadingHTTPServer):
    """Threads that end with the program, and no more of them than a house has devices at once."""

    daemon_threads = True

    def __init__(self, listening: socket.socket, page: Installing) -> None:
        self.page, self.free = page, threading.BoundedSemaphore(_AT_ONCE)
        super().__init__(listening.getsockname()[:2], _Answer, bind_and_activate=False)
        self.socket.close()
        self.socket = listening

    def process_request(self, request: Any, client_address: Any) -> None:
        if self.free.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self.free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A device that goes away is no news."""


class _Answer(BaseHTTPRequestHandler):
    server: _Server
    timeout = _SECONDS
    error_message_format, error_content_type = "%(code)d\n", "text/plain"

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path in (PATH, "/"):
            self._send("text/html; charset=utf-8", _page(self.server.page, self.headers).encode())
        elif path == FILE:
            self._send("application/x-x509-ca-cert", self.server.page.certificate)
        elif path == STYLE:
            self._send("text/css; charset=utf-8", _style())
        else:
            self._away()

    do_HEAD = do_GET

    def _away(self) -> None:
        wanted = self.path if self.path.startswith("/") else "/"
        self.send_response(302)
        self.send_header("Location", self.server.page.address(self.headers.get("Host", ""), wanted))
        self.send_header("Content-Length", "0")
        self._end()

    do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _away

    def _send(self, kind: str, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self._end()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _end(self) -> None:
        for name, value in HEADERS.items():
            self.send_header(name, value)
        self.end_headers()

    def version_string(self) -> str:
        return "Fifteen"

    def log_message(self, format: str, *args: Any) -> None:
        """An address is no one's business."""


def serve(listening: socket.socket, page: Installing) -> ThreadingHTTPServer:
    """Serve the page on this socket in a thread of its own, as long as the process lives."""
    found = _Server(listening, page)
    threading.Thread(target=found.serve_forever, name="install", daemon=True).start()
    return found


def _page(page: Installing, headers: Any) -> str:
    from django.http import HttpRequest
    from django.template.loader import render_to_string
    from django.utils import translation

    asked = HttpRequest()
    asked.META["HTTP_ACCEPT_LANGUAGE"] = headers.get("Accept-Language", "")
    language = translation.get_language_from_request(asked)
    with translation.override(language):
        return render_to_string(
            "clinic/install.html",
            {
                "language": language, "file": FILE, "style": STYLE, "fingerprint": page.fingerprint,
                "address": page.address(headers.get("Host", ""), "/home"), "names": page.names,
            },
        )  # fmt: skip


def _style() -> bytes:
    from django.contrib.staticfiles import finders

    found = [finders.find(f"fifteen/{name}") for name in ("page.css", "clinic.css")]
    return b"\n".join(Path(str(path)).read_bytes() for path in found if path)
