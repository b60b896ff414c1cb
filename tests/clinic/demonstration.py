"""The fictional practice as `fifteen serve --demo` fills it, at a present of its own: for browsers and pictures."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from fifteen.settings.home import DEMO_MARK
from fifteen.synth import Size
from fifteen.synth.practice import ANCHOR
from tests.clinic.browser import listening, run, surroundings

SEED = 1
# Runs in a process of its own. Of the words of notes it tells those that stand in notes and visits alone.
FILL = """
import json, sys
import django
django.setup()
from django.core.management import call_command
from fifteen.clinic import demo
from fifteen.clinic.tenancy.clock import now
from fifteen.synth import Size, practice

call_command("migrate", verbosity=0)
made = practice(int(sys.argv[1]), at=now(), size=Size(patients=int(sys.argv[2]), days=int(sys.argv[3])))
demo.fill(made, answering=demo.Answers(made, beside=False))
demo.keep_to_find(made)
names = {each.id: each.name for each in made.patients}
charts = {each.id: f"/patients/{each.id}/episodes/{each.episodes[-1].id}" for each in made.patients if each.episodes}
twice = [each for each in made.planted if each.kind == "overlap"]
[one, other] = [each for each in twice if (each.date, each.people) == (twice[-1].date, twice[-1].people)][:2]
visit, episode = next(
    (visit, episode) for patient in made.patients if patient.id == one.patient for episode in patient.episodes
    for visit in episode.visits if visit.date == one.date
)
print(json.dumps({
    "people": [{"id": each.id, "name": each.name, "role": each.role, "discipline": each.discipline or ""}
               for each in made.people],
    "overlap": {"person": one.people[0], "date": one.date.isoformat(), "patient": one.patient,
                "name": names[one.patient], "episode": episode.id, "visit": visit.id, "note": visit.treatment.id},
    "charts": {each.kind: charts[each.patient] for each in made.planted},
    "words": sorted({
        said for patient in made.patients for episode in patient.episodes for visit in episode.visits
        for note in visit.notes for service in note.content.services
        for said in (service.skilled_reason, service.response, service.progression) if len(said) > 12
    }),
}))
"""


class Member(msgspec.Struct, frozen=True):
    id: str
    name: str
    role: str
    discipline: str


class Overlap(msgspec.Struct, frozen=True):
    """Where somebody was planted with two patients at once: who, when, and the visit of one of the two."""

    person: str
    date: str
    patient: str
    name: str
    episode: str
    visit: str
    note: str

    @property
    def chart(self) -> str:
        return f"/patients/{self.patient}/episodes/{self.episode}"


class Demonstration(msgspec.Struct, frozen=True):
    """The running demonstration; `charts`: by what was planted; `words`: what no page but a chart's may say."""

    url: str
    people: tuple[Member, ...]
    overlap: Overlap
    charts: dict[str, str]
    words: tuple[str, ...]

    def member(self, role: str) -> Member:
        """Somebody with this role; of the therapists the one with two patients at once."""
        found = [each for each in self.people if each.role == role]
        return next((each for each in found if each.id == self.overlap.person), found[0])


@contextmanager
def opened(home: Path, size: Size, seed: int = SEED) -> Iterator[Demonstration]:
    """A demonstration in an empty home, served until the end; it always is the present of `fifteen.synth` there."""
    home.joinpath("clinic").mkdir()
    home.joinpath(DEMO_MARK).touch()
    environment = surroundings(home, ANCHOR.isoformat(), "fifteen.settings.demo")
    environment.pop("FIFTEEN_CHECKPOINTS", None)
    made = run(environment, FILL, str(seed), str(size.patients), str(size.days))
    with listening(environment) as url:
        yield msgspec.convert({"url": url, **made}, Demonstration)
