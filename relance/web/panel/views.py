"""What the panel remembers of how it was left, and what it asks for once it is there."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST, require_safe

from relance.crm import access
from relance.crm.models import Stage
from relance.web.components.dealrows import deal_rows
from relance.web.panel import state
from relance.web.requests import user_of
from relance.web.shell.pages import fragment

_MOST = 5


@require_POST
def remember(request: HttpRequest) -> HttpResponse:
    """Is the panel open (closed=0) or not (closed=1)?"""
    state.set_closed(request, closed=request.POST.get("closed") == "1")
    return HttpResponse(status=204)


@require_safe
def account_deals(request: HttpRequest, company_id: int, person_id: int) -> HttpResponse:
    """Open deals of a person's account in which she takes no part: they decide no column (D2)."""
    user = user_of(request)
    company = get_object_or_404(access.companies_for(user), pk=company_id)
    others = access.deals_for(user).filter(company=company, stage__kind=Stage.Kind.OPEN)
    others = others.exclude(contacts__person=person_id)
    rows = deal_rows(others)
    shown = {"company": company, "rows": rows[:_MOST], "left": len(rows[_MOST:])}
    return fragment(request, "panel/_account_deals.html", shown)
