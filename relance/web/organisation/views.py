"""The organisation's settings."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from relance.addresses.models import CompanyDomain
from relance.users.models import Organisation
from relance.web.organisation import replacing
from relance.web.organisation.access import admins_only
from relance.web.organisation.forms import DomainForm, OrganisationForm
from relance.web.shell import toasts


@admins_only
def edit(request: HttpRequest) -> HttpResponse:
    """Show and save the settings."""
    organisation = _organisation()
    form = OrganisationForm(request.POST or None, instance=organisation)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            form.save()
            if "domain_first" in form.changed_data:
                replacing.order_changed()
        toasts.leave(request, _("Settings saved"))
        return redirect("organisation:edit")
    return _page(request, form, DomainForm())


@admins_only
@require_POST
def add_domain(request: HttpRequest) -> HttpResponse:
    """From now on senders of this domain are colleagues; mail already here moves too."""
    form = DomainForm(request.POST)
    if not form.is_valid():
        return _page(request, OrganisationForm(instance=_organisation()), form)
    with transaction.atomic():
        replacing.domain_changed(form.save())
    toasts.leave(request, _("Domain added"))
    return redirect("organisation:edit")


@admins_only
@require_POST
def remove_domain(request: HttpRequest, domain_id: int) -> HttpResponse:
    """Senders of this domain are no colleagues any more."""
    domain = get_object_or_404(CompanyDomain, pk=domain_id)
    with transaction.atomic():
        CompanyDomain.objects.filter(pk=domain.pk).delete()
        replacing.domain_changed(domain)
    toasts.leave(request, _("Domain removed"))
    return redirect("organisation:edit")


def _organisation() -> Organisation:
    return Organisation.current() or Organisation()


def _page(request: HttpRequest, form: OrganisationForm, domain_form: DomainForm) -> HttpResponse:
    context = {
        "form": form,
        "domain_form": domain_form,
        "domains": CompanyDomain.objects.order_by("domain"),
    }
    return render(request, "organisation/edit.html", context)
