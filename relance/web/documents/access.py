"""Documents and folders for whoever may see them; to others they do not exist."""

from __future__ import annotations

from django.http import Http404, HttpRequest

from relance.files.library import Library
from relance.files.models import Document, DocumentFolder
from relance.web.requests import user_of


def library_of(request: HttpRequest) -> Library:
    return Library(user_of(request))


def document_or_404(library: Library, document_id: int) -> Document:
    try:
        return library.document(document_id)
    except Document.DoesNotExist:
        raise Http404 from None


def folder_or_404(library: Library, folder_id: int) -> DocumentFolder:
    try:
        return library.folder(folder_id)
    except DocumentFolder.DoesNotExist:
        raise Http404 from None


def folder_asked(library: Library, text: str) -> DocumentFolder | None:
    """The folder whose key stands in an address or a form; "" is none."""
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Http404
    return folder_or_404(library, int(text))
