"""What the Units page costs beside an empty page of the same server, and how small its first view is.

Both are served by the same worker with the same threads, asked in turn over kept connections by four clients.
"""

from __future__ import annotations

import http.client
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PATHS = {
    "an empty page": "/empty",
    "the page, empty": "/units",
    "the page with an answer": "/units?s=97110:33,97140:7&on=2026-03-02",
    "the answer alone, as typed": "/units/answer?s=97110:33,97140:7&on=2026-03-02",
    "two payers side by side": "/units/answer?s=97110:24,97112:8,97116:10&with=midpoint&on=2026-03-02",
}
CLIENTS, ROUNDS, EACH = 4, 5, 40
SERVER = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "fifteen.settings.base"
from django.core.wsgi import get_wsgi_application
application = get_wsgi_application()
from django.http import HttpResponse
from django.urls import path
from fifteen.web import urls
urls.urlpatterns.append(path("empty", lambda request: HttpResponse("<!doctype html><title>Empty</title>")))
from gunicorn.app.base import BaseApplication
class Served(BaseApplication):
    def load_config(self):
        for name, value in {
            "bind": f"127.0.0.1:{os.environ['PORT']}", "workers": 1, "worker_class": "gthread", "threads": 8,
            "loglevel": "error", "control_socket_disable": True,
        }.items():
            self.cfg.set(name, value)
    def load(self):
        return application
Served().run()
"""

# Milliseconds from a change of the first minutes to the answer that holds them.
TYPE = """
async (minutes) => {
  const field = document.querySelector("#rows [name=min]");
  const start = performance.now();
  const done = new Promise((end) => new MutationObserver((_, seen) => {
    if (document.querySelector("#answer details.code .num")?.textContent === minutes) {
      seen.disconnect();
      end(performance.now() - start);
    }
  }).observe(document.getElementById("answer"), { childList: true }));
  field.value = minutes;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  return done;
}
"""


@contextmanager
def served() -> Iterator[tuple[int, int]]:
    """The port of a server with one page more, and its process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "PORT": str(port), "FIFTEEN_HOME": home}
        with subprocess.Popen([sys.executable, "-c", SERVER], env=environment) as server:
            for _ in range(100):
                try:
                    _ask(http.client.HTTPConnection("localhost", port), "/empty")
                    break
                except OSError:
                    time.sleep(0.1)
            yield port, server.pid
            server.terminate()


def _ask(connection: http.client.HTTPConnection, path: str) -> float:
    start = time.perf_counter()
    connection.request("GET", path, headers={"Host": "localhost", "Accept-Encoding": "gzip"})
    answer = connection.getresponse()
    answer.read()
    assert answer.status == 200, f"{path}: {answer.status}"
    return time.perf_counter() - start


def _load(port: int, path: str) -> list[float]:
    """Seconds of each answer, with all clients asking at once."""
    found: list[float] = []

    def client() -> None:
        connection = http.client.HTTPConnection("localhost", port)
        found.extend(_ask(connection, path) for _ in range(EACH))

    threads = [threading.Thread(target=client) for _ in range(CLIENTS)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return found


def _memory(pid: int) -> int:
    """Resident kilobytes of the server and its worker, by `ps`, which every system has."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid=,rss="], capture_output=True, text=True, check=True).stdout
    rows = [tuple(map(int, line.split())) for line in listed.splitlines()]
    return sum(rss for own, parent, rss in rows if pid in (own, parent))


def main() -> None:
    with served() as (port, pid):
        for path in PATHS.values():
            _load(port, path)  # warm
        before = _memory(pid)
        times: dict[str, list[list[float]]] = {name: [] for name in PATHS}
        for _ in range(ROUNDS):
            for name, path in PATHS.items():
                times[name].append(_load(port, path))
        after = _memory(pid)
        base = [statistics.median(each) for each in times["an empty page"]]
        tail = [_p95(each) for each in times["an empty page"]]
        print(f"{CLIENTS} clients at once, {ROUNDS * EACH * CLIENTS} requests a row, as a ratio to an empty page:")
        for name, rounds in times.items():
            middle = statistics.median(statistics.median(each) / own for each, own in zip(rounds, base, strict=True))
            high = statistics.median(_p95(each) / own for each, own in zip(rounds, tail, strict=True))
            alone = statistics.median(
                _ask(http.client.HTTPConnection("localhost", port), PATHS[name]) for _ in range(30)
            )
            print(f"{middle:7.2f}x  p95 {high:5.2f}x  {alone * 1000:6.1f} ms alone  {name}")
        print(f"memory of the server: {before / 1024:.0f} MB, after the load {after / 1024:.0f} MB")
        _first_view(port)


def _p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


def _first_view(port: int) -> None:
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from playwright.sync_api import sync_playwright
    from tests.web.browser import ARGUMENTS, MISSING, browser_path

    path = browser_path()
    if path is None:
        print(f"first view not measured: {MISSING}")
        return
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        page = browser.new_context(service_workers="block").new_page()
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        received: list[float] = []
        session.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
        page.goto(f"http://localhost:{port}/units?s=97110:33&on=2026-03-02", wait_until="networkidle")
        print(f"first view: {sum(received) / 1000:.1f} kB in {len(received)} requests")
        taken = statistics.median(page.evaluate(TYPE, str(minutes)) for minutes in range(20, 40))
        print(f"from a key to its answer on the page: median {taken:.0f} ms (with the pause for typing)")
        browser.close()


if __name__ == "__main__":
    main()
