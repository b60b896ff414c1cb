"""Django's settings for a clinic: the public pages, and behind a log-in what the clinic keeps."""

from __future__ import annotations

import os
import sqlite3
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from fifteen.clinic import logs, vault
from fifteen.settings.base import *  # noqa: F403
from fifteen.settings.base import INSTALLED_APPS, MIDDLEWARE, TEMPLATES
from fifteen.settings.home import home

SECRET_KEY = vault.ring().django
SECURE = os.environ.get("FIFTEEN_PLAIN_HTTP") != "1"  # only on this machine may it be plain

INSTALLED_APPS = [
    *INSTALLED_APPS,
    "fifteen.clinic.tenancy.apps.TenancyConfig",
    "fifteen.clinic.accounts.apps.AccountsConfig",
    "fifteen.clinic.audit.apps.AuditConfig",
    "fifteen.clinic.payers.apps.PayersConfig",
    "fifteen.clinic.people.apps.PeopleConfig",
    "fifteen.clinic.treatment.apps.TreatmentConfig",
    "fifteen.clinic.schedule.apps.ScheduleConfig",
    "fifteen.clinic.documents.apps.DocumentsConfig",
    "fifteen.clinic.notes.apps.NotesConfig",
    "fifteen.clinic.importing.apps.ImportingConfig",
    "fifteen.clinic.jobs.apps.JobsConfig",
]
MIDDLEWARE = [
    "fifteen.web.clinic.proxy.Proxy",
    *MIDDLEWARE,
    "django.middleware.csrf.CsrfViewMiddleware",
    "fifteen.web.clinic.edge.Edge",
]
ROOT_URLCONF = "fifteen.web.clinic.urls"
TEMPLATES[0]["OPTIONS"]["context_processors"] += ["fifteen.web.clinic.edge.page_settings"]  # type: ignore[index]
TEMPLATES[0]["OPTIONS"]["builtins"].append("fifteen.web.templatetags.fifteen_clinic")  # type: ignore[index]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
SESSION_COOKIE = "__Host-fifteen" if SECURE else "fifteen"
DEVICE_COOKIE = "__Host-fifteen-device" if SECURE else "fifteen-device"
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE else "csrf"
CSRF_COOKIE_SECURE = SECURE
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_FAILURE_VIEW = "fifteen.web.clinic.trouble.csrf"
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_SSL_REDIRECT = SECURE
WHITENOISE_ALLOW_ALL_ORIGINS = False
TRUSTED_PROXY = os.environ.get("FIFTEEN_BEHIND_PROXY", "")  # its address; Django's own setting would believe anyone

# WAL loses data in libraries between these (SQLite's own notice of its reset bug): the rollback journal there.
_SAFE_WAL = sqlite3.sqlite_version_info >= (3, 51, 3) or sqlite3.sqlite_version_info in ((3, 50, 7), (3, 44, 6))
_JOURNAL = "WAL" if _SAFE_WAL else "DELETE"
_SYNCHRONOUS = "FULL" if _SAFE_WAL else "EXTRA"


def database(url: str | None) -> dict[str, Any]:
    """Django's words for a `postgresql://` URL, or for the one SQLite file of this installation."""
    if url:
        parts = urlsplit(url)
        if parts.scheme not in ("postgres", "postgresql"):
            raise ValueError(f"FIFTEEN_DATABASE_URL begins with {parts.scheme!r}; write postgresql://user@host/name")
        options = {key: values[-1] for key, values in parse_qs(parts.query).items()}
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path.lstrip("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": options.pop("host", None) or parts.hostname or "",
            "PORT": str(parts.port or ""),
            "OPTIONS": options,
        }
    base = home()
    if base is None:
        raise ValueError("there is no home directory to keep data in; set FIFTEEN_HOME or FIFTEEN_DATABASE_URL")
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(base.joinpath("clinic", "fifteen.sqlite3")),
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 10,
            "init_command": f"PRAGMA journal_mode={_JOURNAL}; PRAGMA synchronous={_SYNCHRONOUS};"
            "PRAGMA recursive_triggers=ON; PRAGMA foreign_keys=ON;",
        },
    }


DATABASES = {"default": database(os.environ.get("FIFTEEN_DATABASE_URL"))}

MIDDLEWARE = [MIDDLEWARE[0], "fifteen.web.clinic.observe.Observe", *MIDDLEWARE[1:]]  # behind the proxy only
LOGGING = logs.LOGGING
CHALLENGE_COOKIE = "__Host-fifteen-challenge" if SECURE else "fifteen-challenge"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("UserAttributeSimilarityValidator", {"user_attributes": ("login", "name")}),
        ("MinimumLengthValidator", {"min_length": 12}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
    )
]
DATABASE_APP_ROLE = os.environ.get("FIFTEEN_DATABASE_APP_ROLE", "")  # who serves, where that is not who migrates

DOCUMENT_LIMIT = 20_000_000  # bytes of one file
DOCUMENT_QUOTA = (
    int(os.environ.get("FIFTEEN_DOCUMENT_QUOTA_MB", "20000")) * 1_000_000
)  # of all files of an organization
DOCUMENT_RESERVE = 256_000_000  # of the disk, kept for the database
FILE_UPLOAD_HANDLERS = ["fifteen.web.clinic.uploads.Bounded"]
DATA_UPLOAD_MAX_NUMBER_FILES = 4
