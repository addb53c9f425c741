"""Documents to take home. Whatever was put in, a browser only ever saves it."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from relance.files import blobs, names
from relance.files.models import DocumentVersion
from relance.web.documents.access import document_or_404, library_of
from relance.web.requests import is_fragment

_POLICY = "default-src 'none'; sandbox"


@require_safe
def download(request: HttpRequest, document_id: int) -> HttpResponse:
    """The present version."""
    document = document_or_404(library_of(request), document_id)
    return _file(document.blob_id, document.name)


@require_safe
def version(request: HttpRequest, document_id: int, number: int) -> HttpResponse:
    """A former version."""
    document = document_or_404(library_of(request), document_id)
    found = get_object_or_404(DocumentVersion, document=document, number=number)
    return _file(found.blob_id, found.name)


@require_safe
def versions(request: HttpRequest, document_id: int) -> HttpResponse:
    """Every version of a document, the latest first."""
    document = document_or_404(library_of(request), document_id)
    former = document.versions.select_related("blob", "author").order_by("-number")
    context = {"document": document, "former": former, "body": "documents/_versions.html"}
    template = "documents/_dialog.html" if is_fragment(request) else "documents/form.html"
    return render(request, template, context)


def _file(sha256: str, name: str) -> HttpResponse:
    try:
        data = blobs.get(sha256)
    except FileNotFoundError:
        raise Http404 from None
    response = HttpResponse(data, content_type=names.OCTETS)
    response["Content-Disposition"] = names.disposition(name)
    response["Content-Security-Policy"] = _POLICY
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    response["Content-Length"] = str(len(data))
    return response
