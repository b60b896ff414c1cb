"""Procedure codes as people type them."""

from __future__ import annotations

from django.utils.translation import gettext as _

from fifteen.clinic.tenancy.errors import Refused
from fifteen.kernel.codes import read_code
from fifteen.kernel.errors import AskedWrongly


def typed_code(code: str) -> str:
    """The code in capitals; `Refused` for what has not the shape of one."""
    try:
        return read_code(code)
    except AskedWrongly:
        raise Refused(_("This is not a code; write five digits or letters, such as 97110.")) from None
