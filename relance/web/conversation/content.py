"""What a message holds: its body in a frame, its attachments, its source.

None of it is trusted. A body is sanitised, then shown in a sandboxed frame whose own
Content-Security-Policy forbids script and, before consent, everything from elsewhere. The sandbox
grants `allow-same-origin` without `allow-scripts`: nothing in the frame can run, so the grant
serves the page alone, which measures the frame's height and hears its keys. Granting both would
let a script lift the sandbox; that combination must never be used here.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from relance.mail import sources
from relance.mail.models import Attachment, Message, MessageBody, MessageCopy
from relance.mime.parse import part_content
from relance.mime.sanitise import FRAME_POLICY, document_for_frame, sanitise
from relance.web.conversation.access import copy_or_404
from relance.web.requests import user_of

_OWN_IMAGES = "'self' data:"
_ALL_IMAGES = "'self' data: https: http:"
_FILE_POLICY = "default-src 'none'; sandbox"
_SHOWN_INLINE = {"image/png", "image/jpeg", "image/gif", "image/webp"}
_NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|\u202a-\u202e\u2066-\u2069]+')


@require_safe
def body(request: HttpRequest, thread_id: int, copy_id: int) -> HttpResponse:
    """The sanitised HTML of a message, alone in its document, for the frame."""
    message = _message(copy_or_404(request, thread_id, copy_id))
    found = MessageBody.objects.filter(message=message).first()
    remote = request.GET.get("remote") == "1"
    inline = _inline_addresses(message, thread_id, copy_id)
    cleaned = sanitise(
        found.html if found else "",
        cid_url=lambda cid: inline.get(cid.strip("<> ").lower()),
        allow_remote=remote,
    )
    document = document_for_frame(
        cleaned, theme=user_of(request).theme, quote_label=_("Show the quoted text")
    )
    response = HttpResponse(document)
    response["Content-Security-Policy"] = FRAME_POLICY.format(
        images=_ALL_IMAGES if remote else _OWN_IMAGES
    )
    response["Cache-Control"] = "private, no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _inline_addresses(message: Message, thread_id: int, copy_id: int) -> dict[str, str]:
    images = Attachment.objects.filter(message=message).exclude(content_id="")
    return {
        a.content_id.strip("<> ").lower(): reverse(
            "conversation:inline", args=[thread_id, copy_id, a.pk]
        )
        for a in images
        if a.content_type.lower() in _SHOWN_INLINE
    }


@require_safe
def inline(request: HttpRequest, thread_id: int, copy_id: int, attachment_id: int) -> HttpResponse:
    """An image of the message's own, shown where its HTML wants it. Images only."""
    copy = copy_or_404(request, thread_id, copy_id)
    found = _attachment(copy, attachment_id)
    if found.content_type.lower() not in _SHOWN_INLINE:
        raise Http404
    response = _file(_bytes_of(copy, found), found.content_type)
    response["Cache-Control"] = "private, max-age=3600"
    return response


@require_safe
def attachment(
    request: HttpRequest, thread_id: int, copy_id: int, attachment_id: int
) -> HttpResponse:
    """A file to download, never to open here."""
    copy = copy_or_404(request, thread_id, copy_id)
    found = _attachment(copy, attachment_id)
    response = _file(_bytes_of(copy, found), "application/octet-stream")
    response.headers["Content-Disposition"] = _disposition(found.filename)
    return response


@require_safe
def source(request: HttpRequest, thread_id: int, copy_id: int) -> HttpResponse:
    """The message as the server gave it, as a file."""
    copy = copy_or_404(request, thread_id, copy_id)
    try:
        raw = sources.source_of(copy)
    except LookupError:
        raise Http404 from None
    response = _file(raw, "text/plain; charset=utf-8")
    response.headers["Content-Disposition"] = _disposition(f"message-{copy.pk}.eml")
    return response


def _message(copy: MessageCopy) -> Message:
    if copy.message is None:
        raise Http404
    return copy.message


def _attachment(copy: MessageCopy, attachment_id: int) -> Attachment:
    found = Attachment.objects.filter(pk=attachment_id, message=copy.message_id).first()
    if found is None or copy.message_id is None:
        raise Http404
    return found


def _bytes_of(copy: MessageCopy, found: Attachment) -> bytes:
    try:
        return part_content(sources.source_of(copy), found.part)
    except (LookupError, KeyError):
        raise Http404 from None


def _file(data: bytes, content_type: str) -> HttpResponse:
    response = HttpResponse(data, content_type=content_type)
    response["Content-Security-Policy"] = _FILE_POLICY
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    response["Content-Length"] = str(len(data))
    return response


def _disposition(filename: str) -> str:
    """`attachment` with a name no system stumbles over (RFC 6266: ASCII, then the whole)."""
    name = _NOT_IN_NAMES.sub("_", filename).strip(" .")[:150] or _("attachment")
    ascii_name = name.encode("ascii", "replace").decode().replace("?", "_")
    return f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(name, safe='')}"
