"""What a user chose in the panel: its tab, whether it is open, whose conversations, and which of
several records a conversation's address stands for. Kept in the session: it survives navigation
and differs between her devices."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

INFO, CONVERSATIONS, TIMELINE = TABS = ("info", "conversations", "timeline")
_TAB, _CLOSED, _ALL, _PEOPLE = "panel.tab", "panel.closed", "panel.all", "panel.people"
_DIGITS, _HIGHEST = 19, (1 << 63) - 1  # of a key
_MOST_PEOPLE = 100  # choices remembered


def tab(request: HttpRequest) -> str:
    """The tab chosen last, or now (?tab=)."""
    asked = request.GET.get("tab", "")
    if asked in TABS:
        _remember(request, _TAB, asked)
    chosen = request.session.get(_TAB)
    return chosen if chosen in TABS else INFO


def is_closed(request: HttpRequest) -> bool:
    return request.session.get(_CLOSED) is True


def set_closed(request: HttpRequest, *, closed: bool) -> None:
    _remember(request, _CLOSED, closed)


def shows_all(request: HttpRequest) -> bool:
    """Everybody's conversations rather than one's own, chosen last or now (?whose=)."""
    asked = request.GET.get("whose", "")
    if asked in ("me", "all"):
        _remember(request, _ALL, asked == "all")
    return request.session.get(_ALL) is True


def person(request: HttpRequest, thread_id: int) -> int | None:
    """The record chosen for that conversation, before or now (?person=)."""
    chosen: list[list[int]] = request.session.get(_PEOPLE, [])
    asked = number(request, "person")
    if asked is not None:
        others = [pair for pair in chosen if pair[0] != thread_id]
        request.session[_PEOPLE] = [*others, [thread_id, asked]][-_MOST_PEOPLE:]
        return asked
    return next((person for thread, person in chosen if thread == thread_id), None)


def number(request: HttpRequest, name: str) -> int | None:
    """A key in the address; None when there is none, or no number."""
    text = request.GET.get(name, "")
    if not text.isascii() or not text.isdigit() or len(text) > _DIGITS:
        return None
    return min(int(text), _HIGHEST)


def _remember(request: HttpRequest, key: str, value: Any) -> None:
    if request.session.get(key) != value:
        request.session[key] = value
