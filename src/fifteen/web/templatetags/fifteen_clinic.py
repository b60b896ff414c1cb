"""Tags of the pages behind the log-in."""

from __future__ import annotations

from secrets import token_urlsafe

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from fifteen.web.clinic.chart.words import NOTES, word

register = template.Library()


@register.simple_tag
def once() -> SafeString:
    """`{% once %}` beside `{% csrf_token %}`: a fresh key, so that a form that is sent twice has one effect."""
    return format_html('<input type="hidden" name="idempotency_key" value="{}">', token_urlsafe(18))


@register.filter
def named(id: str, names: dict[str, str]) -> str:
    """The name of a person by the id, out of those that the page brought."""
    return names.get(id, id)


@register.filter
def at(found: dict[str, object], key: str) -> object:
    """What stands under a key; nothing where there is none."""
    return found.get(key)


@register.filter
def kind_word(kind: str) -> str:
    """The word for a kind of note."""
    return word(NOTES, kind)
