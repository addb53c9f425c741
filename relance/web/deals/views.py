"""Deals: listed, shown, made and edited."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from relance.crm import access, deals
from relance.crm.models import Person
from relance.users.models import User
from relance.web.components.naming import people_named
from relance.web.components.saving import saved
from relance.web.deals.forms import DealForm
from relance.web.deals.record import head_context, record_context
from relance.web.records import listing
from relance.web.requests import is_fragment, user_of
from relance.web.shell.pages import fragment


@require_safe
def list_deals(request: HttpRequest) -> HttpResponse:
    """The deals: open ones first, with totals of all of them."""
    return listing.page(request, "deals")


@require_safe
def show(request: HttpRequest, deal_id: int) -> HttpResponse:
    """One deal: its stage, its people; with ?part= its head or its people alone, shown anew."""
    user = user_of(request)
    related = ("stage", "company", "owner", "team", "created_by")
    deal = get_object_or_404(access.deals_for(user).select_related(*related), pk=deal_id)
    part = _PARTS.get(request.GET.get("part", "")) if is_fragment(request) else None
    if part:
        return fragment(request, part, head_context(deal))
    return render(request, "deals/show.html", record_context(user, deal))


_PARTS = {"head": "deals/_head.html", "contacts": "deals/_contacts.html"}


def create(request: HttpRequest) -> HttpResponse:
    """A new deal, with the person of ?person= as its primary contact.

    As a fragment it is a dialog, and what was saved is announced as `record-saved`.
    """
    user = user_of(request)
    person = _person_asked(request, user)
    if request.method == "GET" and person and person.kind == Person.Kind.LEAD:
        return redirect("convert:lead", person.pk)
    initial = {"organisation": request.GET.get("company", ""), "name": request.GET.get("name", "")}
    form = DealForm(request.POST or None, viewer=user, person=person, initial=initial)
    if request.method == "POST" and form.is_valid():
        contact: Person | None = form.cleaned_data["person"]
        with transaction.atomic():
            parts = [deals.Part(contact)] if contact else []
            deal = deals.create_deal(user, form.filled(), parts=parts)
        return saved(request, deal, _("%(name)s was added") % {"name": deal.name})
    template = "deals/_dialog.html" if is_fragment(request) else "deals/form.html"
    becomes_contact = person is not None and person.kind == Person.Kind.LEAD
    context = {"form": form, "deal": form.instance, "lead": person if becomes_contact else None}
    return render(request, template, context)


def edit(request: HttpRequest, deal_id: int) -> HttpResponse:
    """Change a deal; its people are changed on its page."""
    user = user_of(request)
    deal = get_object_or_404(access.deals_for(user).select_related("company"), pk=deal_id)
    form = DealForm(request.POST or None, instance=deal, viewer=user)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            deals.edit(user, form.filled())
        return saved(request, deal, _("%(name)s was saved") % {"name": deal.name})
    return render(request, "deals/form.html", {"form": form, "deal": deal})


def _person_asked(request: HttpRequest, viewer: User) -> Person | None:
    if written := request.POST.get("person", ""):
        return people_named(viewer, written).first()
    asked = request.GET.get("person", "")
    if not asked.isdecimal():
        return None
    people = access.people_for(viewer).select_related("company")
    return people.filter(pk=int(asked)).first()
