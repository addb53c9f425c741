"""The library's page."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from relance.files import quota
from relance.files.library import Library
from relance.files.models import DocumentFolder
from relance.lib.text import squeeze
from relance.users.models import Organisation
from relance.web.documents import lists, wording
from relance.web.documents.access import folder_asked, library_of
from relance.web.requests import is_fragment

PER_PAGE = 100
_ORDERS = {
    "name": ("folded_name", "pk"),
    "-updated": ("-updated_at", "-pk"),
    "-size": ("-blob__size", "pk"),
}
ORDER_LABELS = (("name", _("Name")), ("-updated", _("Latest change")), ("-size", _("Size")))


@require_safe
def list_documents(request: HttpRequest) -> HttpResponse:
    """All documents one may read, or those of ?folder= and below, narrowed by ?q=."""
    library = library_of(request)
    context = page_context(request, library)
    template = "documents/_records.html" if is_fragment(request) else "documents/list.html"
    return render(request, template, context)


def page_context(
    request: HttpRequest, library: Library, *, problems: list[str] | None = None
) -> dict[str, Any]:
    """What the page shows; `problems` are said above the list."""
    source = request.GET if request.method in ("GET", "HEAD") else request.POST
    folder = folder_asked(library, source.get("folder", ""))
    query = squeeze(source.get("q", ""))[:200]
    sort = source.get("sort", "name")
    found = library.found(query, folder).order_by(*_ORDERS.get(sort, _ORDERS["name"]))
    page = Paginator(found, PER_PAGE).get_page(source.get("page"))
    everything = library.documents()
    usage = quota.usage()
    organisation = Organisation.current() or Organisation()
    return {
        "rows": lists.rows(library, list(page.object_list)),
        "page": page,
        "query": query,
        "sort": sort if sort in _ORDERS else "name",
        "orders": ORDER_LABELS,
        "folder": folder,
        "crumbs": _crumbs(library, folder),
        "folders": lists.folder_lines(library, folder),
        "may_add": library.may_add(folder),
        "may_manage": folder is not None and library.may_manage(folder),
        "total": everything.count(),
        "total_size": everything.aggregate(n=Sum("blob__size"))["n"] or 0,
        "usage": usage,
        "usage_words": wording.used(usage),
        "organisation": organisation,
        "problems": problems or [],
    }


def _crumbs(library: Library, folder: DocumentFolder | None) -> list[DocumentFolder]:
    """The folders above, from the top down."""
    return list(reversed(library.chain(folder)))[:-1] if folder else []
