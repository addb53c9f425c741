"""Leads and contacts: listed, shown, made and edited."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from relance.crm import access, people, phones
from relance.crm.models import Person
from relance.web.components.naming import proposed_people, typed
from relance.web.components.saving import saved
from relance.web.people.addresses import AddressRows
from relance.web.people.forms import PersonForm
from relance.web.people.phones import PhoneRows
from relance.web.people.record import (
    Known,
    head_context,
    known_already,
    others_known,
    record_context,
)
from relance.web.records import listing
from relance.web.related_mails import views as related_mails
from relance.web.requests import is_fragment, user_of
from relance.web.shell import toasts
from relance.web.shell.pages import fragment

_PREFILLED = ("first_name", "last_name", "title", "phone", "source", "organisation")


@require_safe
def list_people(request: HttpRequest) -> HttpResponse:
    """Leads (?kind=lead) or contacts."""
    is_lead = _kind(request.GET.get("kind")) == Person.Kind.LEAD
    return listing.page(request, "leads" if is_lead else "contacts")


@require_safe
def show(request: HttpRequest, person_id: int) -> HttpResponse:
    """One person's record; with ?part=head its head alone, to be shown anew."""
    user = user_of(request)
    found = access.people_for(user).select_related("company", "owner", "team", "created_by")
    person = get_object_or_404(found, pk=person_id)
    if person.is_converted:
        return redirect("convert:history", person.pk)
    if request.GET.get("part") == "head" and is_fragment(request):
        return fragment(request, "people/_head.html", head_context(person))
    context = record_context(user, person, request.GET.get("list", ""))
    if not context["shown"]:  # with the page: asked for once it is there, they come visibly later
        panel = related_mails.panel(request, "person", person.pk).content.decode()
        context["mails_panel"] = mark_safe(panel)  # noqa: S308 (rendered by a template of ours)
    return render(request, "people/show.html", context)


@require_safe
def known(request: HttpRequest, person_id: int) -> HttpResponse:
    """Who may be the same person, beside her page: looking takes longer than showing her."""
    user = user_of(request)
    found = access.people_for(user).select_related("company")
    person = get_object_or_404(found, pk=person_id)
    context = {"person": person, "known": others_known(user, person)}
    return fragment(request, "people/_known.html", context)


def create(request: HttpRequest) -> HttpResponse:
    """A new lead or contact, its fields filled from the address where it says so.

    Whoever may be known already is named first; sending the form again adds all the same. As a
    fragment it is a dialog, and what was saved is announced as `record-saved`.
    """
    user = user_of(request)
    form, rows = _new(request)
    if request.method != "POST":
        return _form(request, form, rows, known=known_already(user, form.initial, rows))
    if not (form.is_valid() and rows.check()):
        return _form(request, form, rows)
    known = known_already(user, form.cleaned_data, rows)
    if known and request.POST.get("anyway") != "1":
        return _form(request, form, rows, known=known)
    with transaction.atomic():
        person = people.create_person(user, form.filled(), addresses=rows.wanted())
        phones.set_phones(user, person, PhoneRows.sent(request.POST).numbers())
    return saved(request, person, _("%(name)s was added") % {"name": person.name})


def edit(request: HttpRequest, person_id: int) -> HttpResponse:
    """Change a person; writing over an address asks whether the old one stays (see addresses)."""
    user = user_of(request)
    person = get_object_or_404(access.people_for(user).select_related("company"), pk=person_id)
    if person.is_converted:
        return redirect("convert:history", person.pk)
    if request.method != "POST":
        return _form(request, PersonForm(instance=person, viewer=user), AddressRows.of(person))
    form = PersonForm(request.POST, instance=person, viewer=user)
    rows = AddressRows.sent(request.POST)
    if not (form.is_valid() and rows.check()) or rows.must_ask:
        return _form(request, form, rows)
    with transaction.atomic():
        people.edit(form.filled(), actor=user, addresses=rows.wanted())
        if "phone_number" in request.POST:
            phones.set_phones(user, person, PhoneRows.sent(request.POST).numbers())
    toasts.leave(request, _("%(name)s was saved") % {"name": person.name})
    return redirect(person)


@require_safe
def proposals(request: HttpRequest) -> HttpResponse:
    """Whom a text may name, as options of a datalist."""
    found = proposed_people(user_of(request), typed(request))
    return render(request, "components/_proposals.html", {"proposals": found})


def _new(request: HttpRequest) -> tuple[PersonForm, AddressRows]:
    user = user_of(request)
    person = Person(kind=_kind(request.POST.get("kind") or request.GET.get("kind")))
    person.status = Person.Status.NEW if person.kind == Person.Kind.LEAD else ""
    if request.method == "POST":
        form = PersonForm(request.POST, instance=person, viewer=user)
        return form, AddressRows.sent(request.POST)
    initial = {name: request.GET[name] for name in _PREFILLED if name in request.GET}
    form = PersonForm(instance=person, viewer=user, initial=initial)
    return form, AddressRows.of_texts(request.GET.getlist("address"))


def _form(
    request: HttpRequest,
    form: PersonForm,
    rows: AddressRows,
    *,
    known: list[Known] | None = None,
) -> HttpResponse:
    template = "people/_dialog.html" if is_fragment(request) else "people/form.html"
    is_sent = request.method == "POST"
    context = {
        "form": form,
        "addresses": rows,
        "phones": PhoneRows.sent(request.POST) if is_sent else PhoneRows.of(form.instance),
        "person": form.instance,
        "known": known or [],
    }
    return render(request, template, context)


def _kind(asked: str | None) -> str:
    return asked if asked in Person.Kind.values else str(Person.Kind.CONTACT)
