"""Sales documents: listed, shown with their lines, made and changed."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from relance.crm import access, modules, sales
from relance.crm.models import SalesDocument
from relance.crm.sales_fields import MODULES
from relance.crm.sales_totals import TooLarge
from relance.inbox import sales as leaving
from relance.users.models import User
from relance.web.components.about import subject_or_404
from relance.web.components.dealrows import deal_rows
from relance.web.records import listing
from relance.web.requests import posted, user_of
from relance.web.sales import editing
from relance.web.sales.editing import Sheet
from relance.web.sales.forms import DocumentForm
from relance.web.shell import toasts

_SHOWN = 8
_RELATED = ("person", "company", "deal")


@require_safe
def list_documents(request: HttpRequest, key: str) -> HttpResponse:
    """The documents of one kind."""
    leaving.settle()
    return listing.page(request, key)


def show(request: HttpRequest, kind: str, document_id: int) -> HttpResponse:
    """One document; while it is a draft its lines are changed here (POST)."""
    viewer = user_of(request)
    leaving.settle()
    document = document_or_404(viewer, kind, document_id)
    if request.method == "POST":
        return _save_lines(request, document)
    return page(request, document, editing.sheet_of(document))


def _save_lines(request: HttpRequest, document: SalesDocument) -> HttpResponse:
    """Save the lines as sent; `act` is "save", or "remove:2" for a line to leave out."""
    sheet = editing.sent_sheet(document, request.POST)
    if sheet.problem or not sheet.is_valid:
        return page(request, document, sheet)
    try:
        sales.edit(document, sheet.lines)
    except sales.Fixed:
        toasts.leave(request, _("This document has left already: nothing was changed."))
    except TooLarge:
        sheet.problem = editing.too_large()
        return page(request, document, sheet)
    else:
        toasts.leave(request, _("Lines saved"))
    return redirect(document)


@require_POST
def reckon(request: HttpRequest, kind: str, document_id: int) -> HttpResponse:
    """What the lines as they are in the page amount to, without saving them."""
    document = document_or_404(user_of(request), kind, document_id)
    sheet = editing.sent_sheet(document, request.POST)
    context = {"document": document, "sheet": sheet, "is_fragment": True}
    return render(request, "sales/_totals.html", context)


def page(request: HttpRequest, document: SalesDocument, sheet: Sheet) -> HttpResponse:
    """The whole page of a document."""
    viewer = user_of(request)
    deals = deal_rows(access.deals_for(viewer).filter(pk=document.deal_id or 0))
    context: dict[str, Any] = {
        "document": document,
        "module": modules.of(document),
        "sheet": sheet,
        "language": dict(settings.LANGUAGES).get(document.language, document.language),
        "is_draft": document.status == SalesDocument.Status.DRAFT,
        "may_delete": document.kind != "invoice" or document.status == "draft",
        "acts": editing.acts_of(document),
        "followers": editing.followers_of(document),
        "made": access.records_for(viewer, SalesDocument).filter(source=document).order_by("pk"),
        "recipient": leaving.recipient_of(viewer, document),
        "deals": deals,
        "mails": leaving.mails_of(viewer, document)[:3],
    }
    return render(request, "sales/show.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest, kind: str) -> HttpResponse:
    """A new document, for whom or what ?person=, ?company= or ?deal= say; its lines come next."""
    viewer = user_of(request)
    blank = SalesDocument(kind=kind)
    form = DocumentForm(posted(request), instance=blank, viewer=viewer, asked=request.GET.dict())
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            document = sales.create(viewer, form.filled())
        toasts.leave(request, _("%(name)s was added") % {"name": str(document)})
        return redirect(document)
    return _form(request, form)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, kind: str, document_id: int) -> HttpResponse:
    """Change the head of a draft."""
    viewer = user_of(request)
    document = document_or_404(viewer, kind, document_id)
    if document.status != SalesDocument.Status.DRAFT:
        toasts.leave(request, _("This document has left already: nothing was changed."))
        return redirect(document)
    form = DocumentForm(posted(request), instance=document, viewer=viewer)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            sales.edit(form.filled())
        toasts.leave(request, _("%(name)s was saved") % {"name": str(document)})
        return redirect(document)
    return _form(request, form)


@require_safe
def related(request: HttpRequest, entity: str, key: int) -> HttpResponse:
    """The documents of a person, an account or a deal, the latest first."""
    viewer = user_of(request)
    subject = subject_or_404(viewer, entity, key)
    if subject.field not in _RELATED:
        raise Http404
    leaving.settle()
    found = sales.of(access.records_for(viewer, SalesDocument), subject)
    shown = list(found[: _SHOWN + 1])
    context = {
        "subject": subject,
        "documents": shown[:_SHOWN],
        "count": len(shown) if len(shown) <= _SHOWN else found.count(),
        "news": [(module.create_address, module.label) for module in MODULES],
    }
    return render(request, "sales/_related.html", context)


def document_or_404(viewer: User, kind: str, document_id: int) -> SalesDocument:
    """The document so named, when `viewer` may read it."""
    found = access.records_for(viewer, SalesDocument).select_related(
        "company", "person", "deal__stage", "source", "owner", "created_by"
    )
    return get_object_or_404(found, kind=kind, pk=document_id)


def _form(request: HttpRequest, form: DocumentForm) -> HttpResponse:
    module = modules.of(form.instance)
    context = {"form": form, "document": form.instance, "module": module}
    return render(request, "sales/form.html", context)
