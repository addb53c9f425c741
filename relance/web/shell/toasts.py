"""Toasts: what has just been done, with a way back.

One voice for both worlds: a fragment's answer carries the toast in its HX-Trigger header, a page
that follows a redirect shows the one left in the session.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

_SESSION_KEY = "toast"


@dataclass(frozen=True, slots=True)
class WayBack:
    """Where what was done is taken back, when that is no journal entry, and for how long."""

    url: str
    seconds: int


def leave(request: HttpRequest, text: str, *, undo: int | WayBack | None = None) -> None:
    """Show `text` on the next page; `undo` is a journal entry of hers, or another way back."""
    request.session[_SESSION_KEY] = _payload(text, undo)


def take(request: HttpRequest) -> dict[str, str] | None:
    """The toast left for this page, once."""
    toast: dict[str, str] | None = request.session.pop(_SESSION_KEY, None)
    return toast


def attach(
    response: HttpResponse, text: str, *, undo: int | WayBack | None = None, **events: Any
) -> HttpResponse:
    """Show `text` as soon as htmx has this answer; `events` are sent beside it."""
    response["HX-Trigger"] = json.dumps({"toast": _payload(text, undo), **events})
    return response


def _payload(text: str, undo: int | WayBack | None) -> dict[str, str]:
    if isinstance(undo, WayBack):
        return {"text": text, "undo": undo.url, "seconds": str(undo.seconds)}
    return {"text": text, "undo": reverse("shell:undo", args=[undo]) if undo else ""}
