"""A page of text for a reader: styled on a terminal, plain everywhere else, the same words in both."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from fifteen.cli import surroundings

if TYPE_CHECKING:
    from fifteen.kernel.finding import Finding

_UNCHECKED = "Not checked: "  # how a finding begins that says what was not looked at, or could not be
_MARKS = {
    "block": ("Holds the claim", "bold red"),
    "warn": ("Needs a look", "yellow"),
    "info": ("Worth knowing", "cyan"),
}


class Mark(NamedTuple):
    """A stretch of a text, its style on a terminal, and the sign that stands below it everywhere else."""

    start: int
    end: int
    style: str
    sign: str


class Page:
    """Lines with a style each, written at once so that nothing is printed when something fails on the way."""

    def __init__(self) -> None:
        self._lines: list[tuple[str, str, Sequence[Mark]]] = []
        self.width = surroundings.width()

    def line(self, text: str = "", style: str = "") -> None:
        self._lines.append((text.rstrip(), style, ()))

    def wrapped(self, text: str, indent: int = 0, hanging: int | None = None, style: str = "") -> None:
        rest = " " * (indent if hanging is None else hanging)
        for line in textwrap.wrap(
            text, self.width, initial_indent=" " * indent, subsequent_indent=rest,
            break_on_hyphens=False, break_long_words=False,
        ):  # fmt: skip
            self.line(line, style)

    def marked(self, text: str, marks: Sequence[Mark]) -> None:
        """Somebody's own words with marks upon them: by style on a terminal, by a line of signs below them elsewhere.

        Where marks overlap the last one is seen. What cannot be printed is shown as a space.
        """
        shown = "".join(each if each.isprintable() else " " for each in text)
        for start, end in _rows(text, self.width - 2):
            here = [
                Mark(max(each.start, start) - start + 2, min(each.end, end) - start + 2, each.style, each.sign)
                for each in marks
                if each.start < end and each.end > start
            ]
            if surroundings.on_terminal():
                self._lines.append((f"  {shown[start:end]}", "", here))
            else:
                self.line(f"  {shown[start:end]}")
                self.line(_signs(here))

    def entry(self, name: str, text: str, column: int) -> None:
        """A name, and beside it from `column` on what there is to say of it."""
        self.wrapped(f"  {name:<{column - 2}}{text}", 0, column)

    def heading(self, text: str) -> None:
        self.line()
        self.line(text, "bold")

    def findings(self, findings: Sequence[Finding], headed: Sequence[tuple[str, Sequence[Finding]]] = ()) -> None:
        """By severity, worst first, each with its law and what to do; what was not checked comes last, each once.

        `headed` are findings under a name, such as those of one note of several; within a severity they come last.
        """
        groups = [("", findings), *headed]
        for severity, (title, style) in _MARKS.items():
            found = [(name, [each for each in those if _looked_at(each, severity)]) for name, those in groups]
            self._findings(found, title, style)
        unchecked = [each for _, those in groups for each in those if each.message.startswith(_UNCHECKED)]
        self._findings([("", list(dict.fromkeys(unchecked)))], "Not checked", "dim")

    def _findings(self, groups: Sequence[tuple[str, Sequence[Finding]]], title: str, style: str) -> None:
        if any(those for _, those in groups):
            self.line()
            self.line(title, style)
        for name, those in groups:
            if name and those:
                self.wrapped(name, 2, 4, "bold")
            for finding in those:
                self._finding(finding)

    def _finding(self, finding: Finding) -> None:
        said = finding.message
        if said.startswith(_UNCHECKED):
            said = said.removeprefix(_UNCHECKED)
            said = said[0].upper() + said[1:]
        self.wrapped(f"- {said}", 2, 4)
        if finding.fix:
            self.wrapped(finding.fix, 4, 4)
        if finding.cite:
            self.wrapped(f"[{finding.cite}]", 4, 4, "dim")

    def show(self) -> None:
        if not surroundings.on_terminal():
            print("\n".join(text for text, *_ in self._lines))
            return
        from rich.console import Console
        from rich.text import Text

        console = Console(highlight=False, soft_wrap=True)
        for text, style, marks in self._lines:
            line = Text(text, style=style)
            for mark in marks:
                line.stylize(mark.style, mark.start, mark.end)
            console.print(line)


def _looked_at(finding: Finding, severity: str) -> bool:
    return finding.severity == severity and not finding.message.startswith(_UNCHECKED)


def _rows(text: str, width: int) -> Iterator[tuple[int, int]]:
    """Where each row of a text begins and ends when no row is wider than `width`, a single long word excepted."""
    for line in re.finditer(r"[^\n]*\S[^\n]*", text):
        start = end = line.start()
        for word in re.compile(r"\S+").finditer(text, line.start(), line.end()):
            if word.end() - start > width and end > start:
                yield start, end
                start = word.start()
            end = word.end()
        yield start, end


def _signs(marks: Sequence[Mark]) -> str:
    signs = [" "] * max((mark.end for mark in marks), default=0)
    for mark in marks:
        signs[mark.start : mark.end] = mark.sign * (mark.end - mark.start)
    return "".join(signs)
