"""A chart with everything in it, made over the services: to look at pages, and to test them with."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import msgspec

from fifteen.clinic.accounts.models import User
from fifteen.clinic.notes import services as notes
from fifteen.clinic.people import services as people
from fifteen.clinic.people.models import Patient
from fifteen.clinic.tenancy.models import Site
from fifteen.clinic.treatment import services
from fifteen.clinic.treatment.models import Episode, Interval, Visit
from tests.clinic.chart import a_site, at, covered

DAYS = (0, 3, 7, 10, 14, 38, 43, 50)
"""The days of the visits before the last, counted from the first."""


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """What `furnish` made: the patient whose chart is full, and the other one who was there on the last day."""

    site: Site
    patient: Patient
    episode: Episode
    visits: list[Visit]
    visit: Visit
    amended: Interval
    note: str
    other: Patient
    other_visit: Visit


def furnish(therapist: User, assistant: User, today: date, days: tuple[int, ...] = DAYS) -> Chart:
    """Maria Example's knee: two plans, certifications, visits with notes, goals, scores; and Bert Sample beside."""
    site = a_site()
    maria = people.register("Maria Example", date(1951, 5, 14))
    maria.precautions = "Fall risk; no loading of the left hip beyond 90 degrees"
    maria.save(update_fields=["precautions"])
    coverage = covered(maria)
    start = today - timedelta(days=56)
    knee = services.open_episode(
        maria, discipline="PT", site=site, problem="Right knee after replacement", started=start, therapist=therapist,
        onset=start - timedelta(days=20),
        diagnoses=[
            {"code": "Z47.1", "text": "aftercare after joint replacement", "treated": True},
            {"code": "M25.561", "text": "pain in right knee"},
        ],
    )  # fmt: skip
    first = services.add_plan(
        knee, starts=start, ends=start + timedelta(days=35), author=therapist, established=start,
        type="exercise, manual therapy, gait", amount="1 a day", frequency="2 a week", duration="5 weeks",
    )  # fmt: skip
    services.certify(first, step="sent", date=start + timedelta(days=1), how="fax, confirmed", user=therapist)
    wrong = services.certify(
        first, step="signed", date=start + timedelta(days=2), signer="Dr. Ada Lane", user=therapist
    )  # fmt: skip
    services.void_certification(wrong, "It was the order of another patient", therapist)
    services.certify(
        first, step="signed", date=start + timedelta(days=9), signer="Dr. Ada Lane", how="fax", user=therapist
    )  # fmt: skip
    second = services.add_plan(
        knee, starts=start + timedelta(days=36), ends=start + timedelta(days=80), author=therapist,
        type="exercise, gait", frequency="2 a week", duration="6 weeks",
    )  # fmt: skip
    services.certify(second, step="sent", date=start + timedelta(days=37), how="portal", user=therapist)
    services.authorize(
        coverage, number="A-1001", starts=start, ends=start + timedelta(days=90), visits=12, units=40, episode=knee
    )  # fmt: skip
    services.carry_over(knee, as_of=start, days_since_report=None, visits_used=2, units_used=None, source="PaperChart")
    _goals_and_scores(knee, start, therapist)
    visits = [_visit(knee, start + timedelta(days=each), therapist, assistant) for each in days]
    last, amended = _last(knee, today, therapist, assistant)
    note = _note(last, therapist)
    bert = people.register("Bert Sample", date(1948, 11, 2))
    covered(bert)
    hip = services.open_episode(
        bert, discipline="PT", site=site, problem="Left hip", started=today - timedelta(days=9), therapist=therapist
    )  # fmt: skip
    beside = services.start_visit(hip, date=today, arrived=at(8, 20, today))
    _given(beside, therapist, "97140", (8, 33), (8, 50))
    _given(beside, assistant, "97110", (8, 50), (9, 8))
    return Chart(
        site=site, patient=maria, episode=knee, visits=[*visits, last], visit=last, amended=amended, note=note,
        other=bert, other_visit=beside,
    )  # fmt: skip


def _given(
    visit: Visit, user: User, code: str, start: tuple[int, int], stop: tuple[int, int], **fields: Any
) -> Interval:
    return services.add_interval(
        visit, people=[user], service=code, start=at(*start, visit.date), stop=at(*stop, visit.date), user=user,
        **fields,
    )  # fmt: skip


