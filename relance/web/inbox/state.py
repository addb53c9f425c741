"""What a user chose to see: unread only in a column, one mailbox of several. Kept in the session,
so that it survives navigation and differs between her devices."""

from __future__ import annotations

from django.http import HttpRequest

from relance.inbox.models import Stream

_UNREAD_ONLY, _ACCOUNT = "inbox.unread_only", "inbox.account"


def unread_only(request: HttpRequest) -> set[int]:
    """The columns (0: the unified list) that show unread conversations alone."""
    known = {0, *Stream.values}
    return {s for s in request.session.get(_UNREAD_ONLY, []) if s in known}


def set_unread_only(request: HttpRequest, stream: int, *, on: bool) -> None:
    chosen = unread_only(request) | {stream} if on else unread_only(request) - {stream}
    request.session[_UNREAD_ONLY] = sorted(chosen)


def account(request: HttpRequest) -> int | None:
    """The one mailbox to show, or None for all. Whether it is hers is asked by the inbox."""
    chosen = request.session.get(_ACCOUNT)
    return chosen if isinstance(chosen, int) else None


def account_ids(request: HttpRequest) -> list[int] | None:
    chosen = account(request)
    return None if chosen is None else [chosen]


def set_account(request: HttpRequest, account_id: int | None) -> None:
    request.session[_ACCOUNT] = account_id
