"""The printed JSON keeps its promise: the schema on file is the records', and nothing promised is ever lost."""

from __future__ import annotations

import copy
import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))
from contract import COMMANDS, FOLDER, broken, schema


@pytest.mark.parametrize("name", COMMANDS)
def test_the_schema_on_file_is_the_record_s(name: str) -> None:
    on_file = json.loads((FOLDER / f"{name}.schema.json").read_text("utf-8"))
    assert on_file == json.loads(json.dumps(schema(COMMANDS[name]))), "run scripts/contract.py"


def test_a_lost_or_retyped_key_is_refused_and_a_new_one_is_not() -> None:
    old = schema(COMMANDS["units"])
    keys = old["$defs"]["UnitsAnswer"]["properties"]
    lost, retyped, grown = copy.deepcopy(old), copy.deepcopy(old), copy.deepcopy(old)
    del lost["$defs"]["UnitsAnswer"]["properties"]["tie"]
    retyped["$defs"]["UnitsAnswer"]["properties"]["timed_minutes"] = {"type": "string"}
    grown["$defs"]["UnitsAnswer"]["properties"]["more"] = {"type": "string"}
    assert "tie" in keys
    assert broken(old, lost) == ["/$defs/UnitsAnswer/properties/tie is gone"]
    assert broken(old, retyped) == ["/$defs/UnitsAnswer/properties/timed_minutes/type was integer and is string"]
    assert broken(old, grown) == []