def _goals_and_scores(episode: Episode, start: date, user: User) -> None:
    services.set_goal(
        episode, "STG 1", term="short", text="Walk 150 m without a cane on level ground", baseline="40", target="150",
        unit="m", task="walks to the shop", due=start + timedelta(days=30), status="met",
        judged=start + timedelta(days=28), progress="160 m without a cane",
    )  # fmt: skip
    services.set_goal(
        episode, "LTG 1", term="long", text="Climb 12 stairs step over step with one rail", baseline="4", target="12",
        unit="stairs", task="reaches the bedroom", due=start + timedelta(days=80), progress="8 stairs, one rail",
    )  # fmt: skip
    for days, value in ((0, "28"), (21, "36"), (50, "43")):
        services.add_score(episode, measure="LEFS", value=value, date=start + timedelta(days=days), user=user)
    for days, value in ((0, "7"), (50, "6")):
        services.add_score(episode, measure="NPRS", value=value, date=start + timedelta(days=days), user=user)


def _visit(episode: Episode, on: date, therapist: User, assistant: User) -> Visit:
    """A visit with a signed note, a progress report on the last of the first plan."""
    visit = services.start_visit(episode, date=on, arrived=at(8, 0, on))
    _given(visit, therapist, "97140", (8, 3), (8, 15))
    _given(visit, assistant, "97110", (8, 15), (8, 39))
    evaluation = on == episode.started
    kind = "evaluation" if evaluation else "treatment"
    note = notes.start_note(
        episode.patient, therapist, on, kind=kind, visit=visit, content={"subjective": "Feels steadier on stairs."}
    )  # fmt: skip
    notes.sign(note, therapist, "PT")
    return visit


def _last(episode: Episode, on: date, therapist: User, assistant: User) -> tuple[Visit, Interval]:
    """Today's visit: a corrected interval, the assistant's time, a tie, time that meets another patient's."""
    visit = services.start_visit(episode, date=on, arrived=at(8, 0, on))
    first = _given(visit, therapist, "97140", (8, 3), (8, 15))
    services.amend_interval(first, "Tapped late, it began when she sat down", therapist, start=at(8, 0, on))
    _given(visit, assistant, "97110", (8, 15), (8, 33))
    _given(visit, therapist, "97112", (8, 33), (8, 46))
    services.add_interval(visit, people=[assistant], service="97116", minutes=9, user=assistant, origin="typed")
    services.set_service(
        visit, code="97110", what="Strengthening of the right knee",
        skilled_reason="Load set by the quality of movement", response="No swelling afterwards", goals=["LTG 1"],
        exercises=[
            {"name": "straight leg raise", "side": "right", "region": "hip", "sets": 3, "reps": 10,
             "load": {"value": "2", "unit": "lb"}},
            {"name": "stationary bike", "duration_s": 300, "level": {"value": "2"}},
            {"name": "step-up", "side": "right", "sets": 2, "reps": 8, "height": {"value": "6", "unit": "in"},
             "assistance": "contact guard"},
        ],
    )  # fmt: skip
    return visit, first


def _note(visit: Visit, therapist: User) -> str:
    content = {
        "subjective": "Stairs are easier; the knee feels stiff in the morning for ten minutes.",
        "measures": [
            {"kind": "rom", "name": "knee flexion", "value": "108", "unit": "degrees", "side": "right",
             "when": "before"},
            {"kind": "strength", "name": "quadriceps", "value": "4-/5", "side": "right"},
        ],
        "services": [
            {"code": "97140", "what": "Joint mobilisation of the right knee", "minutes": 15,
             "skilled_reason": "Grade chosen by end feel", "response": "Flexion 108 to 113 degrees"},
            {"code": "97110", "what": "Strengthening of the right knee", "minutes": 18, "goals": ["LTG 1"],
             "people": [therapist.id],
             "exercises": [
                 {"name": "straight leg raise", "side": "right", "region": "hip", "sets": 3, "reps": 10,
                  "load": {"value": "2", "unit": "lb"}, "hold_s": 3},
                 {"name": "step-up", "side": "right", "sets": 2, "reps": 8, "assistance": "contact guard"},
             ]},
        ],
        "goals": [
            {"id": "LTG 1", "term": "long", "text": "Climb 12 stairs step over step with one rail", "baseline": "4",
             "target": "12", "unit": "stairs", "progress": "8 stairs, one rail"},
        ],
        "timed_minutes": 46, "total_minutes": 55, "pain_before": 4, "pain_after": 3,
        "assessment": "Quadriceps control in the last 20 degrees still gives way on the third set.",
        "plan": "Raise the step to 8 in when eight clean repetitions stand.",
        "home_programme": "Straight leg raise 3 x 10 daily; ice after long walks.",
    }  # fmt: skip
    note = notes.start_note(visit.patient, therapist, visit.date, visit=visit, content=content)
    notes.sign(note, therapist, "PT")
    return note.id
