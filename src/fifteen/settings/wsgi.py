"""The door for a web server: `fifteen.settings.wsgi:application`."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fifteen.settings.clinic")
application = get_wsgi_application()
