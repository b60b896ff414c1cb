"""The chart's words: how time was given, states of plans and goals, kinds of notes, each once."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Words = dict[str, str | Promise]

MODES: Words = {
    "one-on-one": _("one-on-one"),
    "together": _("together"),
    "group": _("group"),
    "co-treatment": _("co-treatment"),
    "supervised": _("supervised"),
    "unskilled": _("unskilled"),
    "rest": _("rest"),
}
ORIGINS: Words = {"timer": _("timer"), "typed": _("typed"), "dictated": _("dictated")}
ROLES: Words = {
    "therapist": _("therapist"),
    "assistant": _("assistant"),
    "student": _("student"),
    "aide": _("aide"),
}
STEPS: Words = {
    "sent": _("Sent to the practitioner"),
    "verbal": _("Verbal order"),
    "signed": _("Signed by the practitioner"),
}
GOALS: Words = {
    "active": pgettext_lazy("a goal", "Active"),
    "met": pgettext_lazy("a goal", "Met"),
    "revised": pgettext_lazy("a goal", "Revised"),
    "dropped": pgettext_lazy("a goal", "Dropped"),
}
GOAL_TONES = {"active": "info", "met": "good", "revised": "warn", "dropped": "off"}
TERMS: Words = {"": _("not said"), "short": _("short-term"), "long": _("long-term")}
NOTES: Words = {
    "evaluation": _("Evaluation"),
    "re-evaluation": _("Re-evaluation"),
    "plan-of-care": _("Plan of care"),
    "treatment": _("Treatment note"),
    "progress-report": _("Progress report"),
    "discharge": _("Discharge note"),
}
SIDES: Words = {"left": _("left"), "right": _("right"), "both": _("both sides")}
TELEHEALTH: Words = {
    "": _("in person"),
    "audio-video": _("telehealth, audio and video"),
    "audio-only": _("telehealth, audio only"),
}
PURPOSES: Words = {
    "": _("not said"),
    "habilitative": _("habilitative"),
    "rehabilitative": _("rehabilitative"),
}
MEASURES: Words = {
    "rom": _("Range of motion"),
    "strength": _("Strength"),
    "special-test": _("Special test"),
    "pain": _("Pain"),
    "gait": _("Gait"),
    "balance": _("Balance"),
    "vitals": _("Vital signs"),
    "outcome": _("Outcome score"),
    "function": _("Function"),
    "swallowing": _("Swallowing"),
    "speech": _("Speech"),
    "cognition": _("Cognition"),
    "other": _("Other"),
}


def word(words: Words, key: str) -> str:
    """The word for a stored key; a key that has none is shown as it stands."""
    return str(words.get(key, key))


def choices(words: Words) -> tuple[tuple[str, str], ...]:
    return tuple((key, str(value)) for key, value in words.items())
