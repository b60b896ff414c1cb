"""Every exception Fifteen raises on purpose.

FifteenError
├── AskedWrongly         the question cannot be read or answered as it was put
│   ├── UnreadableInput  text, number, date or field that is not what it must be
│   ├── UnknownCode      a code the service catalogue does not hold
│   ├── UnknownPayer     a payer no rulebook layer describes
│   ├── UnknownId        a rulebook id nobody wrote
│   └── NotInForce       a date outside every dated value of a rule
└── RulebookError        a rulebook file is wrong: which file, where, what to do

What can be read but is wrong or doubtful is never an exception: it is a `Finding`.
A message is one sentence: what, where, why, and what to do next.
"""

from __future__ import annotations


class FifteenError(Exception):
    """Base of all errors raised on purpose; `str(error)` is the sentence to show."""


class AskedWrongly(FifteenError):
    """The caller's question cannot be answered as it was put."""


class UnreadableInput(AskedWrongly):
    """A text, number, date or field is not what it must be."""


class UnknownCode(AskedWrongly):
    """The service catalogue holds no such code on any date."""


class UnknownPayer(AskedWrongly):
    """No rulebook layer describes this payer."""


class UnknownId(AskedWrongly):
    """The rulebook holds no such parameter, table or reference."""


class NotInForce(AskedWrongly):
    """The date lies outside every dated value that the rulebook holds."""


class RulebookError(FifteenError):
    """A rulebook file cannot be used as it stands."""
