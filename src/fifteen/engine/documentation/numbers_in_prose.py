"""Numbers of therapy notes, by what they may be evidence of: a dose, a measure, a change; and names of conditions."""

from __future__ import annotations

import re

_AEROBIC = r"(?:bike|nustep|treadmill|ube|elliptical|walk\w*|cycle|stepper|ergometer)"

_DATE = r"\d{1,2}/\d{1,2}(?:/\d{2,4})?"
_SPAN = r"(?:d|days?|wks?|weeks?|mos?|months?|yrs?|years?)\b"
_EVENT = (
    r"\b(?:falls?|fell|fx|fracture|sx|surgery|inj|injury|MVA|CVA|TBI|repair|ORIF|nail|onset|sprain|strain|rupture)\b"
)

NUMBERS = {
    kind: re.compile(pattern, re.IGNORECASE if kind != "diagnosis" else 0)
    for kind, pattern in {
        "dose": r"\b\d{1,2}\s*[x×]\s*\d{1,3}\b|\b\d{1,2}\s*sets?\b|\b\d{1,3}\s*reps?\b"
        r"|(?<![\w/])[x×]\s*\d{1,3}\b(?!\s*(?:min|w|/))"
        r"|\b\d{1,3}\s*(?:s|sec|secs|seconds)\b|\bhold\w*\s*\d|\b\d{1,4}\s*(?:ft|feet|m|laps?)\b"
        rf"|\b{_AEROBIC}\W{{0,3}}(?:[a-z]+\W){{0,3}}?\d{{1,2}}\s*(?:min|['’′])",
        "load": r"\b\d{1,3}(?:\.\d)?\s*(?:lbs?\b|#|kg\b|pounds?\b)|\b(?:L|level|lvl)\s*\d{1,2}\b",
        "measured": r"\b\d{1,3}\s*(?:°|deg\b|degrees?\b)|\b[0-5][+-]?/5\b|\b\d{1,2}/10\b"
        r"|\b\d+(?:\.\d+)?\s*(?:m/s|%|cm|mm|ft|feet|secs?|s|mmHg|bpm|lbs?)(?!\w)"
        r"|\b\d{1,3}\s*[-–]\s*\d{1,3}\b(?!\s*(?:x|w|v|s|mo|min))|\b\d{1,3}/\d{2,3}\b",
        "change": r"\d\S{0,6}\s*(?:-+>|→|⇒|>|\bto\b)\s*\d+"
        r"|\bpain\D{0,20}\d{1,2}(?:/10)?\D{1,25}\b(?:after|post|to|now|end)\D{0,12}\d+",
        "pain": r"\b(?:pain|nprs|vas)\b[^.;\n\d]{0,30}\d{1,2}\b|\b\d{1,2}/10\b",
        "frequency": r"\b[1-7]\s*(?:-\s*[1-7]\s*)?"
        r"(?:(?:[x×]|times)\s*(?:/|per|a|each|every)?|/|per|a|each|every)\s*(?:wk|week|day|mo|month)s?\b"
        r"|\b[1-7]\s*[x×]/?w\b",
        "duration": r"\b\d{1,3}\s*(?:wks?|weeks?|mos?|months?|visits?|sessions?|days?|w)\b"
        r"(?!\s*(?:ago|post|s/p|old)\b)",
        "date": r"\b\d{1,2}/\d{1,2}(?:/\d{2,4})?\b(?!0)|\b20\d\d-\d\d-\d\d\b",
        "range": rf"\b{_DATE}\s*(?:-|–|to|thru|through)\s*{_DATE}\b",
        "onset": rf"\b{_DATE}\s*{_EVENT}|{_EVENT}\W{{0,3}}{_DATE}\b|\b[x×]\s*\d{{1,3}}\s*{_SPAN}"
        rf"|\b\d{{1,3}}\s*{_SPAN}\s*(?:ago|post|s/p)"
        rf"|\b{_SPAN}\s*\d{{1,3}}\b",
        "condition": r"\b\w{2,}(?:plegia|paresis|itis|opathy|ectomy|o?edema|osis|algia|phasia|phagia|arthria)\b"
        r"|\b\w{2,}(?:praxia|taxia)\b",
        "diagnosis": r"\b[A-TV-Z]\d[0-9A-Z]\.[0-9A-Z]{1,4}\b",
    }.items()
}
