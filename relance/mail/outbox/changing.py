"""What a user does with a mail of hers that is queued: take it back, edit it, try again.

Every act is one conditional UPDATE whose count says who won: the user, or the worker that claims
the mail at the same moment. Never both.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Case, F, Q, QuerySet, Value, When

from relance.lib import clock
from relance.mail import attachments
from relance.mail.models import Outgoing, OutgoingRecipient
from relance.mail.outbox import filing, queueing, telling
from relance.mail.outbox.queueing import FRESH
from relance.mail.outbox.times import EDITING_PATIENCE
from relance.users.models import User

_State, _Recipient = Outgoing.State, OutgoingRecipient.State


def take_back(outgoing_id: int, author: User) -> bool:
    """Make a draft again of what has not left: False when it is too late, or not hers.

    A mail that some recipients have already been sent stays where it is.
    """
    return _make_draft(_retractable(outgoing_id, author), scheduled_at=None, edited_until=None)


def hold_for_editing(outgoing_id: int, author: User) -> bool:
    """Open a scheduled mail for writing: it is a draft until it is sent, scheduled anew or
    resumed. If none of these has happened a quarter of an hour after its hour, its author is told
    that it has not left (D15). False when it is too late, or not hers."""
    rows = _mine(outgoing_id, author).filter(state=_State.SCHEDULED)
    now = clock.now()
    late = When(scheduled_at__lt=now, then=Value(now + EDITING_PATIENCE))  # no worker came yet
    return _make_draft(rows, edited_until=Case(late, default=F("scheduled_at") + EDITING_PATIENCE))


def resume(outgoing_id: int, author: User) -> bool:
    """She looked and changed nothing: the mail is scheduled again for the hour it had."""
    rows = Outgoing.objects.filter(
        pk=outgoing_id, author=author, state=_State.DRAFT, edited_until__gt=clock.now()
    )
    draft = rows.exclude(scheduled_at=None).select_related("author").first()
    if draft is None or draft.scheduled_at is None:
        return False
    hour = draft.scheduled_at
    queueing.queue_draft(
        draft, state=_State.SCHEDULED, queued_at=hour, next_try_at=hour, scheduled_at=hour
    )
    return True


@transaction.atomic
def discard(outgoing_id: int, author: User) -> bool:
    """Throw away what has not left. False when it is too late, or not hers."""
    rows = _retractable(outgoing_id, author) | _mine(outgoing_id, author).filter(state=_State.DRAFT)
    if not _make_draft(rows):
        return False
    outgoing = Outgoing.objects.get(pk=outgoing_id)
    queueing.discard_on_server(outgoing)
    files = list(outgoing.attachments.values_list("blob_id", flat=True))
    outgoing.delete()
    attachments.release(files)
    return True


@transaction.atomic
def try_again(outgoing_id: int, author: User) -> bool:
    """Send what failed, is held, waits or is uncertain, knowing what that may mean."""
    states = [_State.FAILED, _State.UNCERTAIN, _State.HELD, _State.RETRYING]
    rows = _mine(outgoing_id, author).filter(state__in=states)
    now = clock.now()
    # An uncertain mail keeps its date: should it arrive twice, both are the same to the byte.
    date = Case(When(state=_State.UNCERTAIN, then=F("queued_at")), default=Value(now))
    again = rows.update(
        **FRESH,
        state=_State.QUEUED,
        queued_at=date,
        next_try_at=now,
        scheduled_at=None,
        updated_at=now,
    )
    if not again:
        return False
    refused = OutgoingRecipient.objects.filter(outgoing=outgoing_id, state=_Recipient.REFUSED)
    refused.update(state=_Recipient.WAITING, answer="")
    telling.announce(Outgoing.objects.get(pk=outgoing_id))
    return True


@transaction.atomic
def mark_gone(outgoing_id: int, author: User) -> bool:
    """The user knows that an uncertain mail has left (she asked its recipient, say)."""
    rows = _mine(outgoing_id, author).filter(state=_State.UNCERTAIN)
    gone = rows.update(**FRESH, state=_State.SENT, sent_at=F("updated_at"), next_try_at=None)
    if gone:
        filing.settle_as_sent(Outgoing.objects.select_related("account").get(pk=outgoing_id))
    return bool(gone)


def _mine(outgoing_id: int, author: User) -> QuerySet[Outgoing]:
    """That mail, if it is hers and no worker holds it."""
    free = Q(lease_until=None) | Q(lease_until__lt=clock.now())
    return Outgoing.objects.filter(free, pk=outgoing_id, author=author)


def _retractable(outgoing_id: int, author: User) -> QuerySet[Outgoing]:
    states = [_State.QUEUED, _State.SCHEDULED, _State.HELD, _State.FAILED, _State.RETRYING]
    return _mine(outgoing_id, author).filter(state__in=states, sent_at=None)


@transaction.atomic
def _make_draft(rows: QuerySet[Outgoing], **changes: Any) -> bool:
    """Turn that one row into a draft, unless a worker (or another tab) was quicker."""
    pk = rows.values_list("pk", flat=True).first()
    if pk is None:
        return False
    taken = rows.update(
        **(FRESH | {"next_try_at": None} | changes),
        state=_State.DRAFT,
        version=F("version") + 1,
        updated_at=clock.now(),
    )
    if taken:
        OutgoingRecipient.objects.filter(outgoing=pk).delete()
        telling.announce(Outgoing.objects.get(pk=pk))
    return bool(taken)
