"""Everything attached to a mail put on its sender's record, where it stays without the mail."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from relance.inbox import record_files, senders
from relance.mail.models import Attachment
from relance.web.conversation.access import copy_or_404
from relance.web.conversation.content import message_of
from relance.web.requests import is_fragment, user_of
from relance.web.shell import toasts, wording


@require_POST
def keep(request: HttpRequest, thread_id: int, copy_id: int) -> HttpResponse:
    """Put the files of that message on the record of whoever sent it."""
    user, copy = user_of(request), copy_or_404(request, thread_id, copy_id)
    sender = message_of(copy).from_address
    person = senders.known_by(user, sender) if sender else None
    if person is None:
        raise Http404
    files = Attachment.objects.filter(message=copy.message_id, is_inline=False).order_by("pk")
    taken = record_files.take_for(user, copy, files, person)
    words = ngettext(
        "%(n)s file is on the record of %(name)s",
        "%(n)s files are on the record of %(name)s",
        taken.count,
    )
    text = words % {"n": wording.number(taken.count), "name": person.name}
    if taken.left:
        text = _("Not every file could be kept: the mail is not here whole, or there is no room.")
    if not is_fragment(request):
        toasts.leave(request, text)
        return redirect("conversation:show", thread_id)
    events: dict[str, Any] = {
        "record-saved": {"kind": "file", "id": person.pk},
        "message-changed": {"message": copy_id},
    }
    return toasts.attach(HttpResponse(status=204), text, **events)
