"""Who treats: the disciplines that have a plan of care, and the parts a person may take in it."""

from __future__ import annotations

from typing import Literal

Discipline = Literal["PT", "OT", "SLP"]
Role = Literal["therapist", "assistant", "student", "aide"]
