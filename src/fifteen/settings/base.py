"""Django's settings for the pages that need no log-in: no database, no session, no cookie, a strict policy."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from csp.constants import NONE, SELF

WEB = Path(__file__).parents[1] / "web"

DEBUG = False
# Nothing is signed or encrypted yet, so nothing is lost when a new start makes a new key.
SECRET_KEY = secrets.token_urlsafe(50)
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", *os.environ.get("FIFTEEN_HOSTS", "").split()]
ROOT_URLCONF = "fifteen.web.urls"
WSGI_APPLICATION = "fifteen.settings.wsgi.application"

INSTALLED_APPS = ["django.contrib.staticfiles", "csp", "fifteen.web"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "fifteen.web.language.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [WEB / "templates"],
        "OPTIONS": {
            "context_processors": ["fifteen.web.language.page_settings"],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "fifteen.web.templatetags.fifteen_pages",
            ],
            "loaders": [("django.template.loaders.cached.Loader", ["django.template.loaders.filesystem.Loader"])],
        },
    }
]
DATABASES: dict[str, dict[str, str]] = {}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español")]
LOCALE_PATHS = [WEB / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.AppDirectoriesFinder"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 0  # a file keeps its name from release to release: the browser asks whether it changed

# One place for the policy: Django 6 takes over the same words.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "no-referrer"  # a link holds the question; no other site learns it

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    # What people typed stands in the address, and no address goes into a log.
    "loggers": {"django.request": {"level": "CRITICAL"}, "django.security.DisallowedHost": {"level": "CRITICAL"}},
}
