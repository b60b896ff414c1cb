"""The day drawn: a lane for each patient and for each person on one clock, and where a person was in two places.

Lengths along the clock are per cent of the drawing's width, so that its letters keep their size on every screen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from fifteen.engine.evidence.overlap import Overlap
from fifteen.rulebook import Rulebook
from fifteen.web.timeline_answer import PEOPLE, Answered
from fifteen.web.timeline_asked import DAY, PATIENTS, Row, Timeline, shown
from fifteen.web.timeline_words import clock_of, initial_of, said_of, sentence, word_of

QUARTER = 15
EMPTY = (8 * 60, 10 * 60)
HEAD, FLAG, BAR, SMALL, GAP, FOOT = 22, 20, 48, 26, 4, 4  # heights, in pixels
AXIS = 26
TONES = 6
WIDTHS = (300, 480, 640, 800, 1000)  # of the drawing, in pixels; the style sheet knows the same
LETTER = 8  # pixels a letter takes at most
PADDING = 12
TIGHT = 6  # around a name that stands alone


class Bar(msgspec.Struct, frozen=True, kw_only=True):
    """An interval in a lane. `row` is its place in the list; `fits` names from which width on its words fit."""

    row: int
    name: str
    start: int
    stop: int
    x: str
    width: str
    y: int
    height: int
    kind: str
    tone: str
    fits: str
    full: tuple[str, str]
    mid: tuple[str, str]
    low: tuple[str, str]
    said: str
    shared: tuple[tuple[str, str], ...] = ()

    @property
    def under(self) -> int:
        return self.y + self.height - 9


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """Where a person's time is claimed twice."""

    x: str
    width: str
    text: str
    said: str
    at_end: bool
    anchor: str


class Lane(msgspec.Struct, frozen=True, kw_only=True):
    key: str
    title: str
    y: int
    height: int
    bars: tuple[Bar, ...]
    windows: tuple[Window, ...] = ()
    head: int = HEAD

    @property
    def label(self) -> int:
        return self.y + 17

    @property
    def flag(self) -> int:
        return self.y + FLAG + 1

    @property
    def inner(self) -> int:
        return self.y + self.head - 2

    @property
    def inner_height(self) -> int:
        return self.height - self.head + 2


class Tick(msgspec.Struct, frozen=True):
    x: str
    label: str
    hour: bool
    anchor: str
    fits: str


class Drawing(msgspec.Struct, frozen=True, kw_only=True):
    start: int
    stop: int
    height: int
    axis: int
    span: int
    patients: tuple[Lane, ...]
    people: tuple[Lane, ...]
    ticks: tuple[Tick, ...]
    said: str


class _Scale(msgspec.Struct, frozen=True):
    start: int
    stop: int

    def x(self, minute: int) -> str:
        return _per_cent(minute - self.start, self.stop - self.start)

    def width(self, minutes: int) -> str:
        return _per_cent(minutes, self.stop - self.start)

    def fits(self, minutes: int, **words: Sequence[str]) -> str:
        """A class for each wording: the narrowest drawing in which its lines have room in `minutes`."""
        classes = []
        for kind, lines in words.items():
            if not any(lines):
                continue
            needed = max(len(line) for line in lines) * LETTER + (TIGHT if kind == "tag" else PADDING)
            room = [width for width in WIDTHS if width * minutes >= needed * (self.stop - self.start)]
            classes += [f"{kind}-{room[0]}"] if room else []
        return " ".join(classes)


def _per_cent(part: int, whole: int) -> str:
    share = 10_000 * part // whole
    return f"{share // 100}.{share % 100:02d}%"


def draw(answered: Answered, rulebook: Rulebook) -> Drawing:
    """The rows that can be read, drawn; the others are said in the list."""
    patients = [(letter, _("Patient %(letter)s") % {"letter": letter}) for letter in PATIENTS]
    people = [("Therapist", _("Therapist")), ("Assistant", _("Assistant"))]
    return draw_lanes(
        answered.asked, answered.overlaps, rulebook, patients, people,
        given_by=lambda person, _place, row: person in PEOPLE[row.who],
    )  # fmt: skip


