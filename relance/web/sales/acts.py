"""What one does with a document: print, send, say how it stands, make the next of it, delete."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from relance.crm import modules, sales
from relance.crm.models import SalesDocument
from relance.inbox import sales as leaving
from relance.mail import drafts
from relance.mail.attachments import QuotaReached, TooLarge, TooManyDocuments
from relance.web.requests import user_of
from relance.web.sales import printing
from relance.web.sales.views import document_or_404
from relance.web.shell import toasts


@require_safe
def pdf(request: HttpRequest, kind: str, document_id: int) -> HttpResponse:
    """The PDF, to be looked at."""
    document = document_or_404(user_of(request), kind, document_id)
    response = HttpResponse(printing.pdf_of(document), content_type="application/pdf")
    name = "".join(c for c in document.number if c.isalnum() or c in "-_") or "document"
    response["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
def send(request: HttpRequest, kind: str, document_id: int) -> HttpResponse:
    """Open the composer, to the document's contact (or supplier), with the PDF. Nothing leaves
    before it is sent from there."""
    viewer = user_of(request)
    document = document_or_404(viewer, kind, document_id)
    to = leaving.recipient_of(viewer, document)
    if to is None or not viewer.may_send:
        raise Http404
    subject, html = _letter(document)
    try:
        draft = leaving.begin(
            viewer, document, to, subject=subject, html=html, pdf=printing.pdf_of(document)
        )
    except drafts.NoSender:
        toasts.leave(request, _("Connect a mailbox first: it is what mail leaves through."))
        return redirect(document)
    except (TooLarge, TooManyDocuments, QuotaReached):
        toasts.leave(request, _("There is no room for the PDF. Ask an administrator for room."))
        return redirect(document)
    return redirect("compose:show", draft.pk)


def _letter(document: SalesDocument) -> tuple[str, str]:
    """The subject and the text, in the document's language."""
    with translation.override(document.language):
        title = printing.title_of(document)
        subject = _("%(document)s: %(name)s") % {"document": title, "name": document.name}
        greeting = _("Hello,")
        text = _("Please find attached: %(document)s, %(name)s.") % {
            "document": title,
            "name": document.name,
        }
    return subject, str(format_html("<p>{}</p><p>{}</p><p></p>", greeting, text))


@require_POST
def status(request: HttpRequest, kind: str, document_id: int) -> HttpResponse:
    """Say how it stands, with a way back."""
    viewer = user_of(request)
    document = document_or_404(viewer, kind, document_id)
    try:
        entry = sales.set_status(viewer, document, request.POST.get("status", ""))
    except ValueError as wrong:
        raise Http404 from wrong
    words = {"name": document.number, "status": document.get_status_display()}
    toasts.leave(request, _("%(name)s: %(status)s") % words, undo=entry.pk)
    return redirect(document)


@require_POST
def follow(request: HttpRequest, kind: str, document_id: int) -> HttpResponse:
    """Make the document of kind `into` of it."""
    viewer = user_of(request)
    document = document_or_404(viewer, kind, document_id)
    try:
        made = sales.follow(viewer, document, request.POST.get("into", ""))
    except ValueError as wrong:
        raise Http404 from wrong
    toasts.leave(request, _("%(name)s was added") % {"name": str(made)})
    return redirect(made)


@require_POST
def delete(request: HttpRequest, kind: str, document_id: int) -> HttpResponse:
    """Delete, and go to the list with a way back."""
    viewer = user_of(request)
    document = document_or_404(viewer, kind, document_id)
    module = modules.of(document)
    try:
        entry = sales.delete(viewer, document)
    except sales.Fixed:
        toasts.leave(request, _("An invoice that has left is cancelled, not deleted."))
        return redirect(document)
    toasts.leave(request, _("%(name)s was deleted") % {"name": str(document)}, undo=entry.pk)
    return redirect(module.address if module else "/")
