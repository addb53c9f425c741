"""Answering or passing on a message: the draft is made when one begins to write, not before."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from relance.inbox import remote, writing
from relance.inbox.visibility import copy_for
from relance.mail.attachments import QuotaReached
from relance.mail.drafts import NoSender, Unreadable
from relance.mail.models import MessageCopy, Outgoing
from relance.mime.text_html import text_to_html
from relance.web.compose.presenting import composer_of
from relance.web.requests import is_fragment, user_of
from relance.web.shell import toasts
from relance.web.shell.pages import fragment

_KINDS = (Outgoing.Kind.REPLY, Outgoing.Kind.REPLY_ALL, Outgoing.Kind.FORWARD)
_LONGEST = 500_000  # characters


@require_POST
def reply(request: HttpRequest, thread_id: int, copy_id: int, kind: str) -> HttpResponse:
    """Begin (or go on with) an answer to that copy; `text` is what was typed already."""
    if kind not in _KINDS:
        raise Http404
    copy = _copy_or_404(request, thread_id, copy_id)
    try:
        draft = _begun(request, copy, kind)
    except (NoSender, Unreadable, QuotaReached) as refusal:
        return _refused(request, thread_id, _why(refusal))
    if not is_fragment(request):
        return redirect("compose:show", draft.pk)
    return fragment(request, "compose/_form.html", {"c": composer_of(request, draft, "reply")})


def _copy_or_404(request: HttpRequest, thread_id: int, copy_id: int) -> MessageCopy:
    try:
        copy = copy_for(user_of(request), copy_id)
    except MessageCopy.DoesNotExist:
        raise Http404 from None
    if copy.thread_id != thread_id:
        raise Http404
    return copy


def _begun(request: HttpRequest, copy: MessageCopy, kind: str) -> Outgoing:
    text = request.POST.get("text", "").replace("\r\n", "\n").strip()[:_LONGEST]
    return writing.begin(
        user_of(request),
        kind=kind,
        source=copy,
        html=text_to_html(text) if text else "",
        remote=_saw_images(request, copy),
    )


def _saw_images(request: HttpRequest, copy: MessageCopy) -> bool:
    """Did the reader see what the mail keeps elsewhere? Only then does the quote hold it."""
    if request.POST.get("remote") == "1" or copy.message is None:
        return request.POST.get("remote") == "1"
    return copy.message.pk in remote.may_load(user_of(request), [copy.message])


def _why(refusal: Exception) -> str:
    if isinstance(refusal, NoSender):
        return _("Connect a mailbox first: it is what mail leaves through.")
    if isinstance(refusal, QuotaReached):
        return _("There is no room left for the attachments of this mail.")
    return _("This message was not fetched whole, so it cannot be answered from here.")


def _refused(request: HttpRequest, thread_id: int, words: str) -> HttpResponse:
    if is_fragment(request):
        return toasts.attach(HttpResponse(status=204), words)
    toasts.leave(request, words)
    return redirect("conversation:show", thread_id)