def draw_lanes(
    asked: Timeline, overlaps: Sequence[Overlap], rulebook: Rulebook, patients: Sequence[tuple[str, str]],
    people: Sequence[tuple[str, str]], *, given_by: Callable[[str, int, Row], bool],
    said: Callable[[Overlap], str] = said_of,
) -> Drawing:  # fmt: skip
    """The same for any patients and people, each a key and a title; `given_by` says whose lane a row stands in too."""
    placed = [(place, row) for place, row in enumerate(asked.rows) if not row.error]
    scale = _scale([row for _place, row in placed])
    tones = tones_of(row for _place, row in placed)
    whole_day = _Maker(asked, rulebook, scale, tones, overlaps, said)
    y = AXIS
    lanes_of_patients, lanes_of_people = [], []
    for key, title in patients:
        mine = [each for each in placed if each[1].patient == key]
        lane = whole_day.lane(key, title, mine, y, BAR)
        lanes_of_patients.append(lane)
        y += lane.height + FOOT
    y += 2 * FOOT
    for key, title in people:
        mine = [each for each in placed if given_by(key, *each)]
        lane = whole_day.lane(key, title, mine, y, SMALL)
        lanes_of_people.append(lane)
        y += lane.height + FOOT
    return Drawing(
        start=scale.start, stop=scale.stop, height=y, axis=AXIS, span=-(-(scale.stop - scale.start) // 120),
        patients=tuple(lanes_of_patients), people=tuple(lanes_of_people), ticks=tuple(_ticks(scale)),
        said=_summary(placed, overlaps, said),
    )  # fmt: skip


def tones_of(rows: Iterable[Row]) -> dict[str, str]:
    """The tone of each code, in the order in which they come."""
    return {code: str(number % TONES) for number, code in enumerate(dict.fromkeys(r.code for r in rows if r.code))}


def _scale(rows: Sequence[Row]) -> _Scale:
    """Whole quarters of an hour, with one to spare on either side to draw into."""
    if not rows:
        return _Scale(*EMPTY)
    first = min(row.span[0] for row in rows) // QUARTER * QUARTER - QUARTER
    last = -(-max(row.span[1] for row in rows) // QUARTER) * QUARTER + QUARTER
    return _Scale(max(first, 0), min(max(last, first + 60), DAY))


def _ticks(scale: _Scale) -> Iterable[Tick]:
    minutes = range(scale.start, scale.stop + 1, QUARTER)
    for minute in minutes:
        hour = minute % 60 == 0
        anchor = "start" if minute == scale.start else "end" if minute == scale.stop else "middle"
        every = 60 if hour else QUARTER
        yield Tick(scale.x(minute), shown(minute % DAY), hour, anchor, scale.fits(every, tick=("00:00",)))


class _Maker:
    """Makes lanes of one drawing."""

    def __init__(
        self, asked: Timeline, rulebook: Rulebook, scale: _Scale, tones: dict[str, str], overlaps: Sequence[Overlap],
        said: Callable[[Overlap], str],
    ) -> None:  # fmt: skip
        self.asked, self.rulebook, self.scale, self.tones, self.overlaps = asked, rulebook, scale, tones, overlaps
        self.said = said

    def lane(self, key: str, title: str, rows: Sequence[tuple[int, Row]], y: int, height: int) -> Lane:
        """Intervals at one time stand below each other."""
        mine = [each for each in self.overlaps if each.person == key]
        head = HEAD + (FLAG if mine else 0)
        ends: list[int] = []
        bars = []
        for place, row in sorted(rows, key=lambda each: each[1].span):
            start, stop = row.span
            level = next((number for number, end in enumerate(ends) if end <= start), len(ends))
            ends[level:level + 1] = [stop]  # fmt: skip
            bars.append(self._bar(place, row, y + head + level * (height + GAP), height))
        whole = head + max(len(ends), 1) * (height + GAP)
        return Lane(
            key=key, title=title, y=y, height=whole, head=head, bars=tuple(bars),
            windows=tuple(self._window(each, len(mine) == 1) for each in mine),
        )  # fmt: skip

    def _bar(self, place: int, row: Row, y: int, height: int) -> Bar:
        start, stop = row.span
        name = self.asked.names[place]
        shared = [each for each in self.overlaps if name in each.intervals] if height == BAR else []
        full, mid, low = (
            _words(row) if height == BAR else ((f"{name} {row.code or word_of(row)}", ""), ("", ""), ("", ""))
        )
        fits = self.scale.fits(stop - start, full=full, mid=mid, low=low, tag=(name,))
        return Bar(
            row=place,
            name=name,
            start=start,
            stop=stop,
            x=self.scale.x(start),
            width=self.scale.width(stop - start),
            y=y,
            height=height,
            kind="unbilled" if row.unbilled else row.how,
            tone=self.tones.get(row.code, "none"),
            fits=fits,
            full=full,
            mid=mid,
            low=low,
            said=sentence(name, row, self.rulebook, self.asked),
            shared=tuple(dict.fromkeys(self._place(each) for each in shared)),
        )

    def _place(self, overlap: Overlap) -> tuple[str, str]:
        start, stop = clock_of(overlap)
        return self.scale.x(start), self.scale.width(stop - start)

    def _window(self, overlap: Overlap, alone: bool) -> Window:
        start, stop = clock_of(overlap)
        x, width = self._place(overlap)
        at_end = 2 * start > self.scale.start + self.scale.stop
        minutes = _("%(minutes)s min") % {"minutes": overlap.seconds // 60}
        names = {"minutes": minutes, "one": overlap.intervals[0], "other": overlap.intervals[1]}
        text = _("%(minutes)s at once: %(one)s and %(other)s") % names
        return Window(
            x=x, width=width, text=text if alone else minutes, said=self.said(overlap), at_end=at_end,
            anchor=self.scale.x(stop if at_end else start),
        )  # fmt: skip


def _words(row: Row) -> tuple[tuple[str, str], tuple[str, str], tuple[str, str]]:
    """What a bar says where there is much room, some and little, each in two lines."""
    minutes = _("%(minutes)s min") % {"minutes": row.minutes}
    initial, word = initial_of(row), word_of(row)
    code = row.code or word
    if not word or not row.code:
        both = (code, f"{initial} · {minutes}")
        return both, both, (code, initial)
    mid = (code, f"{initial} · {word}")  # a pattern alone must not say what it was
    full = (f"{code} · {minutes}", f"{initial} · {word}")
    return full, mid, (code, initial)


def _summary(placed: Sequence[tuple[int, Row]], overlaps: Sequence[Overlap], said_so: Callable[[Overlap], str]) -> str:
    if not placed:
        return _("No interval yet.")
    rows = [row for _place, row in placed]
    said = ngettext(
        "%(count)s interval of %(patients)s from %(start)s to %(stop)s.",
        "%(count)s intervals of %(patients)s from %(start)s to %(stop)s.", len(rows),
    ) % {
        "count": len(rows), "patients": ", ".join(sorted({row.patient for row in rows})),
        "start": min(row.start for row in rows), "stop": max(row.stop for row in rows),
    }  # fmt: skip
    return " ".join([said, *(said_so(each) for each in overlaps)])
