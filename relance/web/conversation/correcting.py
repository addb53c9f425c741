"""Splitting, merging and moving by hand: what belongs together is for the reader to say."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from relance.inbox import correcting
from relance.journal.models import Entry
from relance.mail.corrections import NothingToMove
from relance.mail.models import MessageCopy, Thread
from relance.web.conversation.access import copy_or_404, thread_or_404
from relance.web.requests import is_fragment, user_of, words
from relance.web.shell import toasts
from relance.web.shell.pages import fragment, page


@require_POST
def split(request: HttpRequest, thread_id: int, copy_id: int) -> HttpResponse:
    """From this message on, a conversation of its own."""
    try:
        entry = correcting.split(user_of(request), thread_id, copy_id)
    except NothingToMove:
        return _refused(request, thread_id, _("It begins the conversation: nothing to split off."))
    except (Thread.DoesNotExist, MessageCopy.DoesNotExist):
        raise Http404 from None
    return _done(request, entry, _("Split off into a conversation of its own"))


@require_safe
def choose(request: HttpRequest, thread_id: int, copy_id: int | None = None) -> HttpResponse:
    """Where to move the message, or with what to merge the conversation: a dialog with search."""
    if copy_id is not None:
        copy_or_404(request, thread_id, copy_id)
    thread_or_404(request, thread_id)
    query = words(request)
    shown: dict[str, Any] = {
        "thread_id": thread_id,
        "copy_id": copy_id,
        "query": query,
        "candidates": correcting.candidates(user_of(request), thread_id, query),
        "address": _address(thread_id, copy_id),
    }
    if not is_fragment(request):
        return page(request, "conversation/correct.html", shown)
    part = "_candidates" if request.GET.get("part") == "candidates" else "_correct"
    return fragment(request, f"conversation/{part}.html", shown)


def _address(thread_id: int, copy_id: int | None) -> str:
    if copy_id is None:
        return reverse("conversation:merge", args=[thread_id])
    return reverse("conversation:move", args=[thread_id, copy_id])


@require_POST
def move(request: HttpRequest, thread_id: int, copy_id: int) -> HttpResponse:
    """That message alone, to the conversation chosen or to one of its own."""
    target = request.POST.get("target", "")
    target_id = None if target == "new" else _number(target)
    try:
        entry = correcting.move_message(
            user_of(request),
            thread_id,
            copy_id,
            target_id,
            with_answers=request.POST.get("scope") != "alone",
        )
    except NothingToMove:
        return _refused(request, thread_id, _("It is alone in its conversation: merge it instead."))
    except (Thread.DoesNotExist, MessageCopy.DoesNotExist):
        raise Http404 from None
    return _done(request, entry, _("Message moved"))


@require_POST
def merge(request: HttpRequest, thread_id: int) -> HttpResponse:
    """The whole conversation, into the one chosen."""
    try:
        entry = correcting.merge(user_of(request), thread_id, _number(request.POST.get("target")))
    except NothingToMove:
        return _refused(request, thread_id, _("There is nothing to merge."))
    except Thread.DoesNotExist:
        raise Http404 from None
    return _done(request, entry, _("Conversations merged"))


def _number(text: str | None) -> int:
    if not text or not text.isascii() or not text.isdigit() or len(text) > 18:
        raise Http404
    return int(text)


def _done(request: HttpRequest, entry: Entry, text: str) -> HttpResponse:
    """Go where the messages are now."""
    url = reverse("conversation:show", args=[entry.params["thread"]])
    if is_fragment(request):
        response = HttpResponse(status=204)
        more: dict[str, Any] = {"visit": {"url": url}}
        return toasts.attach(response, text, undo=entry.pk, **more)
    toasts.leave(request, text, undo=entry.pk)
    return redirect(url)


def _refused(request: HttpRequest, thread_id: int, text: str) -> HttpResponse:
    if is_fragment(request):
        return toasts.attach(HttpResponse(status=204), text)
    toasts.leave(request, text)
    return redirect("conversation:show", thread_id)
