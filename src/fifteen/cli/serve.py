"""`fifteen serve`: the pages, on this machine or for the clinic's network."""

from __future__ import annotations

import os
import socket
import sys
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click

from fifteen.cli import demo
from fifteen.cli.hurried import hurry
from fifteen.cli.serving import Asked, Serving, plan
from fifteen.kernel.errors import AskedWrongly

THREADS = 8
_FILE = click.Path(dir_okay=False, path_type=Path)
_PORT = click.IntRange(1, 65535)


@click.command(short_help="Open the pages in your browser.")
@click.option("--network", is_flag=True, help="For the devices of this network, over HTTPS.")
@click.option("--host", metavar="ADDRESS", help="Where to listen.  [default: 127.0.0.1; with --network 0.0.0.0]")
@click.option("--port", metavar="NUMBER", default=8015, show_default=True, type=_PORT)
@click.option("--name", "names", metavar="NAME", multiple=True, help="A name devices use for this machine; repeatable.")
@click.option(
    "--install-port", metavar="NUMBER", type=_PORT, help="Where devices get the certificate.  [default: 8016]"
)
@click.option("--certificate", metavar="FILE", type=_FILE, help="A certificate (PEM) made elsewhere, with its --key.")
@click.option("--key", metavar="FILE", type=_FILE, help="The key of --certificate.")
@click.option("--behind-proxy", metavar="ADDRESS", help="The one proxy whose X-Forwarded-Proto and -For are believed.")
@click.option("--demo", "fictional", is_flag=True, help="A fictional practice to walk through; gone at the end.")
@click.option("--no-browser", is_flag=True, help="Only print the address.")
def serve(
    network: bool, host: str | None, port: int, names: tuple[str, ...], install_port: int | None,
    certificate: Path | None, key: Path | None, behind_proxy: str | None, fictional: bool, no_browser: bool,
) -> None:  # fmt: skip
    """Serve the pages until Ctrl+C. What is typed on the pages without a log-in is not stored.

    \b
    fifteen serve
    fifteen serve --port 8080 --no-browser
    fifteen serve --demo
    fifteen serve --network --name clinic.local
    """
    try:
        import gunicorn.app.base  # noqa: F401  # asked for before anything is done
    except ImportError:
        raise AskedWrongly(
            "the pages need packages that are not installed here; install them with `pip install 'fifteen[web]'`."
        ) from None
    asked = Asked(network, host, port, names, install_port, certificate, key, behind_proxy)
    serving = plan(asked)
    if fictional:
        demo.refuse(serving)
    _check_free(serving.host, serving.port, "--port")
    # Bound here and handed down, so that it is refused before anything else is done.
    page_socket = _listen(serving.host, serving.install_port, "--install-port") if serving.install_port else None
    serving.certify()  # a certificate that cannot be had is refused before the database is touched
    with ExitStack() as until_closed:
        if fictional:
            until_closed.enter_context(demo.home())
        application, code = _application(serving, fictional)
        _serve(serving, application, code, page_socket, fictional, no_browser)


def _serve(
    serving: Serving, application: Any, code: str | None, page_socket: socket.socket | None, fictional: bool,
    no_browser: bool,
) -> None:  # fmt: skip
    from gunicorn.app.base import BaseApplication

    class Pages(BaseApplication):  # type: ignore[misc]
        def load_config(self) -> None:
            settings: dict[str, Any] = {
                "bind": f"{serving.shown_host}:{serving.port}",
                "workers": 1,
                "worker_class": "gthread",
                "threads": THREADS,
                "loglevel": "error",
                "control_socket_disable": True,
                # Who sent what is settled in one place, fifteen.web.clinic.proxy.
                "forwarded_allow_ips": "",
                "secure_scheme_headers": {},
                "pre_request": hurry,
                "when_ready": lambda server: _ready(serving, code, no_browser, "/demo" if fictional else "/units"),
                "post_worker_init": lambda worker: _begin_work(serving, page_socket),
                **serving.https(),
            }
            for name, value in settings.items():
                if name in self.cfg.settings:
                    self.cfg.set(name, value)

        def load(self) -> Any:
            return application

    Pages().run()


def _begin_work(serving: Serving, page_socket: Any) -> None:
    """What runs beside the pages, in the process that answers: the install page, and the worker of the queue."""
    from fifteen.clinic.jobs.worker import start_worker

    serving.start_install_page(page_socket)
    start_worker(threading.Event())


def _application(serving: Serving, fictional: bool = False) -> tuple[Any, str | None]:
    """The application with its database brought up, and the code of the first start where there is no organization."""
    os.umask(0o077)  # what a clinic keeps is its owner's
    hosts = [os.environ.get("FIFTEEN_HOSTS"), *serving.allowed_hosts]
    os.environ["FIFTEEN_HOSTS"] = " ".join(filter(None, hosts))
    os.environ["FIFTEEN_PLAIN_HTTP"] = "0" if serving.secure else "1"
    os.environ["FIFTEEN_BEHIND_PROXY"] = serving.proxy
    os.environ["DJANGO_SETTINGS_MODULE"] = demo.SETTINGS if fictional else "fifteen.settings.clinic"
    try:
        from fifteen.settings.wsgi import application
    except (ValueError, OSError) as error:
        said = f"{error.strerror}: {error.filename}" if isinstance(error, OSError) else str(error).rstrip(".")
        raise AskedWrongly(
            f"the clinic's settings cannot be used ({said}), and nothing was started; "
            "check FIFTEEN_HOME, FIFTEEN_KEYS and FIFTEEN_DATABASE_URL."
        ) from None
    from django.db import connections

    from fifteen.clinic.accounts.setup import new_code
    from fifteen.clinic.database import bring_up

    answers = demo.begin() if fictional else None
    bring_up()
    if answers is not None:
        demo.fill(answers)
    code = new_code()
    connections.close_all()  # none may pass the fork
    return application, code


def _check_free(host: str, port: int, option: str) -> None:
    _listen(host, port, option).close()


def _listen(host: str, port: int, option: str) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(16)
    except OSError as error:
        listening.close()
        raise AskedWrongly(
            f"cannot listen on {host} port {port}: {error.strerror or error}; "
            f"choose another with {option}, or stop what runs there."
        ) from None
    return listening


def _ready(serving: Serving, code: str | None, no_browser: bool, where: str) -> None:
    address = f"{serving.address}{where}"
    ends = "ends it, and nothing of it stays" if where == "/demo" else "ends it"
    print(f"Fifteen is open at {address} (Ctrl+C {ends})", flush=True)
    if serving.install_address:
        print(f"Each device first installs the certificate from {serving.install_address}", flush=True)
        print(f"where these figures must be the same: {serving.fingerprint}", flush=True)
    if code:
        print(
            f"There is no organization yet; set one up within an hour: {serving.address}/setup?code={code}", flush=True
        )
    seen = sys.platform == "darwin" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if seen and not no_browser and sys.stdout.isatty():
        import webbrowser

        webbrowser.open(address)
