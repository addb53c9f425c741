"""How documents are numbered, for administrators."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from relance.crm import sales_numbers
from relance.crm.models import SalesDocument
from relance.lib import clock
from relance.web.organisation.access import admins_only
from relance.web.requests import posted
from relance.web.sales.forms import SeriesForm
from relance.web.shell import toasts


@admins_only
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest) -> HttpResponse:
    """The four series, each with the number that comes next."""
    rows: list[dict[str, Any]] = []
    for kind, label in SalesDocument.Kind.choices:
        series = sales_numbers.series_of(kind)
        form = SeriesForm(posted(request), instance=series, prefix=kind)
        rows.append({"form": form, "label": label, "next": sales_numbers.preview(series)})
    if request.method == "POST" and all(row["form"].is_valid() for row in rows):
        for row in rows:
            series = row["form"].save(commit=False)
            series.year = max(series.year, clock.now().year)
            series.save()
        toasts.leave(request, _("Settings saved"))
        return redirect("sales:series")
    return render(request, "sales/series.html", {"rows": rows})
