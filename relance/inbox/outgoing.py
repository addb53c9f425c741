"""Mail on its way and mail that has left, for whoever may see it.

A mail of another author's is only read: its author alone may change it (SCH-08).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from relance.inbox import columns
from relance.inbox.cards import Card
from relance.inbox.columns import Column
from relance.inbox.visibility import visible_accounts, visible_copies
from relance.lib import clock, keys
from relance.mail import bounces, server_drafts
from relance.mail.models import (
    Bounce,
    Folder,
    MessageCopy,
    Outgoing,
    OutgoingRecipient,
)
from relance.users.models import User

_State, _Recipient = Outgoing.State, OutgoingRecipient.State
_BAD = (_Recipient.REFUSED, _Recipient.BOUNCED)
#: How long a mail that came back asks for a look.
CHECKED_WITHIN = timedelta(days=7)
#: How long its copy may take to come into Sent.
FILED_WITHIN = timedelta(days=1)
_MOST = 100
#: Rates of returned mail are of the last thirty days, and said from this many mails on.
RATE_OVER = timedelta(days=30)
RATE_FROM = 20


@dataclass(frozen=True, slots=True)
class Delivery:
    """What is known of one mail that has left: the row Relance sent it by, if it did, and what
    came back."""

    outgoing: Outgoing | None
    bounces: Sequence[Bounce] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Rate:
    """Of how many recipients in the last thirty days, how many bounced hard."""

    sent: int
    bounced: int

    @property
    def percent(self) -> float:
        return self.bounced * 100 / self.sent if self.sent else 0.0

    @property
    def is_high(self) -> bool:
        """Above 5 %, where mail servers begin to distrust a sender (BNC-10)."""
        return self.sent >= RATE_FROM and self.percent > 5


def readable(viewer: User) -> QuerySet[Outgoing]:
    """What `viewer` may read: her own mails, and those of others from mailboxes she may see, but
    not what they are still writing."""
    others = Q(account__in=visible_accounts(viewer)) & ~Q(state=_State.DRAFT)
    recipients = OutgoingRecipient.objects.select_related("address").order_by("pk")
    reports = Prefetch("bounces", Bounce.objects.order_by("-at", "-pk"))
    return (
        Outgoing.objects.filter(Q(author=viewer) | others)
        .defer("html", "quote_html", "quote_text", "references", "headers")
        .select_related("account", "author")
        .prefetch_related(Prefetch("recipients", recipients.prefetch_related(reports)))
    )


def own(viewer: User, outgoing_id: int) -> Outgoing:
    """That mail, if `viewer` wrote it. Raises Outgoing.DoesNotExist."""
    return readable(viewer).get(pk=outgoing_id, author=viewer)


def drafts_elsewhere(viewer: User) -> list[MessageCopy]:
    """Drafts in her mailboxes that another program began, or changed since."""
    return list(server_drafts.elsewhere(viewer)[:_MOST])


def scheduled(viewer: User) -> list[Outgoing]:
    """Mails that wait for their hour, the next one first."""
    rows = readable(viewer).filter(state=_State.SCHEDULED)
    return list(rows.order_by("scheduled_at", "pk")[:_MOST])


def held(viewer: User) -> list[Outgoing]:
    """Mails that were not sent, each with its reason."""
    return list(readable(viewer).filter(state=_State.HELD).order_by("-updated_at", "-pk")[:_MOST])


def leaving(viewer: User) -> list[Outgoing]:
    """Mails in their undo window, in the queue or on the line, the latest first."""
    rows = readable(viewer).filter(state__in=[_State.QUEUED, _State.SENDING])
    return list(rows.order_by("-queued_at", "-pk")[:_MOST])


def to_check(viewer: User) -> list[Outgoing]:
    """Mails that need a look: uncertain ones, those put off, refused, or come back lately."""
    rows = readable(viewer).filter(_needs_a_look())
    order = {_State.UNCERTAIN: 0, _State.FAILED: 1, _State.SENT: 2, _State.RETRYING: 3}
    found = list(rows.order_by("-queued_at", "-pk")[:_MOST])
    return sorted(found, key=lambda o: order[_State(o.state)])


def to_check_count(viewer: User) -> int:
    return readable(viewer).filter(_needs_a_look()).count()


def _needs_a_look() -> Q:
    waits = Q(state__in=[_State.UNCERTAIN, _State.RETRYING, _State.FAILED])
    since = clock.now() - CHECKED_WITHIN
    return waits | Q(_came_back(), state=_State.SENT, queued_at__gt=since)


def _came_back() -> Exists:
    return Exists(OutgoingRecipient.objects.filter(outgoing=OuterRef("pk"), state__in=_BAD))


def undelivered(viewer: User) -> QuerySet[Outgoing]:
    """Every mail that somebody did not get, the latest first."""
    rows = readable(viewer).filter(Q(_came_back()) | Q(state=_State.FAILED))
    return rows.exclude(state=_State.DRAFT).order_by("-queued_at", "-pk")


def unfiled(viewer: User) -> list[Outgoing]:
    """Mails that have just left and whose copy has not come into Sent yet, the latest first."""
    since = clock.now() - FILED_WITHIN
    rows = readable(viewer).filter(state=_State.SENT, sent_at__gt=since)
    rows = rows.exclude(_came_back())  # those are looked at already
    return without_filed(list(rows.order_by("-sent_at", "-pk")[:_MOST]))


def without_filed(found: Sequence[Outgoing]) -> list[Outgoing]:
    """Those of which no copy is in Sent."""
    if not found:
        return []
    filed = MessageCopy.objects.filter(
        message__message_id_hash__in=[keys.short_hash(o.message_id) for o in found],
        folder__special_use=Folder.Use.SENT,
    )
    known = set(filed.values_list("account_id", "message__message_id"))
    return [o for o in found if (o.account_id, o.message_id) not in known]


def sent(
    viewer: User, *, before: int | None = None, account_ids: Sequence[int] | None = None
) -> Column:
    """What lies in Sent, whichever program sent it, newest first."""
    return columns.folder(viewer, Folder.Use.SENT, before=before, account_ids=account_ids)


def deliveries(viewer: User, cards: Iterable[Card]) -> dict[int, Delivery]:
    """What became of each mail of `sent`, by the key of its copy."""
    return deliveries_of(viewer, [c.copy_id for c in cards if c.copy_id is not None])


def deliveries_of(viewer: User, ids: Sequence[int]) -> dict[int, Delivery]:
    """What became of the mails of these copies, by copy."""
    copies = visible_copies(viewer).filter(pk__in=ids, message__isnull=False)
    known = {
        c: (m, key) for c, m, key in copies.values_list("pk", "message_id", "message__message_id")
    }
    names = {name for _, name in known.values()}
    mails = {o.message_id: o for o in readable(viewer).filter(message_id__in=names - {""})}
    reports = bounces.of_messages({message or 0 for message, _ in known.values()})
    return {
        copy: Delivery(mails.get(name), reports.get(message or 0, ()))
        for copy, (message, name) in known.items()
    }


def bounce_rate(viewer: User) -> Rate:
    """Of her own mails of the last thirty days."""
    since = clock.now() - RATE_OVER
    rows = OutgoingRecipient.objects.filter(outgoing__author=viewer, outgoing__sent_at__gt=since)
    hard = Bounce.objects.filter(
        recipient__outgoing__author=viewer,
        recipient__outgoing__sent_at__gt=since,
        kind=Bounce.Kind.HARD,
    )
    bounced = hard.values("recipient").distinct().count()
    return Rate(rows.count() if bounced else 0, bounced)
