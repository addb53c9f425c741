"""The four columns, the unified list, folders and search results."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from relance.inbox import columns as inbox
from relance.inbox.columns import Column
from relance.inbox.models import Stream
from relance.mail.models import Folder
from relance.web.inbox import state
from relance.web.inbox.lists import Listing, listing_page
from relance.web.inbox.rows import Panel, Presenter, panel
from relance.web.requests import is_fragment, user_of, words
from relance.web.shell.context import shell_of
from relance.web.shell.pages import fragment, page
from relance.web.shell.views import back_to

FOLDERS = (Folder.Use.ARCHIVE, Folder.Use.SPAM, Folder.Use.TRASH)
_ELSEWHERE: dict[str, str] = {
    Folder.Use.DRAFTS: "outgoing:drafts",
    Folder.Use.SENT: "outgoing:sent",
}


@require_safe
def columns(request: HttpRequest) -> HttpResponse:
    """The four columns."""
    panels = board(request)
    shell_of(request).unread = sum(p.unread for p in panels)
    return page(request, "inbox/page.html", {"panels": panels, **frame(request)})


def board(request: HttpRequest) -> list[Panel]:
    """The four columns made ready, as this user chose to see them."""
    found = inbox.board(
        user_of(request),
        account_ids=chosen_accounts(request),
        unread_only=state.unread_only(request),
    )
    presenter = Presenter()
    domains = [a.domain for a in shell_of(request).accounts]
    return [panel(column, presenter, domains=domains) for column in found]


@require_safe
def one_column(request: HttpRequest, stream: int) -> HttpResponse:
    """One column as a list; its next cards as a fragment."""
    if stream not in Stream.values:
        raise Http404
    column = inbox.column(
        user_of(request),
        stream,
        before=cursor(request),
        unread_only=stream in state.unread_only(request),
        account_ids=chosen_accounts(request),
    )
    if is_fragment(request) and "before" in request.GET:
        return fragment(request, "components/_cards.html", {"panel": panel(column, Presenter())})
    made = panel(column, Presenter(flat=True))
    listing = Listing(made, made.name, reverse("inbox:column", args=[stream]), stream=stream)
    return listing_page(request, listing, frame(request))


@require_safe
def unified(request: HttpRequest) -> HttpResponse:
    """The same conversations in one list."""
    column = inbox.unified(
        user_of(request),
        before=cursor(request),
        unread_only=0 in state.unread_only(request),
        account_ids=chosen_accounts(request),
    )
    listing = Listing(
        panel(column, Presenter(flat=True)), "", reverse("inbox:unified"), kind="unified"
    )
    return listing_page(request, listing, frame(request))


@require_safe
def folder(request: HttpRequest, use: str) -> HttpResponse:
    """What lies in the folders of one use: Archive, Spam, Trash. Drafts and Sent have pages of
    their own, which show more."""
    if use in _ELSEWHERE:
        return redirect(_ELSEWHERE[use])
    if use not in FOLDERS:
        raise Http404
    column = inbox.folder(
        user_of(request), use, before=cursor(request), account_ids=chosen_accounts(request)
    )
    made = panel(column, Presenter(flat=True))
    name, url = str(Folder.Use(use).label), reverse("inbox:folder", args=[use])
    listing = Listing(made, name, url, kind="folder", use=use)
    return listing_page(request, listing, frame(request))


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Conversations whose subject, people or text hold every word."""
    query = words(request)
    found = inbox.search(user_of(request), query, before=cursor(request)) if query else Column(0)
    listing = Listing(
        panel(found, Presenter(flat=True)),
        query,
        reverse("inbox:search"),
        kind="search",
        query=query,
    )
    return listing_page(request, listing, {**frame(request), "query": query})


@require_POST
def choose_shown(request: HttpRequest, stream: int) -> HttpResponse:
    """All conversations of a column (0: of the list), or the unread ones alone."""
    if stream not in {0, *Stream.values}:
        raise Http404
    state.set_unread_only(request, stream, on=request.POST.get("show") == "unread")
    if not is_fragment(request) or not stream:
        return redirect(back_to(request))
    found = next(p for p in board(request) if p.stream == stream)
    return fragment(request, "inbox/_column.html", {"panel": found})


@require_POST
def choose_account(request: HttpRequest) -> HttpResponse:
    """Show one mailbox, or all of them."""
    wanted = request.POST.get("account", "")
    own = {str(a.pk): a.pk for a in shell_of(request).accounts}
    state.set_account(request, own.get(wanted))
    return redirect(back_to(request))


def cursor(request: HttpRequest) -> int | None:
    """The key below which to go on, when there is a sound one."""
    text = request.GET.get("before", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None


def chosen_accounts(request: HttpRequest) -> list[int] | None:
    """The mailbox chosen to be shown, while it is still connected; None: all."""
    chosen = state.account(request)
    connected = chosen in [a.pk for a in shell_of(request).accounts]
    return [chosen] if chosen is not None and connected else None


def frame(request: HttpRequest) -> dict[str, Any]:
    """What stands around the lists: the mailboxes, and which one is shown."""
    accounts = shell_of(request).accounts
    chosen = chosen_accounts(request)
    shown = next((a for a in accounts if chosen and a.pk == chosen[0]), None)
    return {
        "accounts": accounts,
        "shown_account": shown,
        "importing": [a for a in accounts if a.state in ("importing", "pending")],
    }
