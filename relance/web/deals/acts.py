"""What one does to a deal with one button, and who takes part in it."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from relance.crm import access, deals
from relance.crm.deals import Part
from relance.crm.models import Deal, DealContact, Stage
from relance.lib.text import squeeze
from relance.users.models import User
from relance.web.components.naming import name_of
from relance.web.components.saving import saved
from relance.web.deals.forms import LossForm, PartForm
from relance.web.requests import is_fragment, posted, user_of
from relance.web.shell import toasts

_REASONS = 200  # looked at, for what to propose
_PROPOSED = 12


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
    reason = squeeze(request.POST.get("reason", ""))
    entry = deals.move_to_stage(user_of(request), deal, stage, reason=reason)
    text = _("%(name)s: %(stage)s") % {"name": deal.name, "stage": stage.label}
    if is_fragment(request):
        event = {"kind": "deal", "id": deal.pk}
        events = {"record-saved": event}
        return toasts.attach(HttpResponse(status=204), text, undo=entry.pk, **events)
    toasts.leave(request, text, undo=entry.pk)
    return redirect(deal)


@require_safe
def lose(request: HttpRequest, deal_id: int) -> HttpResponse:
    """Ask why, before the deal is moved to the stage of the lost ones."""
    deal = _deal(request, deal_id)
    used = access.deals_for(user_of(request)).exclude(lost_reason="").order_by("-closed_at")
    reasons = dict.fromkeys(used.values_list("lost_reason", flat=True)[:_REASONS])
    context = {
        "deal": deal,
        "form": LossForm(),
        "reasons": [*reasons][:_PROPOSED],
        "action": reverse("deals:stage", args=[deal.pk]),
    }
    template = "deals/_loss_dialog.html" if is_fragment(request) else "deals/loss.html"
    return render(request, template, {**context, "record": deal})


def add_contact(request: HttpRequest, deal_id: int) -> HttpResponse:
    """Add somebody with a role, or give somebody (?person=) another role."""
    user = user_of(request)
    deal = _deal(request, deal_id)
    form = PartForm(posted(request), viewer=user, initial=_part_asked(request, deal))
    if request.method == "POST" and form.is_valid():
        _put_part(user, deal, Part(form.cleaned_data["person"], form.cleaned_data["role"]))
        return saved(request, deal, _("%(name)s was saved") % {"name": deal.name})
    context = {"deal": deal, "record": deal, "form": form, "roles": _roles()}
    template = "deals/_part_dialog.html" if is_fragment(request) else "deals/part.html"
    return render(request, template, {**context, "action": request.path})


def _part_asked(request: HttpRequest, deal: Deal) -> dict[str, str]:
    asked = request.GET.get("person", "")
    if not asked.isdecimal():
        return {}
    part = deal.contacts.select_related("person").filter(person=int(asked)).first()
    return {"person": name_of(part.person), "role": part.role} if part else {}


def _put_part(user: User, deal: Deal, added: Part) -> None:
    parts = _parts(deal)
    places = [n for n, part in enumerate(parts) if part.person == added.person]
    if places:
        parts[places[0]] = added
    else:
        parts.append(added)
    deals.set_contacts(user, deal, parts)


def _roles() -> list[str]:
    """Usual roles, and those already given."""
    usual = [_("Decision maker"), _("Buyer"), _("Adviser"), _("User"), _("Finance")]
    given = DealContact.objects.exclude(role="").order_by("-pk").values_list("role", flat=True)
    return list(dict.fromkeys([*usual, *given[:_REASONS]]))[:_PROPOSED]


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
