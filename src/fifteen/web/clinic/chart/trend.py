"""Scores of one measure over time, drawn as a small picture on the server: whole numbers, no style, no script."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import msgspec

WIDTH, HEIGHT = 320, 96
LEFT, RIGHT, TOP, BOTTOM = 8, 8, 12, 12


class Point(msgspec.Struct, frozen=True):
    x: int
    y: int
    value: str
    on: date


class Trend(msgspec.Struct, frozen=True, kw_only=True):
    """`band` is where a score lies that differs from the first by the change that matters: its top and height."""

    points: tuple[Point, ...]
    path: str
    first: int
    band: tuple[int, int] | None
    low: str
    high: str


def trend(
    scores: Sequence[tuple[date, Decimal]], change: tuple[Decimal, Decimal] | None = None, *, lower: bool = False
) -> Trend:
    """Oldest first. `change` is the least and the most that matters; `lower`: a lower score is better."""
    values = [value for _on, value in scores]
    marks: list[Decimal] = []
    if change is not None:
        marks = [values[0] - each if lower else values[0] + each for each in change]
    low, high = min(values + marks), max(values + marks)
    room = high - low or Decimal(1)
    days = [(on - scores[0][0]).days for on, _value in scores]
    span = days[-1] or 1

    def y(value: Decimal) -> int:
        return TOP + int((high - value) * (HEIGHT - TOP - BOTTOM) // room)

    points = tuple(
        Point(LEFT + day * (WIDTH - LEFT - RIGHT) // span, y(value), plain(value), on)
        for day, (on, value) in zip(days, scores, strict=True)
    )  # fmt: skip
    path = " ".join(f"{'L' if place else 'M'}{each.x} {each.y}" for place, each in enumerate(points))
    band = None
    if marks:
        top, bottom = sorted(y(each) for each in marks)
        band = (top - 1, max(bottom - top, 0) + 2)
    return Trend(points=points, path=path, first=points[0].y, band=band, low=plain(low), high=plain(high))


def plain(value: Decimal) -> str:
    """A score without zeros that nobody wrote."""
    whole = value.quantize(Decimal("0.01"))
    return format(whole, "f").rstrip("0").rstrip(".") if "." in format(whole, "f") else format(whole, "f")
