"""What an author does with a mail that has not arrived: edit, send now, try again, settle.

Each act is one conditional change in the outbox; when the mail has gone on meanwhile, nothing is
done and that is said.
"""

from __future__ import annotations

import json

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from relance.files.quota import QuotaReached
from relance.inbox import rewriting, writing
from relance.inbox.visibility import copy_for
from relance.mail import accounts, drafts, jobs, outbox
from relance.mail.models import MessageCopy, Outgoing
from relance.users.models import User
from relance.web.components import delivery
from relance.web.outgoing.access import own_or_404
from relance.web.outgoing.answers import acted
from relance.web.requests import is_fragment, user_of
from relance.web.shell.wording import filesize

_State = Outgoing.State


@require_POST
def edit(request: HttpRequest, outgoing_id: int) -> HttpResponse:
    """Into the composer: the mail is a draft from now on and leaves only when told to."""
    mail, user = own_or_404(request, outgoing_id), user_of(request)
    draft = mail.pk if mail.state == _State.DRAFT else _make_draft(mail, user)
    if draft is None:
        return acted(request, too_late(mail, user))
    return _composer(request, draft)


def _make_draft(mail: Outgoing, user: User) -> int | None:
    """The draft it becomes; None when it is too late. One that is about to leave comes back with
    those that were made of the same draft."""
    if mail.state == _State.SCHEDULED:
        return mail.pk if outbox.hold_for_editing(mail.pk, user) else None
    if mail.state == _State.QUEUED:
        undone = writing.take_back(user, mail.pk)
        return undone.draft.pk if undone.draft else None
    return mail.pk if outbox.take_back(mail.pk, user) else None


@require_POST
def write_again(request: HttpRequest, outgoing_id: int) -> HttpResponse:
    """A new draft of what came back, for those who did not get it, at the address their records
    hold now."""
    mail, user = own_or_404(request, outgoing_id), user_of(request)
    draft = rewriting.for_unreached(user, mail)
    if draft is None:
        return acted(request, _("Everybody has it, as far as is known."))
    return _composer(request, draft.pk)


@require_POST
def adopt(request: HttpRequest, copy_id: int) -> HttpResponse:
    """Go on here with a draft that another program began."""
    user = user_of(request)
    try:
        copy = copy_for(user, copy_id)
        mail = drafts.adopt(user, copy)
    except (MessageCopy.DoesNotExist, drafts.NoSender):
        raise Http404 from None
    except drafts.Unreadable:
        return acted(request, _("This draft could not be read. Open it where it was begun."))
    except QuotaReached as reached:
        size = filesize(reached.size)
        words = _("There is no room for its files (%(size)s). The storage is full.")
        return acted(request, words % {"size": size})
    return _composer(request, mail.pk)


def _composer(request: HttpRequest, draft: int) -> HttpResponse:
    """Over the page one is on, or, without script, on its own."""
    address = reverse("compose:show", args=[draft])
    if not is_fragment(request):
        return redirect(address)
    response = HttpResponse(status=204)
    events = {"compose:open": {"url": address}, "outgoing-acted": {}}
    response["HX-Trigger"] = json.dumps(events)
    return response


@require_POST
def resume(request: HttpRequest, outgoing_id: int) -> HttpResponse:
    """Schedule again, for the same hour, what was opened and is not to be changed after all."""
    mail, user = own_or_404(request, outgoing_id), user_of(request)
    try:
        done = outbox.resume(mail.pk, user)
    except (outbox.NoRecipient, outbox.MayNotSend, drafts.NotADraft):
        done = False
    if not done:
        return acted(request, _("Its hour has passed. Open it, and choose another."))
    at = delivery.hour_ahead(mail.scheduled_at) if mail.scheduled_at else ""
    return acted(request, _("Scheduled again for %(at)s") % {"at": at})


@require_POST
def send_now(request: HttpRequest, outgoing_id: int) -> HttpResponse:
    """Let a scheduled or held mail leave at once."""
    mail, user = own_or_404(request, outgoing_id), user_of(request)
    if not user.may_send:
        return acted(request, _("You may write drafts, not send."))
    if not _send(mail, user):
        return acted(request, too_late(mail, user))
    jobs.deliver_later(mail.pk)
    return acted(request, _("It is on its way"))


def _send(mail: Outgoing, user: User) -> bool:
    if mail.state != _State.SCHEDULED:
        return outbox.try_again(mail.pk, user)
    with transaction.atomic():
        if not outbox.take_back(mail.pk, user):
            return False
        outbox.send(drafts.mine(user).get(pk=mail.pk))
    return True


@require_POST
def again(request: HttpRequest, outgoing_id: int) -> HttpResponse:
    """Try what failed, waits or is uncertain once more, now."""
    mail, user = own_or_404(request, outgoing_id), user_of(request)
    if not outbox.try_again(mail.pk, user):
        return acted(request, too_late(mail, user))
    jobs.deliver_later(mail.pk)
    return acted(request, _("A new attempt is made now"))


@require_POST
def gone(request: HttpRequest, outgoing_id: int) -> HttpResponse:
    """The author knows that an uncertain mail has left."""
    mail, user = own_or_404(request, outgoing_id), user_of(request)
    if not outbox.mark_gone(mail.pk, user):
        return acted(request, too_late(mail, user))
    return acted(request, _("Marked as sent"))


@require_POST
def search(request: HttpRequest, outgoing_id: int) -> HttpResponse:
    """Look for an uncertain mail in its mailbox again."""
    mail = own_or_404(request, outgoing_id)
    accounts.ask_sync(mail.account)
    outbox.settle_uncertain()
    mail.refresh_from_db(fields=["state"])
    if mail.state == _State.SENT:
        return acted(request, _("It was found: it has left"))
    return acted(request, _("Not found so far. The mailbox is being read again; it shows here."))


def too_late(mail: Outgoing, user: User) -> str:
    """Why nothing was done: where the mail is by now."""
    now = Outgoing.objects.filter(pk=mail.pk, author=user).first()
    if now is None or now.state == _State.SENT:
        return _("Too late: it has left.")
    if now.state == _State.SENDING:
        return _("Too late: it is leaving.")
    return _("Nothing was done: it has changed meanwhile.")
