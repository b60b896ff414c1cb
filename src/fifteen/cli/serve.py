"""`fifteen serve`: the pages, on this machine."""

from __future__ import annotations

import os
import socket
import sys
from typing import Any

import click

from fifteen.kernel.errors import AskedWrongly

THREADS = 8
LOCAL = ("127.0.0.1", "localhost", "::1")


@click.command(short_help="Open the pages in your browser.")
@click.option("--host", metavar="ADDRESS", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option("--port", metavar="NUMBER", default=8015, show_default=True, type=click.IntRange(1, 65535))
@click.option("--no-browser", is_flag=True, help="Only print the address.")
def serve(host: str, port: int, no_browser: bool) -> None:
    """Serve the pages until Ctrl+C: the Units page, the timeline and the rulebook. Nothing typed is stored.

    \b
    fifteen serve
    fifteen serve --port 8080 --no-browser
    """
    try:
        from gunicorn.app.base import BaseApplication
    except ImportError:
        raise AskedWrongly(
            "the pages need packages that are not installed here; install them with `pip install 'fifteen[web]'`."
        ) from None
    _check_free(host, port)
    os.environ["FIFTEEN_HOSTS"] = " ".join(filter(None, [os.environ.get("FIFTEEN_HOSTS"), host]))
    from fifteen.settings.wsgi import application

    shown = f"[{host}]" if ":" in host else host
    address = f"http://{shown}:{port}/units"

    class Pages(BaseApplication):  # type: ignore[misc]
        def load_config(self) -> None:
            settings: dict[str, Any] = {
                "bind": f"{shown}:{port}",
                "workers": 1,
                "worker_class": "gthread",
                "threads": THREADS,
                "loglevel": "error",
                "control_socket_disable": True,
                "when_ready": lambda server: _ready(address, no_browser),
            }
            for name, value in settings.items():
                if name in self.cfg.settings:
                    self.cfg.set(name, value)

        def load(self) -> Any:
            return application

    Pages().run()


def _check_free(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        raise AskedWrongly(
            f"cannot listen on {host} port {port}: {error.strerror or error}; "
            "choose another with --port, or stop what runs there."
        ) from None


def _ready(address: str, no_browser: bool) -> None:
    print(f"Fifteen is open at {address} (Ctrl+C ends it)", flush=True)
    seen = sys.platform == "darwin" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if seen and not no_browser and sys.stdout.isatty():
        import webbrowser

        webbrowser.open(address)
