"""What a reader asks for beyond what is shown: a large mail's whole, images from elsewhere."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from relance.inbox import marking, remote
from relance.mail import jobs
from relance.mail.models import Message
from relance.web.conversation.access import copy_or_404
from relance.web.conversation.content import message_of
from relance.web.requests import is_fragment, user_of
from relance.web.shell import toasts


@require_POST
def load(request: HttpRequest, thread_id: int, copy_id: int) -> HttpResponse:
    """Fetch the whole of a large mail: a worker does, and the open page hears of it."""
    copy = copy_or_404(request, thread_id, copy_id)
    if copy.is_partial:
        jobs.load_oversized_later(copy.pk)
    text = _("The message is being loaded from its server")
    if is_fragment(request):
        return HttpResponse(status=204)
    toasts.leave(request, text)
    return redirect("conversation:show", thread_id)


@require_POST
def allow(request: HttpRequest, thread_id: int, copy_id: int) -> HttpResponse:
    """From now on, show images from elsewhere in mails of this sender."""
    message = message_of(copy_or_404(request, thread_id, copy_id))
    address = message.from_address
    if address is None or message.authentication == Message.Authentication.FAIL:
        raise Http404
    remote.allow(user_of(request), address)
    text = _("Images in mails of %(address)s are shown from now on") % {"address": address.address}
    return _changed(request, thread_id, copy_id, text)


@require_POST
def disallow(request: HttpRequest, thread_id: int, copy_id: int) -> HttpResponse:
    """No longer."""
    message = message_of(copy_or_404(request, thread_id, copy_id))
    if message.from_address is None:
        raise Http404
    remote.revoke(user_of(request), message.from_address.pk)
    text = _("Images in mails of %(address)s are blocked again") % {
        "address": message.from_address.address
    }
    return _changed(request, thread_id, copy_id, text)


@require_POST
def unread_from(request: HttpRequest, thread_id: int, copy_id: int) -> HttpResponse:
    """Unread from this message on."""
    copy = copy_or_404(request, thread_id, copy_id)
    marking.unread_from(user_of(request), copy.pk)
    if is_fragment(request):
        back: dict[str, Any] = {"go-back": True}
        return toasts.attach(HttpResponse(status=204), _("Unread from there"), **back)
    return redirect("inbox:columns")


def _changed(request: HttpRequest, thread_id: int, copy_id: int, text: str) -> HttpResponse:
    if is_fragment(request):
        changed: dict[str, Any] = {"message-changed": {"message": copy_id}}
        return toasts.attach(HttpResponse(status=204), text, **changed)
    toasts.leave(request, text)
    return redirect("conversation:show", thread_id)
