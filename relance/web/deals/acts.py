"""What one does to a deal with one button, and who takes part in it."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from relance.crm import access, deals
from relance.crm.deals import Part
from relance.crm.models import Deal, Stage
from relance.web.deals.forms import PartForm
from relance.web.deals.views import deal_context
from relance.web.requests import is_fragment, user_of
from relance.web.shell import toasts


@require_POST
def delete(request: HttpRequest, deal_id: int) -> HttpResponse:
    """Delete, and go to the list with a way back."""
    deal = _deal(request, deal_id)
    entry = deals.delete(user_of(request), deal)
    toasts.leave(request, _("%(name)s was deleted") % {"name": deal.name}, undo=entry.pk)
    return redirect("deals:list")


@require_POST
def move(request: HttpRequest, deal_id: int) -> HttpResponse:
    """Move to the stage named by `stage` (a key), or to the first one of `kind`."""
    deal = _deal(request, deal_id)
    stage = _stage_asked(request)
    entry = deals.move_to_stage(user_of(request), deal, stage)
    text = _("%(name)s: %(stage)s") % {"name": deal.name, "stage": stage.label}
    if is_fragment(request):
        event = {"kind": "deal", "id": deal.pk}
        events = {"record-saved": event}
        return toasts.attach(HttpResponse(status=204), text, undo=entry.pk, **events)
    toasts.leave(request, text, undo=entry.pk)
    return redirect(deal)


@require_POST
def add_contact(request: HttpRequest, deal_id: int) -> HttpResponse:
    """Add somebody with a role, or give somebody another role."""
    user = user_of(request)
    deal = _deal(request, deal_id)
    form = PartForm(request.POST, viewer=user)
    if not form.is_valid():
        return render(request, "deals/show.html", deal_context(user, deal, form))
    added = Part(form.cleaned_data["person"], form.cleaned_data["role"])
    parts = _parts(deal)
    places = [n for n, part in enumerate(parts) if part.person == added.person]
    if places:
        parts[places[0]] = added
    else:
        parts.append(added)
    deals.set_contacts(user, deal, parts)
    return redirect(deal)


@require_POST
def make_primary(request: HttpRequest, deal_id: int, person_id: int) -> HttpResponse:
    """Make somebody the primary contact."""
    return _rearrange(request, deal_id, person_id, lambda part, others: [part, *others])


@require_POST
def remove_contact(request: HttpRequest, deal_id: int, person_id: int) -> HttpResponse:
    """Take somebody out of the deal."""
    return _rearrange(request, deal_id, person_id, lambda _part, others: others)


def _rearrange(
    request: HttpRequest,
    deal_id: int,
    person_id: int,
    arrange: Callable[[Part, list[Part]], list[Part]],
) -> HttpResponse:
    deal = _deal(request, deal_id)
    get_object_or_404(deal.contacts, person=person_id)
    parts = _parts(deal)
    chosen = next(part for part in parts if part.person.pk == person_id)
    others = [part for part in parts if part is not chosen]
    deals.set_contacts(user_of(request), deal, arrange(chosen, others))
    return redirect(deal)


def _deal(request: HttpRequest, deal_id: int) -> Deal:
    found = access.deals_for(user_of(request)).select_related("stage", "company", "owner")
    return get_object_or_404(found, pk=deal_id)


def _parts(deal: Deal) -> list[Part]:
    contacts = deal.contacts.select_related("person__company")
    return [Part(contact.person, contact.role) for contact in contacts]


def _stage_asked(request: HttpRequest) -> Stage:
    asked = request.POST.get("stage", "")
    if asked.isdecimal():
        return get_object_or_404(Stage, pk=int(asked))
    return get_object_or_404(Stage.objects.filter(kind=request.POST.get("kind", ""))[:1])
