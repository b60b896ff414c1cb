"""A page of text for a reader: styled on a terminal, plain everywhere else, the same words in both."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from fifteen.cli import surroundings

if TYPE_CHECKING:
    from fifteen.kernel.finding import Finding

_UNCHECKED = "Not checked: "  # how a finding begins that says what was not looked at, or could not be
_MARKS = {
    "block": ("Holds the claim", "bold red"),
    "warn": ("Needs a look", "yellow"),
    "info": ("Worth knowing", "cyan"),
}


class Page:
    """Lines with a style each, written at once so that nothing is printed when something fails on the way."""

    def __init__(self) -> None:
        self._lines: list[tuple[str, str]] = []
        self.width = surroundings.width()

    def line(self, text: str = "", style: str = "") -> None:
        self._lines.append((text.rstrip(), style))

    def wrapped(self, text: str, indent: int = 0, hanging: int | None = None, style: str = "") -> None:
        rest = " " * (indent if hanging is None else hanging)
        for line in textwrap.wrap(
            text, self.width, initial_indent=" " * indent, subsequent_indent=rest,
            break_on_hyphens=False, break_long_words=False,
        ):  # fmt: skip
            self.line(line, style)

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
            print("\n".join(text for text, _ in self._lines))
            return
        from rich.console import Console
        from rich.text import Text

        console = Console(highlight=False, soft_wrap=True)
        for text, style in self._lines:
            console.print(Text(text, style=style))


def _looked_at(finding: Finding, severity: str) -> bool:
    return finding.severity == severity and not finding.message.startswith(_UNCHECKED)
