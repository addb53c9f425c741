"""The tab Timeline: the mails exchanged with somebody, and what else happened, newest first
(PAN-07). Of somebody without a record, the mails alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils import timezone

from relance.inbox import context_mails
from relance.inbox.context import SenderContext
from relance.web.history import lines
from relance.web.history.lines import Line
from relance.web.panel import state
from relance.web.requests import user_of


@dataclass(frozen=True, slots=True)
class Timeline:
    """What waits to leave first, then what happened; `older` is the query for the rest."""

    lines: Sequence[Line]
    url: str
    older: str


def timeline(request: HttpRequest, who: SenderContext, url: str) -> Timeline:
    """What happened with that person, from ?before on."""
    viewer, before = user_of(request), _instant(request.GET.get("before", ""))
    if who.person is not None:
        page = lines.timeline(viewer, "person", who.person, before=before)
    else:
        page = lines.mails_only(viewer, context_mails.concern_of(who), before=before)
    query = urlencode({"tab": state.TIMELINE, "before": page.next})
    joined = f"{url}{'&' if '?' in url else '?'}"
    return Timeline(page.lines, joined, query if page.next else "")


def _instant(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if timezone.is_aware(at) and 1970 < at.year < 2200 else None
