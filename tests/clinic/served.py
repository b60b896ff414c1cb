"""A clinic served from a folder of its own, for tests with a browser: `python -m tests.clinic.served PORT`.

Prints one line of JSON about whom there is, then serves until it is ended. Always on SQLite, at the real time.
"""

from __future__ import annotations

import json
import os
import socketserver
import sys
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

os.environ.pop("FIFTEEN_DATABASE_URL", None)
os.environ["DJANGO_SETTINGS_MODULE"] = "fifteen.settings.test"


class _Server(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def fill() -> dict[str, str]:
    """An organization with people at every step of the log-in."""
    from fifteen.clinic.accounts import services
    from tests.clinic.conftest import as_organization, make_organization, make_user
    from tests.clinic.doors import give_codes, give_totp

    north = make_organization()
    owner, app, copied = make_user(north, "olga", "owner"), make_user(north, "ana"), make_user(north, "carl")
    fresh, invited, locked = make_user(north, "fred"), make_user(north, "ines"), make_user(north, "lars")
    make_user(north, "uma")
    codes = give_codes(app)
    with as_organization(north.id):
        link = services.invite(invited)
    made = {"olga": give_totp(owner), "ana": give_totp(app), "lars": give_totp(locked)}
    return {**made, "invitation": link, "recovery": codes[0], "passkey": fresh.login, "copied": copied.login}


def main(port: int) -> None:
    import django
    from django.core.management import call_command
    from django.core.wsgi import get_wsgi_application

    django.setup()
    from django.conf import settings

    os.makedirs(os.path.dirname(settings.DATABASES["default"]["NAME"]), exist_ok=True)
    call_command("migrate", verbosity=0)
    people = fill()
    with make_server("127.0.0.1", port, get_wsgi_application(), _Server, _Quiet) as server:
        print(json.dumps(people), flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]))
