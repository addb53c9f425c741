"""The files of a draft: added from disk or the library, shown, taken away."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from relance.files import blobs
from relance.files.library import Library
from relance.files.models import Document
from relance.mail import attachments
from relance.mail.attachments import QuotaReached, TooLarge, TooManyDocuments
from relance.mail.models import Outgoing, OutgoingAttachment
from relance.web.compose.access import draft_or_404, wants_json
from relance.web.compose.presenting import Composer, composer_of, file_of
from relance.web.requests import is_fragment, user_of
from relance.web.shell import toasts
from relance.web.shell.wording import filesize

_IMAGES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
_POLICY = "default-src 'none'; sandbox"
_MOST_AT_ONCE = 50


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest, draft_id: int) -> HttpResponse:
    """Attach `file`s (with `inline`, images of the text) or `document`s of the library; GET tells
    what there is."""
    draft = draft_or_404(request, draft_id)
    added: list[OutgoingAttachment] = []
    errors: list[str] = []
    if request.method == "POST":
        for attach in _wanted(request, draft):
            try:
                added.append(attach())
            except (TooLarge, TooManyDocuments, QuotaReached, Document.DoesNotExist) as refusal:
                errors.append(words_for(refusal))
    return answer(request, draft, added=added, errors=errors)


def _wanted(request: HttpRequest, draft: Outgoing) -> list[Any]:
    inline = request.POST.get("inline") == "1"
    uploads = [
        lambda upload=upload: _upload(draft, upload, inline=inline)
        for upload in request.FILES.getlist("file")[:_MOST_AT_ONCE]
    ]
    library = Library(user_of(request))
    keys = [k for k in request.POST.getlist("document") if k.isascii() and k.isdigit()]
    documents = [
        lambda key=key: _document(draft, library, int(key)) for key in keys[:_MOST_AT_ONCE]
    ]
    return [*uploads, *documents]


def _upload(draft: Outgoing, upload: UploadedFile[bytes], *, inline: bool) -> OutgoingAttachment:
    size, limit = upload.size or 0, attachments.limit(draft)
    if size > limit:  # before it is read into memory
        raise TooLarge(total=attachments.total(draft), limit=limit, size=size)
    content_type = upload.content_type or ""
    return attachments.add(
        draft,
        name=upload.name or "",
        data=upload.read(),
        content_type=content_type if content_type in _IMAGES else "",
        is_inline=inline and content_type in _IMAGES,
    )


def _document(draft: Outgoing, library: Library, key: int) -> OutgoingAttachment:
    document = library.document(key)
    return attachments.add(
        draft, name=document.name, content_type=document.content_type, document=document
    )


def words_for(refusal: Exception) -> str:
    """Why a file was not attached, with the figures."""
    if isinstance(refusal, TooLarge):
        figures = {
            "size": filesize(refusal.size),
            "used": filesize(refusal.total),
            "limit": filesize(refusal.limit),
        }
        if refusal.by_server:
            return _("Your mail server takes %(limit)s; %(used)s are used, this has %(size)s.") % (
                figures
            )
        return _("%(limit)s are allowed for one mail; %(used)s are used, this has %(size)s.") % (
            figures
        )
    if isinstance(refusal, TooManyDocuments):
        return ngettext(
            "%(n)s library document at most per mail.",
            "%(n)s library documents at most per mail.",
            refusal.limit,
        ) % {"n": refusal.limit}
    if isinstance(refusal, QuotaReached):
        return _("The storage of the organisation is full. Ask an administrator for room.")
    return _("This document is no longer in the library.")


def answer(
    request: HttpRequest,
    draft: Outgoing,
    *,
    added: list[OutgoingAttachment],
    errors: list[str],
    **more: Any,
) -> HttpResponse:
    """The files as they are now, for the script; for others the page again."""
    status = 422 if errors else 200
    if wants_json(request):
        c = composer_of(request, draft)
        made = [file_of(one).as_json() for one in added]
        return JsonResponse({"files": made, "errors": errors, **figures(c), **more}, status=status)
    if is_fragment(request):
        response = HttpResponse(status=204)
        text = errors[0] if errors else _("Attached")
        events: dict[str, Any] = {"compose:files": {"id": draft.pk}}
        return toasts.attach(response, text, **events)
    if errors:
        toasts.leave(request, errors[0])
    return redirect("compose:show", draft.pk)


def figures(c: Composer) -> dict[str, Any]:
    """The list of files as HTML, and what they weigh."""
    return {
        "html": render_to_string("compose/_files.html", {"c": c}),
        "total": c.total,
        "used": c.used,
        "over": c.is_over,
        "version": c.version,
    }


@require_POST
def remove(request: HttpRequest, draft_id: int, file_id: int) -> HttpResponse:
    """Take a file off the draft."""
    draft = draft_or_404(request, draft_id)
    attachments.remove(draft, file_id)
    return answer(request, draft, added=[], errors=[])


@require_safe
def show(request: HttpRequest, draft_id: int, file_id: int) -> HttpResponse:
    """One of the files: images as such, for the text shows them; all else to download."""
    draft = draft_or_404(request, draft_id)
    found = draft.attachments.filter(pk=file_id).first()
    if found is None:
        raise Http404
    is_shown = found.is_inline and found.content_type in _IMAGES
    content_type = found.content_type if is_shown else "application/octet-stream"
    response = HttpResponse(blobs.get(found.blob_id), content_type=content_type)
    response["Content-Security-Policy"] = _POLICY
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, max-age=3600" if is_shown else "private, no-store"
    if not is_shown:
        name = quote(found.filename, safe="")
        response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return response
