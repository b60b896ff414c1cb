"""What pairs and limits say of an answer's lines, arranged: what needs a person first, what was only looked up last."""

from __future__ import annotations

import msgspec

from fifteen.engine.edits.of_lines import LineEdits, PairMet
from fifteen.kernel.finding import Finding

RANKS = ("block", "warn", "info")
IN_VAIN = "pairs.none-in-force"


class Prominent(msgspec.Struct, frozen=True):
    """A pair in force or a limit exceeded; a pair that a person must open is no less than a warning."""

    finding: Finding
    pair: PairMet | None = None

    @property
    def asked(self) -> bool:
        return self.pair is not None and self.pair.opens

    @property
    def tone(self) -> str:
        return "block" if self.finding.severity == "block" else "warn"


class EditsShown(msgspec.Struct, frozen=True, kw_only=True):
    """`prominent` stands open; what was `looked` up in vain and what is `unchecked` is told on request.

    `asks`: a pair here waits for a person, who attests one of `modifiers` (empty: the payer's are not known).
    """

    all: tuple[Finding, ...]
    prominent: tuple[Prominent, ...]
    looked: tuple[Finding, ...]
    unchecked: tuple[Finding, ...]
    asks: bool
    modifiers: tuple[str, ...]


def edits_shown(edits: LineEdits) -> EditsShown:
    """What holds the claim comes first, what a person is asked last, beside the sentence on modifiers."""
    quiet = [each for each in edits.others if each.severity == "info"]
    found = [Prominent(each.finding, each) for each in edits.pairs]
    found += [Prominent(each) for each in edits.others if each.severity != "info"]
    return EditsShown(
        all=tuple(edits.findings),
        prominent=tuple(sorted(found, key=lambda each: (RANKS.index(each.tone), each.asked))),
        looked=tuple(each for each in quiet if each.id == IN_VAIN),
        unchecked=tuple(each for each in quiet if each.id != IN_VAIN),
        asks=any(each.asked for each in found),
        modifiers=next((each.modifiers for each in edits.pairs if each.modifiers), ()),
    )
