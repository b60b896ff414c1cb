"""Django's settings for working on Fifteen: a clinic over plain HTTP on this machine, with errors shown."""

from __future__ import annotations

import os

os.environ.setdefault("FIFTEEN_PLAIN_HTTP", "1")

from fifteen.settings.clinic import *  # noqa: F403

DEBUG = True
