"""What a message says: its body in a frame, its source.

None of it is trusted. A body is sanitised, then shown in a sandboxed frame whose own
Content-Security-Policy forbids script and, before consent, everything from elsewhere. The sandbox
grants `allow-same-origin` without `allow-scripts`: nothing in the frame can run, so the grant
serves the page alone, which measures the frame's height and hears its keys. Granting both would
let a script lift the sandbox; that combination must never be used here.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from relance.inbox import remote
from relance.mail import sources
from relance.mail.models import Attachment, Message, MessageBody, MessageCopy
from relance.mime.sanitise import FRAME_POLICY, Sanitised, document_for_frame, sanitise
from relance.web.conversation import serving
from relance.web.conversation.access import copy_or_404
from relance.web.conversation.attached import is_pack, pack_of
from relance.web.requests import user_of

_OWN_IMAGES = "'self' data:"
_ALL_IMAGES = "'self' data: https: http:"
SHOWN_INLINE = {"image/png", "image/jpeg", "image/gif", "image/webp"}
_MOST_SOURCE = 2_000_000  # bytes shown; the whole is a file


@require_safe
def body(request: HttpRequest, thread_id: int, copy_id: int) -> HttpResponse:
    """The sanitised HTML of a message, alone in its document, for the frame."""
    copy = copy_or_404(request, thread_id, copy_id)
    message = message_of(copy)
    may_load = request.GET.get("remote") == "1" or bool(
        remote.may_load(user_of(request), [message])
    )
    cleaned = cleaned_html(copy, allow_remote=may_load)
    document = document_for_frame(
        cleaned, theme=user_of(request).theme, quote_label=_("Show the quoted text")
    )
    return framed(document, shows_remote=may_load)


def cleaned_html(copy: MessageCopy, *, allow_remote: bool) -> Sanitised:
    """The HTML of that mail made safe; its text when it has none."""
    message = message_of(copy)
    found = MessageBody.objects.filter(message=message).first()
    html = found.html if found else ""
    return sanitise(
        html if html.strip() else packed_html(copy),
        cid_url=_inline_address(message, copy),
        allow_remote=allow_remote,
    )


def packed_html(copy: MessageCopy) -> str:
    """The HTML that lies in the mail's winmail.dat, if there is one."""
    for attachment in Attachment.objects.filter(message=copy.message_id).order_by("pk"):
        pack = pack_of(copy, attachment) if is_pack(attachment) else None
        if pack and pack.html.strip():
            return pack.html
    return ""


def _inline_address(message: Message, copy: MessageCopy) -> Callable[[str], str | None]:
    base = f"/threads/{copy.thread_id}/messages/{copy.pk}/inline/"
    images = {
        a.content_id.strip("<> ").lower(): f"{base}{a.pk}/"
        for a in Attachment.objects.filter(message=message).exclude(content_id="")
        if a.content_type.lower() in SHOWN_INLINE
    }
    return lambda cid: images.get(cid.strip("<> ").lower())


def framed(document: str, *, shows_remote: bool, policy: str = FRAME_POLICY) -> HttpResponse:
    """A document of a stranger's making, under the policy that keeps it harmless."""
    response = HttpResponse(document)
    serving.harden(
        response, policy=policy.format(images=_ALL_IMAGES if shows_remote else _OWN_IMAGES)
    )
    response["Referrer-Policy"] = "no-referrer"
    return response


@require_safe
def source(request: HttpRequest, thread_id: int, copy_id: int) -> HttpResponse:
    """The message as the server gave it: as a file, or with ?view=1 as text to read."""
    copy = copy_or_404(request, thread_id, copy_id)
    try:
        raw = sources.source_of(copy)
    except LookupError:
        raise Http404 from None
    if request.GET.get("view") == "1":
        return serving.file(raw[:_MOST_SOURCE], "text/plain; charset=utf-8")
    response = serving.file(raw, "text/plain; charset=utf-8")
    response.headers["Content-Disposition"] = serving.disposition(f"message-{copy.pk}.eml")
    return response


def message_of(copy: MessageCopy) -> Message:
    if copy.message is None:
        raise Http404
    return copy.message
