"""No deadline on a slow machine, and the shape of a good sentence."""

import re
from collections.abc import Callable

import pytest
from hypothesis import settings

settings.register_profile("kernel", deadline=None)
settings.load_profile("kernel")

ADVICE = re.compile(r"; (write|use) \S+")


@pytest.fixture(scope="session")
def says() -> Callable[..., None]:
    """Check that a message is one line which names each of `what` and ends with what to do."""

    def check(message: object, *what: str) -> None:
        text = str(message)
        assert "\n" not in text
        assert text.endswith(".")
        assert ADVICE.search(text), f"no word on what to do: {text}"
        for each in what:
            assert each in text

    return check
