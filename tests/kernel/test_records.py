"""Findings and steps: plain, unchangeable, and only primary law blocks."""

from datetime import date
from typing import get_args

import msgspec
import pytest

from fifteen.kernel.finding import Finding, Status, blocking
from fifteen.kernel.trace import Step

STEP = Step(rule="medicare.timed_unit", cite="CMS", since=date(2017, 1, 1), status="primary", because="40 minutes.")


@pytest.mark.parametrize("status", get_args(Status))
def test_only_primary_law_blocks(status: Status) -> None:
    assert blocking(status) == ("block" if status == "primary" else "warn")


def test_the_keys_of_a_finding_are_the_contract() -> None:
    found = msgspec.to_builtins(Finding("units.tie", "info", "Equal."))
    assert found == {"id": "units.tie", "severity": "info", "message": "Equal.", "fix": "", "cite": "", "where": ""}


@pytest.mark.parametrize("record", [Finding("units.tie", "info", "Equal."), STEP])
def test_a_record_does_not_change(record: msgspec.Struct) -> None:
    with pytest.raises(AttributeError):
        setattr(record, record.__struct_fields__[0], "other")


def test_a_step_reads_back() -> None:
    assert msgspec.json.decode(msgspec.json.encode(STEP), type=Step) == STEP


def test_the_parts_of_a_step_are_named() -> None:
    with pytest.raises(TypeError):
        Step("rule", "cite", date(2017, 1, 1), "primary", "because")  # type: ignore[misc]
