"""The draft against the timers of its visit: agreed, proposed, or both shown and asked; never merged or averaged.

What the timers recorded never becomes a stated minute: it stands in a fact with the ids of its intervals.
"""

from __future__ import annotations

from msgspec.structs import replace

from fifteen.engine.day import Day, Discipline, Visit
from fifteen.engine.evidence import ServiceTime, minutes_of
from fifteen.kernel.errors import UnreadableInput
from fifteen.rulebook import Rulebook
from fifteen.scribe.draft import Draft, DraftService, Fact, Question, Status
from fifteen.scribe.families import FAMILY_NAMES


def against_day(draft: Draft, day: Day, rulebook: Rulebook, *, visit: str | None = None) -> Draft:
    """`draft` with its minutes compared with the recorded time of one visit of `day`, service by service.

    `visit` may be left out where the day has only one. The same minutes: the fact names the intervals. Other minutes:
    a `conflict` and a question. None stated: the timers' are `proposed` and nothing is asked. None in either: a
    question. Raises as `visit_of`, and `UnknownCode` for a recorded service that no catalogue holds.
    """
    merge = _Merge(draft)
    times = _times(day, visit_of(day, visit), rulebook)
    for code, role in dict.fromkeys((each.code, each.role) for each in draft.services):
        places = [
            n for n, each in enumerate(draft.services) if (each.code, each.role) == (code, role) and each.billable
        ]
        time = times.get(code or "")
        minutes = None if time is None else _share(time, draft, code, role)
        if places and time is not None and minutes is not None:
            merge.compare(places, minutes, time.intervals)
        elif code is None or _timed(code, day, rulebook):
            merge.ask(places)
    return merge.result()


def visit_of(day: Day, visit: str | None = None, discipline: Discipline | None = None) -> Visit:
    """The visit that words belong to, by id or discipline where the day has several; a new one where it has none."""
    visits = day.all_visits()
    if not visits:
        return Visit(id=visit or "1", discipline=discipline or day.discipline or "PT")
    found = [
        each for each in visits if visit in (None, each.id) and discipline in (None, each.discipline)
    ]  # fmt: skip
    if len(found) == 1:
        return found[0]
    held = ", ".join(f"{each.id} ({each.discipline})" for each in visits)
    which = "none of them is the one meant" if not found else "the words may belong to more than one"
    raise UnreadableInput(f"The day has the visits {held} and {which}; give the id of one.")


class _Merge:
    """Facts and questions of a draft as they change; a fact is known by its path."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.facts = {each.path: each for each in draft.facts}
        self.questions = list(draft.questions)

    def compare(self, places: list[int], minutes: int, intervals: tuple[str, ...]) -> None:
        """Stated minutes of one service, which may stand in several places, beside `minutes` of the timers."""
        if any(self._fact(place).status == "conflict" for place in places):
            return  # the words have two readings: which of them is meant is asked already, and no timer can say it
        stated = [place for place in places if self.draft.services[place].minutes is not None]
        total = sum(self.draft.services[place].minutes or 0 for place in stated)
        for place in places:
            if place not in stated:
                self._answered(place)
        if not stated:
            self._put(places[0], value=minutes, status="proposed", question=None, intervals=intervals)
        elif total == minutes:
            for place in stated:
                self._put(place, intervals=intervals)
        else:
            question = self._differ(stated[0], total, minutes)
            for place in stated:
                self._put(place, status="conflict", question=question, timers=minutes, intervals=intervals)

    def ask(self, places: list[int]) -> None:
        """Where neither words nor timers have minutes, a question stands: the one asked already, or a new one."""
        for place in places:
            fact = self._fact(place)
            asked = any(each.path == fact.path for each in self.questions)
            if self.draft.services[place].minutes is not None or fact.status == "conflict" or asked:
                continue
            question = Question(
                id=f"minutes:{fact.path}",
                path=fact.path,
                text=f"How many minutes of {_name(self.draft.services[place])}?",
            )
            self.questions.append(question)
            self._put(place, question=question.id)

    def result(self) -> Draft:
        return replace(self.draft, facts=tuple(self.facts.values()), questions=tuple(self.questions))

    def _fact(self, place: int) -> Fact:
        service, path = self.draft.services[place], f"services[{place}].minutes"
        status: Status = "missing" if service.minutes is None else "accepted"
        return self.facts.get(path) or Fact(path=path, value=service.minutes, status=status, source=service.source)

    def _put(self, place: int, **changed: object) -> None:
        fact = replace(self._fact(place), **changed)
        self.facts[fact.path] = fact

    def _answered(self, place: int) -> None:
        """The question for missing minutes falls; the fact remains and waits for nobody."""
        path = self._fact(place).path
        self.questions = [each for each in self.questions if each.path != path]
        self._put(place, question=None)

    def _differ(self, place: int, stated: int, timers: int) -> str:
        path = self._fact(place).path
        said = f"The words say {stated} minutes of {_name(self.draft.services[place])} and the timers {timers}"
        question = Question(
            id=f"timers:{path}", path=path, text=f"{said}: which is right?", choices=(str(stated), str(timers))
        )
        self.questions.append(question)
        return question.id


def _times(day: Day, visit: Visit, rulebook: Rulebook) -> dict[str, ServiceTime]:
    """The recorded time of the visit by code."""
    alone = replace(day, visits=(visit,), intervals=(), discipline=None, notes=())
    return {each.code: each for part in minutes_of(alone, rulebook).disciplines for each in part.services}


def _share(time: ServiceTime, draft: Draft, code: str | None, role: str) -> int | None:
    """The timers' minutes of a service; of one role where the words tell of several, which have to be told apart."""
    if len({each.role for each in draft.services if each.code == code}) == 1:
        return time.therapist + time.assistant
    return {"therapist": time.therapist, "assistant": time.assistant}.get(role)


def _timed(code: str, day: Day, rulebook: Rulebook) -> bool:
    service = rulebook.service(code, day.date)
    return service is not None and service.unit_minutes is not None


def _name(service: DraftService) -> str:
    return f"{FAMILY_NAMES[service.family]} ({service.code})" if service.code else FAMILY_NAMES[service.family]
