"""Django's settings for tests: a clinic over plain HTTP, with a cheap password hash and a database of its own."""

from __future__ import annotations

import os
import tempfile

os.environ.setdefault("FIFTEEN_HOME", tempfile.mkdtemp(prefix="fifteen-tests-"))
os.environ.setdefault("FIFTEEN_PLAIN_HTTP", "1")

from fifteen.settings.clinic import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
