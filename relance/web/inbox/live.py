"""New mail by itself: the stream of events, and the rows it makes the page ask for."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.views.decorators.http import require_safe

from relance.inbox import columns
from relance.live.watch import Told, events
from relance.users.models import User
from relance.web.inbox.rows import Presenter
from relance.web.inbox.views import board
from relance.web.requests import user_of
from relance.web.shell.context import shell_of
from relance.web.shell.pages import fragment

_MOST_THREADS = 200
_RETRY_MS = 2000


async def stream(request: HttpRequest) -> StreamingHttpResponse:
    """Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html).

    Goes on after `Last-Event-ID`, or after the id the page was rendered with.
    """
    user = await request.auser()
    text = request.headers.get("Last-Event-ID") or request.GET.get("after", "")
    after = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None
    response = StreamingHttpResponse(
        _messages(int(user.pk or 0), after), content_type="text/event-stream"
    )
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    return response


async def _messages(user_id: int, after: int | None) -> AsyncIterator[str]:
    yield f"retry: {_RETRY_MS}\n\n"
    async for told in events(user_id, after):
        if told is not None:
            yield _message(told)
        elif await User.objects.filter(pk=user_id, is_active=True).aexists():
            yield ": still here\n\n"
        else:
            return


def _message(told: Told) -> str:
    data = json.dumps({"kind": told.kind, **told.payload}, separators=(",", ":"))
    return f"id: {told.id}\ndata: {data}\n\n"


@require_safe
def changes(request: HttpRequest) -> HttpResponse:
    """The present rows of some threads, and the counts of all columns.

    A thread that is asked for and does not come back has left the inbox.
    """
    asked = request.GET.get("threads", "").split(",")[:_MOST_THREADS]
    ids = {int(t) for t in asked if t.isascii() and t.isdigit() and len(t) < 19}
    cards = columns.cards_for(user_of(request), ids)
    presenter = Presenter(flat=request.GET.get("view") == "list")
    panels = board(request)
    shell_of(request).unread = sum(p.unread for p in panels)
    context = {"rows": presenter.rows(cards), "panels": panels}
    return fragment(request, "inbox/_changed.html", context)
