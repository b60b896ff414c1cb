"""Django's settings for `fifteen serve --demo`: a clinic in a home that is gone at its end, with a door for everybody.

They hold for a home that bears the mark which `fifteen serve --demo` puts there, and for no other: a clinic's own data
never stands behind a door without proofs.
"""

from __future__ import annotations

import os

from fifteen.settings.clinic import *  # noqa: F403
from fifteen.settings.clinic import MIDDLEWARE as _CLINIC
from fifteen.settings.clinic import TEMPLATES as _PAGES
from fifteen.settings.home import DEMO_MARK, home

_BASE = home()
if _BASE is None or not _BASE.joinpath(DEMO_MARK).is_file() or os.environ.get("FIFTEEN_DATABASE_URL"):
    raise ValueError("the settings of the demonstration are only for what `fifteen serve --demo` opens")

DEMO = True
ROOT_URLCONF = "fifteen.web.clinic.demo_urls"
MIDDLEWARE = list(_CLINIC)
TEMPLATES = _PAGES
TEMPLATES[0]["OPTIONS"]["context_processors"].append("fifteen.web.clinic.demo.page_settings")  # type: ignore[index]
