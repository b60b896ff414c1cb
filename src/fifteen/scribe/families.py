"""What each family of service is called in plain words, and whether it counts minutes; the AMA's words are not used."""

from __future__ import annotations

from datetime import date

from fifteen.kernel.errors import UnknownCode
from fifteen.rulebook import Rulebook
from fifteen.scribe.draft import Family

FAMILY_NAMES: dict[Family, str] = {
    "TE": "therapeutic exercise",
    "NMR": "neuromuscular re-education",
    "MT": "manual therapy",
    "TA": "therapeutic activities",
    "GT": "gait training",
    "SC": "self-care training",
    "AQ": "aquatic therapy",
    "US": "ultrasound",
    "ESU": "unattended electrical stimulation",
    "ESA": "attended electrical stimulation",
    "ION": "iontophoresis",
    "TRX": "traction",
    "VASO": "vasopneumatic compression",
    "PAR": "paraffin bath",
    "HPCP": "hot or cold pack",
    "DN": "dry needling",
    "CRP": "canalith repositioning",
    "ORTH": "orthotic training",
    "GRP": "group therapy",
    "SI": "sensory integration",
    "WC": "wheelchair training",
    "EVAL": "evaluation",
    "REEVAL": "re-evaluation",
    "TAPE": "taping",
    "COG": "cognitive training",
    "SPEECH": "speech treatment",
    "SWALLOW": "swallowing treatment",
}


def counts_time(family: Family, code: str | None, rulebook: Rulebook, on: date) -> bool:
    """Does a service count minutes on `on`: as its code says, else the code of its family, else `scribe_uncoded`?

    A code that no catalogue holds on the day says nothing. Where nobody says anything, it counts, so that it is asked.
    """
    codes: dict[str, str] = rulebook.value("fifteen.scribe_codes", on).value
    for each in filter(None, (code, codes.get(family))):
        try:
            service = rulebook.service(each, on)
        except UnknownCode:
            continue
        if service is not None:
            return service.unit_minutes is not None
    uncoded: dict[str, str] = rulebook.value("fifteen.scribe_uncoded", on).value
    return uncoded.get(family) != "untimed"
