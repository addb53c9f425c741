"""A lead converted in one form; what it was stays to be read."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from relance import journal
from relance.crm import access
from relance.crm.conversion import NotALead
from relance.crm.models import Person
from relance.inbox import conversion
from relance.inbox.conversion import Done
from relance.users.models import User
from relance.web.convert.choices import choices_for
from relance.web.convert.forms import ConvertForm
from relance.web.convert.wording import follows
from relance.web.requests import is_fragment, posted, user_of
from relance.web.shell import toasts
from relance.web.shell.pages import fragment, page

_SECONDS = 12  # for which the toast offers the way back
_AT_ONCE = timedelta(minutes=1)  # a deal made with the conversion is as old as that


@require_http_methods(["GET", "HEAD", "POST"])
def lead(request: HttpRequest, person_id: int) -> HttpResponse:
    """The form, as a dialog or a page; and what it sends. A converted lead leads to its contact."""
    user = user_of(request)
    found = _lead_or_404(user, person_id)
    if found.converted_at is not None:
        return redirect(found.converted_into or "people:list")
    choices = choices_for(user, found)
    form = ConvertForm(posted(request), viewer=user, lead=found, choices=choices)
    if request.method == "POST" and form.is_valid():
        try:
            return _answer(request, found.pk, conversion.convert(user, found, form.wanted()))
        except NotALead:
            return redirect(found)
    context = {
        "lead": found,
        "form": form,
        "choices": choices,
        "primary": choices.primary,
        "follows": follows(conversion.following(user, found)),
        "stay": (request.POST or request.GET).get("stay") == "1",
    }
    if is_fragment(request):
        return fragment(request, "convert/_dialog.html", context)
    return page(request, "convert/page.html", context)


def _answer(request: HttpRequest, lead_id: int, done: Done) -> HttpResponse:
    """Where it was asked for, or to the new contact."""
    contact, entry = done.converted.contact, done.entry
    text = _("%(name)s is a contact now") % {"name": contact.name}
    if is_fragment(request) and request.POST.get("stay") == "1":
        events: dict[str, Any] = {
            "record-saved": {"kind": "person", "id": contact.pk},
            "panel-changed": {},
        }
        return toasts.attach(HttpResponse(status=204), text, undo=entry.pk, **events)
    back = toasts.WayBack(reverse("convert:undo", args=[lead_id, entry.pk]), _SECONDS)
    toasts.leave(request, text, undo=back)
    return _lead_to(request, contact)


@require_POST
def undo(request: HttpRequest, person_id: int, entry_id: int) -> HttpResponse:
    """Take a conversion back, and go where the lead is again: its contact's page is gone."""
    user = user_of(request)
    found = _lead_or_404(user, person_id)
    try:
        journal.undo(entry_id, user)
    except journal.CannotUndo:
        toasts.leave(request, _("This cannot be undone any more."))
        return _lead_to(request, found)
    toasts.leave(request, _("Undone"))
    return _lead_to(request, found)


def _lead_to(request: HttpRequest, person: Person) -> HttpResponse:
    if not is_fragment(request):
        return redirect(person)
    response = HttpResponse(status=204)
    response["HX-Redirect"] = person.get_absolute_url()
    return response


@require_safe
def history(request: HttpRequest, person_id: int) -> HttpResponse:
    """What a converted lead was: read only."""
    user = user_of(request)
    found = _lead_or_404(user, person_id)
    if found.converted_at is None:
        return redirect(found)
    contact = found.converted_into
    readable = access.people_for(user).filter(leads=found).select_related("company")
    deals = access.deals_for(user).filter(
        contacts__person=contact, created_at__gte=found.converted_at - _AT_ONCE
    )
    context = {
        "lead": found,
        "contact": readable.first(),
        "deal": deals.order_by("created_at").first() if contact else None,
        "original": conversion.original_thread(user, found),
    }
    return page(request, "convert/history.html", context)


@require_safe
def origin(request: HttpRequest, person_id: int) -> HttpResponse:
    """Lines of a card: the mail a record was made of, the lead a contact was."""
    user = user_of(request)
    person = get_object_or_404(access.people_for(user), pk=person_id)
    leads = access.people_for(user).filter(converted_into=person).order_by("-converted_at")
    context = {
        "person": person,
        "lead": leads.first(),
        "original": conversion.original_thread(user, person),
    }
    return fragment(request, "convert/_origin.html", context)


@require_safe
def original(request: HttpRequest, person_id: int) -> HttpResponse:
    """To the mail a record was made of."""
    user = user_of(request)
    person = get_object_or_404(access.people_for(user), pk=person_id)
    thread = conversion.original_thread(user, person)
    if thread is None:
        raise Http404
    return redirect("conversation:show", thread)


def _lead_or_404(user: User, person_id: int) -> Person:
    found = access.people_for(user).filter(kind=Person.Kind.LEAD)
    related = ("company", "owner", "converted_into", "created_by")
    return get_object_or_404(found.select_related(*related), pk=person_id)
