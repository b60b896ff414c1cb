"""`{% load fifteen_pages %}`: filters of the pages."""

from __future__ import annotations

from django import template

from fifteen.web.said import said as translated

register = template.Library()


@register.filter
def said(text: object) -> str:
    """A sentence of the engine in the active language; escaped on the page like any other text."""
    return translated(str(text))
