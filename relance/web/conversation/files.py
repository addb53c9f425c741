"""Files of a message: to keep, one by one or all at once; to look at, where that is harmless."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from relance.lib.streaming import Sink, asynchronous
from relance.mail import sources
from relance.mail.models import Attachment, MessageCopy
from relance.mime.parse import part_content, part_contents
from relance.mime.previews import image_type, is_modest_pdf, is_outsized_image
from relance.web.conversation import serving
from relance.web.conversation.access import copy_or_404
from relance.web.conversation.attached import may_show, pack_of
from relance.web.conversation.content import SHOWN_INLINE, message_of
from relance.web.shell.pages import fragment

_PIECE = 64 * 1024


@require_safe
def inline(request: HttpRequest, thread_id: int, copy_id: int, attachment_id: int) -> HttpResponse:
    """An image of the message's own, shown where its HTML wants it. Images only."""
    copy = copy_or_404(request, thread_id, copy_id)
    found = _attachment(copy, attachment_id)
    data = _bytes_of(copy, found)
    if found.content_type.lower() not in SHOWN_INLINE or is_outsized_image(data):
        raise Http404
    response = serving.file(data, found.content_type.lower())
    response["Cache-Control"] = "private, max-age=3600"
    return response


@require_safe
def attachment(
    request: HttpRequest, thread_id: int, copy_id: int, attachment_id: int
) -> HttpResponse:
    """A file to keep."""
    copy = copy_or_404(request, thread_id, copy_id)
    found = _attachment(copy, attachment_id)
    return serving.download(_bytes_of(copy, found), found.filename)


@require_safe
def inside(
    request: HttpRequest, thread_id: int, copy_id: int, attachment_id: int, number: int
) -> HttpResponse:
    """A file out of a winmail.dat."""
    copy = copy_or_404(request, thread_id, copy_id)
    pack = pack_of(copy, _attachment(copy, attachment_id))
    if pack is None or number >= len(pack.files):
        raise Http404
    return serving.download(pack.files[number].data, pack.files[number].filename)


@require_safe
def preview(request: HttpRequest, thread_id: int, copy_id: int, attachment_id: int) -> HttpResponse:
    """A look at a picture or a PDF, in a dialog; why not, when its bytes are not what they say."""
    copy = copy_or_404(request, thread_id, copy_id)
    found = _attachment(copy, attachment_id)
    kind = _shown_type(copy, found)
    base = f"/threads/{thread_id}/messages/{copy_id}/attachments/{attachment_id}/"
    shown = {
        "name": found.filename or _("attachment"),
        "kind": kind.partition("/")[0],
        "thread_id": thread_id,
        "url": base,
        "look": f"{base}look/",
    }
    return fragment(request, "conversation/_preview.html", shown)


@require_safe
def look(request: HttpRequest, thread_id: int, copy_id: int, attachment_id: int) -> HttpResponse:
    """The bytes of a preview, under the type they really have."""
    copy = copy_or_404(request, thread_id, copy_id)
    found = _attachment(copy, attachment_id)
    kind = _shown_type(copy, found)
    if not kind:
        raise Http404
    policy = serving.PDF_POLICY if kind == "application/pdf" else serving.FILE_POLICY
    response = serving.file(_bytes_of(copy, found), kind, policy=policy)
    response.headers["Content-Disposition"] = serving.disposition(found.filename, kind="inline")
    return response


def _shown_type(copy: MessageCopy, found: Attachment) -> str:
    if not may_show(found.filename, found.content_type, found.size):
        return ""
    data = _bytes_of(copy, found)
    return image_type(data) or ("application/pdf" if is_modest_pdf(data) else "")


@require_safe
def everything(
    request: HttpRequest, thread_id: int, copy_id: int
) -> StreamingHttpResponse | HttpResponse:
    """All files of a message in one archive, made while it is read."""
    copy = copy_or_404(request, thread_id, copy_id)
    rows = list(Attachment.objects.filter(message=copy.message_id).order_by("pk"))
    if not rows:
        raise Http404
    try:
        contents = part_contents(sources.source_of(copy), [a.part for a in rows])
    except LookupError:
        raise Http404 from None
    named = [(name, contents.get(a.part, b"")) for name, a in zip(_names(rows), rows, strict=True)]
    pieces: Any = _archive(named)
    if hasattr(request, "scope"):  # served by ASGI, which would read a plain iterator whole
        pieces = asynchronous(pieces)
    response = StreamingHttpResponse(pieces, content_type="application/zip")
    serving.harden(response)
    subject = message_of(copy).subject or _("attachments")
    response.headers["Content-Disposition"] = serving.disposition(f"{subject[:80]}.zip")
    return response


def _names(rows: Sequence[Attachment]) -> list[str]:
    """A safe name for each, no two alike on any system."""
    taken: set[str] = set()
    names = []
    for row in rows:
        name = serving.safe_name(row.filename)
        stem, dot, extension = name.rpartition(".")
        number = 1
        while name.casefold() in taken:
            number += 1
            name = f"{stem or extension} ({number}){dot}{extension if stem else ''}"
        taken.add(name.casefold())
        names.append(name)
    return names


def _archive(named: Sequence[tuple[str, bytes]]) -> Iterator[bytes]:
    sink = Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:  # type: ignore[call-overload]
        for name, data in named:
            with archive.open(zipfile.ZipInfo(name), "w", force_zip64=len(data) > 1 << 31) as entry:
                for start in range(0, len(data), _PIECE):
                    entry.write(data[start : start + _PIECE])
                    yield sink.take()
    yield sink.take()


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
