"""Get a page from the server's code, and read it as a person would."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from django.test import Client


def get(path: str, status: int = 200, **headers: str) -> str:
    answer = Client().get(path, HTTP_HOST="localhost", **headers)
    assert answer.status_code == status, f"{path}: {answer.status_code}"
    return answer.content.decode()


def get_json(path: str) -> Any:
    answer = Client().get(path, HTTP_HOST="localhost")
    assert answer.status_code == 200, answer.content
    return answer.json()


def visible(page: str) -> str:
    """The words of a page, white space folded; what is in a template or an attribute is not seen."""
    body = re.sub(r"(?s)<(script|template|datalist|svg|option)\b.*?</\1>", " ", page.partition("<main")[2] or page)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).replace(" ,", ",").split())
