"""Procedure codes as written on a claim: CPT (five digits) and HCPCS level II (a letter, four digits)."""

from __future__ import annotations

import re
from functools import lru_cache

from fifteen.kernel.errors import UnreadableInput

_SHAPE = re.compile(r"[0-9A-V][0-9]{3}[0-9FTU]", re.ASCII)


@lru_cache(maxsize=4096)
def read_code(text: str, where: str = "code") -> str:
    """Read a code in any case; `UnreadableInput` if it has not the shape of one.

    Whether the code exists is the service catalogue's to say.
    """
    code = text.strip().upper()
    if not _SHAPE.fullmatch(code):
        raise UnreadableInput(
            f"{where}: {text!r} is not a procedure code; write five characters such as 97110 or G0283."
        )
    return code
