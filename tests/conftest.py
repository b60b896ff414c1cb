"""Fixtures every floor uses."""

from __future__ import annotations

import pytest
from hypothesis import settings

from fifteen.rulebook import Rulebook, load_rulebook

# A slow moment of the machine is no failure: nothing here is tested against the clock.
settings.register_profile("house", deadline=None)
settings.load_profile("house")


@pytest.fixture(scope="session")
def rulebook() -> Rulebook:
    return load_rulebook()
