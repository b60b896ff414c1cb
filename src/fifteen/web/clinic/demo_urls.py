"""The addresses of a demonstration: those of a clinic, and the door that lets in whoever asks."""

from __future__ import annotations

from fifteen.web.clinic import demo
from fifteen.web.clinic.urls import handler400, handler404, handler500
from fifteen.web.clinic.urls import urlpatterns as clinic

urlpatterns = [*clinic, *demo.urlpatterns]

__all__ = ["handler400", "handler404", "handler500", "urlpatterns"]
