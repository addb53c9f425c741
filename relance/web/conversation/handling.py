"""Read, unread, archive, trash: one verb, one address, each with its way back."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from relance.inbox import handling
from relance.journal.models import Entry
from relance.web.conversation.access import thread_or_404
from relance.web.requests import is_fragment, user_of
from relance.web.shell import toasts
from relance.web.shell.views import back_to


@require_POST
def read(request: HttpRequest, thread_id: int) -> HttpResponse:
    """Mark the conversation read."""
    return _mark(request, thread_id, seen=True)


@require_POST
def unread(request: HttpRequest, thread_id: int) -> HttpResponse:
    """Mark its newest received message unread."""
    return _mark(request, thread_id, seen=False)


def _mark(request: HttpRequest, thread_id: int, *, seen: bool) -> HttpResponse:
    thread_or_404(request, thread_id)
    handling.mark_seen(user_of(request), [thread_id], seen=seen)
    if is_fragment(request):
        return HttpResponse(status=204)
    return redirect(back_to(request) if seen else reverse("inbox:columns"))


@require_POST
def archive(request: HttpRequest, thread_id: int) -> HttpResponse:
    """Move what the inbox holds of the conversation to the archive."""
    thread_or_404(request, thread_id)
    entry = handling.archive(user_of(request), [thread_id])
    return _done(request, entry, _("Archived"))


@require_POST
def trash(request: HttpRequest, thread_id: int) -> HttpResponse:
    """Move the conversation to the trash."""
    thread_or_404(request, thread_id)
    entry = handling.trash(user_of(request), [thread_id])
    return _done(request, entry, _("Moved to the trash"))


def _done(request: HttpRequest, entry: Entry | None, text: str) -> HttpResponse:
    if entry is None:
        text = _("Nothing to move: it is there already.")
    undo = entry.pk if entry else None
    if is_fragment(request):
        return toasts.attach(HttpResponse(status=204), text, undo=undo)
    toasts.leave(request, text, undo=undo)
    following = request.POST.get("next", "")
    if following.isascii() and following.isdigit() and len(following) < 19:
        return redirect("conversation:show", int(following))
    return redirect("inbox:columns")
