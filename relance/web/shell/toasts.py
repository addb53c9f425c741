"""Toasts: what has just been done, with a way back.

One voice for both worlds: a fragment's answer carries the toast in its HX-Trigger header, a page
that follows a redirect shows the one left in the session.
"""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

_SESSION_KEY = "toast"


def leave(
    request: HttpRequest,
    text: str,
    *,
    undo: int | None = None,
    undo_url: str = "",
    seconds: int = 0,
) -> None:
    """Show `text` on the next page. `undo` is a journal entry of the user's; what has another way
    back gives its address, and for how long it works."""
    request.session[_SESSION_KEY] = _payload(text, undo, undo_url, seconds)


def take(request: HttpRequest) -> dict[str, str] | None:
    """The toast left for this page, once."""
    toast: dict[str, str] | None = request.session.pop(_SESSION_KEY, None)
    return toast


def attach(
    response: HttpResponse,
    text: str,
    *,
    undo: int | None = None,
    undo_url: str = "",
    seconds: int = 0,
    **events: Any,
) -> HttpResponse:
    """Show `text` as soon as htmx has this answer; `events` are sent beside it."""
    response["HX-Trigger"] = json.dumps(
        {"toast": _payload(text, undo, undo_url, seconds), **events}
    )
    return response


def _payload(text: str, undo: int | None, undo_url: str, seconds: int) -> dict[str, str]:
    address = reverse("shell:undo", args=[undo]) if undo else undo_url
    shown = {"text": text, "undo": address}
    return {**shown, "seconds": str(seconds)} if seconds else shown
