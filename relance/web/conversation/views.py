"""The reading page and its pieces."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.html import escape
from django.views.decorators.http import require_safe

from relance.crm import access
from relance.inbox import columns, handling, reasons
from relance.inbox.conversation import Conversation
from relance.mail.accounts import own_addresses
from relance.mail.models import Thread
from relance.web.conversation import linking, reading, replying, tracks
from relance.web.conversation.access import conversation_or_404, thread_or_404
from relance.web.conversation.reading import Asked
from relance.web.inbox import state
from relance.web.inbox.rows import Panel, Presenter
from relance.web.inbox.rows import panel as make_panel
from relance.web.inbox.views import chosen_accounts
from relance.web.inbox.wording import column_name, sentences, what_would_move_it
from relance.web.panel import content, strip
from relance.web.requests import user_of
from relance.web.shell.pages import fragment, page, uncached

SIDE_ROWS = 15


@require_safe
def show(request: HttpRequest, thread_id: int) -> HttpResponse:
    """Read a conversation, which marks it read; or its messages alone, which does not."""
    found = conversation_or_404(request, thread_id)
    asked = asked_by(request)
    shown = {"found": found, "thread_id": thread_id, **messages_of(found, asked)}
    if request.GET.get("part") == "messages":
        return fragment(request, "conversation/_messages.html", shown)
    if any(not m.copy.is_seen for m in found.messages):
        handling.mark_seen(user_of(request), [thread_id], seen=True)
    shown |= {
        "side": side(request, found),
        "reply": replying.prepared(found, asked.own),
        **content.panel_of(request, found, is_page=True),
    }
    shown["deal_chip"] = linking.chip(request, found, shown["who"])
    return page(request, "conversation/page.html", shown)


def messages_of(found: Conversation, asked: Asked) -> dict[str, Any]:
    """The messages, and what of them was asked to be open."""
    return {
        "runs": reading.runs(found, asked),
        "leaving": [tracks.leaving(outgoing, asked.viewer) for outgoing in found.outgoing],
    }


def asked_by(request: HttpRequest) -> Asked:
    """What the address says is to be open, and how."""
    viewer, query = user_of(request), request.GET
    return Asked(
        viewer=viewer,
        own=own_addresses(viewer.pk),
        opened=_ids(query.get("open", "")),
        remote=_ids(query.get("remote", "")),
        plain=_ids(query.get("plain", "")),
    )


def side(request: HttpRequest, found: Conversation) -> Panel | None:
    """The column the conversation stands in, as the list beside it."""
    if not found.stream:
        return None
    viewer, stream = user_of(request), found.stream
    column = columns.column(
        viewer,
        stream,
        unread_only=stream in state.unread_only(request),
        account_ids=chosen_accounts(request),
        limit=SIDE_ROWS,
    )
    if found.thread.pk not in {card.thread_id for card in column.cards}:
        column.cards += columns.cards_for(viewer, [found.thread.pk])
        column.cards.sort(key=lambda card: -card.key)
    return make_panel(column, Presenter(opened=found.thread.pk))


@require_safe
def message(request: HttpRequest, thread_id: int, copy_id: int) -> HttpResponse:
    """One message of a conversation, opened."""
    found = conversation_or_404(request, thread_id)
    view = reading.view_or_404(found, copy_id)
    asked = asked_by(request)
    shown = reading.present(view, asked, is_open=True)
    shown.can_split = view is not found.messages[0]
    reading.fill([shown], asked)
    return fragment(request, "conversation/_body.html", {"shown": shown, "thread_id": thread_id})


@require_safe
def outgoing(request: HttpRequest, thread_id: int) -> HttpResponse:
    """Where what is on its way is now, and the lines under what has left."""
    found, viewer = conversation_or_404(request, thread_id), user_of(request)
    sent = [m for m in found.messages if m.delivery]
    shown = {
        "thread_id": thread_id,
        "leaving": [tracks.leaving(outgoing, viewer) for outgoing in found.outgoing],
        "tracked": [(m.copy.pk, tracks.of_message(m.delivery, viewer)) for m in sent if m.delivery],
    }
    return fragment(request, "conversation/_outgoing.html", shown)


@require_safe
def panel(request: HttpRequest, thread_id: int) -> HttpResponse:
    """Who writes, and what one sells to her."""
    found = conversation_or_404(request, thread_id)
    made = {"found": found, "thread_id": thread_id, **content.panel_of(request, found)}
    if request.GET.get("part") == "older":
        return fragment(request, f"conversation/_{made['panel'].tab}_rows.html", made)
    return fragment(request, "conversation/_panel.html", made)


@require_safe
def panel_next(request: HttpRequest, thread_id: int) -> HttpResponse:
    """What comes next with the person, in a few words: for the strip of a phone."""
    thread_or_404(request, thread_id)
    viewer = user_of(request)
    key = request.GET.get("person", "")
    people = access.people_for(viewer)
    person = get_object_or_404(people, pk=int(key) if key.isascii() and key.isdigit() else 0)
    return uncached(HttpResponse(escape(strip.next_words(viewer, person))))


@require_safe
def why(request: HttpRequest, thread_id: int) -> HttpResponse:
    """Why the conversation stands in its column."""
    try:
        found = reasons.why(user_of(request), thread_id)
    except Thread.DoesNotExist:
        raise Http404 from None
    cards = columns.cards_for(user_of(request), [thread_id])
    shown = {
        "sentences": sentences(found),
        "column": column_name(cards[0].stream) if cards else "",
        "counterfactual": what_would_move_it(found),
    }
    return fragment(request, "conversation/_why.html", shown)


def _ids(text: str) -> set[int]:
    return {int(t) for t in text.split(",") if t.isascii() and t.isdigit() and len(t) < 19}
