"""Accounts: listed, shown, made, edited and deleted."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from relance.crm import access, companies
from relance.web.companies.addresses import address_rows
from relance.web.companies.forms import CompanyForm
from relance.web.companies.record import head_context, people_context, record_context
from relance.web.components.naming import proposed_companies, typed
from relance.web.components.saving import saved
from relance.web.people.addresses import AddressRows
from relance.web.records import listing
from relance.web.requests import is_fragment, posted, user_of
from relance.web.shell import toasts
from relance.web.shell.pages import fragment


@require_safe
def list_companies(request: HttpRequest) -> HttpResponse:
    """The accounts."""
    return listing.page(request, "accounts")


@require_safe
def show(request: HttpRequest, company_id: int) -> HttpResponse:
    """One account, with its people and deals; with ?part= a piece of it, to be shown anew."""
    user = user_of(request)
    found = access.companies_for(user).select_related("owner", "team", "created_by")
    company = get_object_or_404(found, pk=company_id)
    part = request.GET.get("part") if is_fragment(request) else None
    if part == "head":
        return fragment(request, "companies/_head.html", head_context(company))
    if part == "people":
        return fragment(request, "companies/_people.html", people_context(user, company))
    context = record_context(user, company, request.GET.get("list", ""))
    return render(request, "companies/show.html", context)


def create(request: HttpRequest) -> HttpResponse:
    """A new account."""
    user = user_of(request)
    initial = {n: request.GET[n] for n in ("name", "domain") if n in request.GET}
    form = CompanyForm(posted(request), viewer=user, initial=initial)
    rows = AddressRows.sent(request.POST)
    if request.method == "POST" and form.is_valid() and rows.check():
        with transaction.atomic():
            company = companies.create_company(user, form.filled())
            companies.set_addresses(company, rows.wanted(), actor=user)
        return saved(request, company, _("%(name)s was added") % {"name": company.name})
    return _form(request, form, rows)


def edit(request: HttpRequest, company_id: int) -> HttpResponse:
    """Change an account."""
    user = user_of(request)
    company = get_object_or_404(access.companies_for(user), pk=company_id)
    form = CompanyForm(posted(request), instance=company, viewer=user)
    is_sent = "address" in request.POST
    rows = AddressRows.sent(request.POST) if is_sent else address_rows(company)
    if request.method == "POST" and form.is_valid() and rows.check():
        with transaction.atomic():
            companies.edit(form.filled(), actor=user)
            if is_sent:
                companies.set_addresses(company, rows.wanted(), actor=user)
        return saved(request, company, _("%(name)s was saved") % {"name": company.name})
    return _form(request, form, rows)


def _form(request: HttpRequest, form: CompanyForm, rows: AddressRows) -> HttpResponse:
    context = {"form": form, "company": form.instance, "addresses": rows}
    return render(request, "companies/form.html", context)


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
