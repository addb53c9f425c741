"""Accounts: listed, shown, made, edited and deleted."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from relance.crm import access, companies
from relance.web.companies import lists
from relance.web.companies.forms import CompanyForm
from relance.web.components.dealrows import deal_rows
from relance.web.components.naming import primary_addresses, proposed_companies, typed
from relance.web.components.saving import saved
from relance.web.records import listing
from relance.web.requests import user_of
from relance.web.shell import toasts, wording


@require_safe
def list_companies(request: HttpRequest) -> HttpResponse:
    """The accounts."""
    return listing.page(request, "accounts")


@require_safe
def show(request: HttpRequest, company_id: int) -> HttpResponse:
    """One account, with its people and deals."""
    user = user_of(request)
    found = access.companies_for(user).select_related("owner", "created_by")
    company = get_object_or_404(found, pk=company_id)
    people = access.people_for(user).filter(company=company).order_by("last_name", "first_name")
    country = wording.locale_of(wording.language()).territories.get(company.country, "")
    context = {
        "company": company,
        "country": country,
        "people": people.prefetch_related(primary_addresses()),
        "deals": deal_rows(access.deals_for(user).filter(company=company)),
        "figures": lists.figures(user, [company.pk])[company.pk],
    }
    return render(request, "companies/show.html", context)


def create(request: HttpRequest) -> HttpResponse:
    """A new account."""
    user = user_of(request)
    initial = {n: request.GET[n] for n in ("name", "domain") if n in request.GET}
    form = CompanyForm(request.POST or None, viewer=user, initial=initial)
    if request.method == "POST" and form.is_valid():
        company = companies.create_company(user, form.save(commit=False))
        return saved(request, company, _("%(name)s was added") % {"name": company.name})
    return render(request, "companies/form.html", {"form": form, "company": form.instance})


def edit(request: HttpRequest, company_id: int) -> HttpResponse:
    """Change an account."""
    user = user_of(request)
    company = get_object_or_404(access.companies_for(user), pk=company_id)
    form = CompanyForm(request.POST or None, instance=company, viewer=user)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            companies.edit(form.save(commit=False))
        return saved(request, company, _("%(name)s was saved") % {"name": company.name})
    return render(request, "companies/form.html", {"form": form, "company": company})


@require_POST
def delete(request: HttpRequest, company_id: int) -> HttpResponse:
    """Delete, and go to the list with a way back; its people and deals stay."""
    user = user_of(request)
    company = get_object_or_404(access.companies_for(user), pk=company_id)
    entry = companies.delete(user, company)
    toasts.leave(request, _("%(name)s was deleted") % {"name": company.name}, undo=entry.pk)
    return redirect("companies:list")


@require_safe
def proposals(request: HttpRequest) -> HttpResponse:
    """Which accounts a text may name, as options of a datalist."""
    found = proposed_companies(user_of(request), typed(request))
    return render(request, "components/_proposals.html", {"proposals": found})
