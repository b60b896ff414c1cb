"""What each family of service is called in plain words; the descriptors of codes are the AMA's and not used."""

from __future__ import annotations

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
