"""Making a sender known: a lead, a contact, a colleague, or another address of somebody known."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from relance.addresses.models import EmailAddress
from relance.crm import access, deals, people
from relance.crm.models import Person, Stage
from relance.files.quota import QuotaReached
from relance.inbox import conversion_from_mail, record_files, senders
from relance.inbox.senders import Prefill
from relance.journal.models import Entry
from relance.mail.models import Thread
from relance.users.models import User
from relance.web.conversation.forms import SenderForm
from relance.web.requests import is_fragment, user_of
from relance.web.shell import toasts
from relance.web.shell.pages import fragment, page

_KINDS = {"lead": Person.Kind.LEAD, "contact": Person.Kind.CONTACT}
_OUTCOMES = {"won": Stage.Kind.WON, "lost": Stage.Kind.LOST}


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest, thread_id: int, kind: str) -> HttpResponse:
    """The dialog to add the sender, or whoever of the conversation has ?address=, filled with what
    the mail tells; and what it sends."""
    if kind not in {*_KINDS, "colleague"}:
        raise Http404
    prefill, viewer = _prefill(request, thread_id), user_of(request)
    form = SenderForm.proposed(prefill, viewer)
    if request.method == "POST" and kind in _KINDS:
        form = SenderForm(request.POST, viewer=viewer, prefill=prefill)
        if form.is_valid() and (made := _added(viewer, form, kind, prefill=prefill)):
            text, entry = made
            return _done(request, thread_id, text, undo=entry.pk if entry else None)
    return _dialog(request, thread_id, form, kind, prefill=prefill)


def _prefill(request: HttpRequest, thread_id: int) -> Prefill:
    """What the mail tells of the one asked for. Nobody is added whose record is there, hidden."""
    asked = request.GET.get("address", "")
    if asked and not (asked.isascii() and asked.isdigit() and len(asked) < 19):
        raise Http404
    try:
        prefill = senders.prefill(user_of(request), thread_id, int(asked) if asked else None)
    except (Thread.DoesNotExist, EmailAddress.DoesNotExist):
        raise Http404 from None
    if not prefill.address or prefill.is_locked:
        raise Http404
    return prefill


def _dialog(
    request: HttpRequest, thread_id: int, form: SenderForm, kind: str, *, prefill: Prefill
) -> HttpResponse:
    shown = {
        "thread_id": thread_id,
        "form": form,
        "kind": kind,
        "prefill": prefill,
        "of_address": f"?address={prefill.address_id}",
        "files": ", ".join(a.filename for a in prefill.attachments if a.filename),
        "name": f"{prefill.first_name} {prefill.last_name}".strip() or prefill.address,
    }
    status = 422 if form.errors else 200
    if is_fragment(request):
        return fragment(request, "conversation/_add.html", shown, status=status)
    return page(request, "conversation/add.html", shown, status=status)


def _added(
    viewer: User, form: SenderForm, kind: str, *, prefill: Prefill
) -> tuple[str, Entry | None] | None:
    """Makes the record, and words it; None, with the reason in the form, when its files cannot be
    kept. Two who add somebody at once make one record, unless the second asks for another."""
    files = prefill.attachments if form.cleaned_data.get("with_files") else ()
    text = _("Lead added") if kind == "lead" else _("Contact added")
    try:
        with transaction.atomic():
            address = EmailAddress.objects.select_for_update().get(pk=prefill.address_id)
            there = None if form.cleaned_data["again"] else senders.known_by(viewer, address)
            if there is not None:
                return _("%(name)s is known already") % {"name": there.name}, None
            person = form.person(_KINDS[kind], actor=viewer)
            if prefill.copy is None:  # only written to, by a mail that has not left
                people.create_person(viewer, person, addresses=[address.address])
                return text, None
            return text, conversion_from_mail.add_from_mail(
                viewer, prefill.copy, person, addresses=[address.address], attachments=files
            )
    except record_files.Unreadable:
        form.add_error("with_files", _("The mail is not here whole. Load it first."))
    except QuotaReached:
        form.add_error("with_files", _("There is no room left for files."))
    return None


@require_POST
def join(request: HttpRequest, thread_id: int, person_id: int) -> HttpResponse:
    """The sender is somebody known, writing from another address: keep that address too."""
    prefill, user = _prefill(request, thread_id), user_of(request)
    person = get_object_or_404(access.people_for(user), pk=person_id)
    entry = senders.join(user, person, prefill.address)
    text = _("%(address)s is now an address of %(name)s")
    text %= {"address": prefill.address, "name": person.name}
    return _done(request, thread_id, text, undo=entry.pk)


@require_POST
def colleague(request: HttpRequest, thread_id: int) -> HttpResponse:
    """From now on the sender is a colleague, for this user."""
    prefill = _prefill(request, thread_id)
    entry = senders.add_colleague(user_of(request), prefill.address)
    return _done(request, thread_id, _("Colleague added"), undo=entry.pk)


@require_POST
def not_colleague(request: HttpRequest, thread_id: int) -> HttpResponse:
    """Take that decision back."""
    prefill = _prefill(request, thread_id)
    entry = senders.remove_colleague(user_of(request), prefill.address)
    undo = entry.pk if entry else None
    return _done(request, thread_id, _("No longer a colleague"), undo=undo)


@require_POST
def close_deal(request: HttpRequest, thread_id: int, deal_id: int, outcome: str) -> HttpResponse:
    """Win or lose a deal without leaving the conversation."""
    kind = _OUTCOMES.get(outcome)
    stage = Stage.objects.filter(kind=kind).first() if kind else None
    if stage is None:
        raise Http404
    user = user_of(request)
    deal = get_object_or_404(access.deals_for(user), pk=deal_id)
    entry = deals.move_to_stage(user, deal, stage)
    text = _("Deal won") if outcome == "won" else _("Deal lost")
    return _done(request, thread_id, text, undo=entry.pk)


def _done(
    request: HttpRequest, thread_id: int, text: str, *, undo: int | None = None
) -> HttpResponse:
    if is_fragment(request):
        changed: dict[str, Any] = {"panel-changed": {"thread": thread_id}}
        return toasts.attach(HttpResponse(status=204), text, undo=undo, **changed)
    toasts.leave(request, text, undo=undo)
    return redirect("conversation:show", thread_id)
