"""Placing conversations in their columns, and placing them again when something changes.

A conversation stands in the column of its most valuable correspondent among the received messages
still in the inbox (D54). Reports of undelivered mail stand in no column (BNC-09): one about a
mail of ours joins that mail's conversation, any other stays in its folder, and search finds both.
One of which only the header was fetched, too large to be read by itself, stands there like any
mail until somebody opens it. Everything here runs inside the transaction of the change it follows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from django.db import transaction
from django.db.models import Count, F, Q

from relance import live
from relance.addresses.models import EmailAddress
from relance.inbox import links, search
from relance.inbox.models import ColumnCount, Placement, Stream
from relance.inbox.verdicts import NO_SENDER, UNKNOWN, Verdict, trusted, verdicts
from relance.mail.models import Folder, MailAccount, MessageCopy, Participant

_THREADS_AT_ONCE = 400
_MERGED = 2  # threads: when one is joined with another, both have changed
_THREADS_NAMED_IN_AN_EVENT = 60
_FIELDS = [
    "stream",
    "key",
    "is_unread",
    "message_id",
    "message_count",
    "has_attachment",
    "decided_by_id",
]
_NOT_COUNTED = [Folder.Use.TRASH, Folder.Use.SPAM, Folder.Use.DRAFTS]


@dataclass(slots=True)
class Received:
    """The received inbox copies of one thread, as placing needs them."""

    key: int = 0
    message_id: int = 0
    is_unread: bool = False
    has_attachment: bool = False
    senders: dict[int | None, bool] = field(default_factory=dict)  # id -> always failed

    def add(self, row: tuple[int, int | None, bool, int, str], sender: int | None) -> None:
        key, message_id, is_seen, attachments, authentication = row
        if key > self.key:
            self.key, self.message_id = key, message_id or 0
        self.is_unread |= not is_seen
        self.has_attachment |= attachments > 0
        self.senders[sender] = self.senders.get(sender, True) and authentication == "fail"

    def decide(self, known: dict[int, Verdict]) -> tuple[Verdict, int | None]:
        """The best verdict among the senders, and whose it is."""
        options = []
        for sender, failed in self.senders.items():
            verdict = NO_SENDER if sender is None else known.get(sender, UNKNOWN)
            options.append((trusted(verdict, authentication_failed=failed), sender))
        return min(options, key=lambda option: option[0].stream)


def threads_changed(
    account_id: int,
    thread_ids: Collection[int],
    *,
    new_messages: Mapping[int, str] = MappingProxyType({}),
    arrived_message_ids: Sequence[int] = (),
) -> None:
    """Place these threads anew (the mail floor's port `Placer`)."""
    if new_messages:
        search.index(new_messages)
    account = MailAccount.objects.only("owner_id", "address").get(pk=account_id)
    arrived = _newly_arrived(account_id, arrived_message_ids)
    for some in _chunks(sorted(thread_ids), _THREADS_AT_ONCE):
        _place(account, some, arrived)
    if len(thread_ids) == _MERGED:
        links.follow(thread_ids)


@transaction.atomic
def replace_addresses(address_ids: Collection[int]) -> int:
    """Place anew the conversations these addresses write in; returns how many it looked at.

    Follows changes of the CRM (a deal won, an address added, a person deleted or merged). Only
    the threads concerned are touched, whatever the mailbox's size.
    """
    if not address_ids:
        return 0
    pairs = (
        Placement.objects.filter(
            thread__copies__message__participants__address__in=address_ids,
            thread__copies__message__participants__role__in=[
                Participant.Role.FROM,
                Participant.Role.REPLY_TO,
            ],
        )
        .values_list("account_id", "thread_id")
        .distinct()
    )
    by_account: dict[int, set[int]] = defaultdict(set)
    for account_id, thread_id in pairs:
        by_account[account_id].add(thread_id)
    for account_id, threads in by_account.items():
        threads_changed(account_id, threads)
    return sum(map(len, by_account.values()))


@transaction.atomic
def replace_account(account: MailAccount) -> None:
    """Place a whole mailbox anew: after a change of company domains or of the order of rules."""
    ids = list(Placement.objects.filter(account=account).values_list("thread_id", flat=True))
    threads_changed(account.pk, ids)


def on_addresses_affected(address_ids: Collection[int], **_signal: object) -> None:
    """Hears `crm.signals.addresses_affected`, inside the transaction of the change."""
    replace_addresses(address_ids)


def _place(account: MailAccount, thread_ids: Sequence[int], arrived: set[int]) -> None:
    received = _received(account, thread_ids)
    senders = {s for r in received.values() for s in r.senders if s is not None}
    known = verdicts(account, senders)
    sizes = _sizes(received)
    before = {
        p.thread_id: p
        for p in Placement.objects.filter(account_id=account.pk, thread__in=thread_ids)
    }
    after = [_placement(account, t, r, known, sizes) for t, r in received.items()]
    changed = [p for p in after if _differs(before.get(p.thread_id), p)]
    gone = [p for t, p in before.items() if t not in received]
    _write(changed, gone)
    _count(account, before, changed, gone)
    _announce(account, before, changed, gone, arrived)


def _received(account: MailAccount, thread_ids: Sequence[int]) -> dict[int, Received]:
    rows = list(
        MessageCopy.objects.filter(
            thread__in=thread_ids,
            folder__special_use=Folder.Use.INBOX,
            is_outgoing=False,
            message__isnull=False,
        )
        .filter(Q(message__is_bounce=False) | Q(is_partial=True))
        .values_list(
            "thread_id",
            "message__from_address_id",
            "key",
            "message_id",
            "is_seen",
            "message__attachment_count",
            "message__authentication",
        )
    )
    speaking_for = _reply_addresses(account, rows)
    found: dict[int, Received] = {}
    for row in rows:
        thread = found.setdefault(row[0] or 0, Received())
        thread.add(row[2:], speaking_for.get(row[3] or 0, row[1]))
    return found


def _reply_addresses(
    account: MailAccount,
    rows: Iterable[tuple[int | None, int | None, int, int | None, bool, int, str]],
) -> dict[int, int]:
    """Reply-To by message, where From is the mailbox itself (a web form's mail; D3)."""
    own = _own_address_id(account)
    mine = [row[3] for row in rows if row[1] == own and own is not None]
    if not mine:
        return {}
    replies = Participant.objects.filter(message__in=mine, role=Participant.Role.REPLY_TO)
    return {m: a for m, a in replies.values_list("message_id", "address_id") if a != own}


def _own_address_id(account: MailAccount) -> int | None:
    found = EmailAddress.objects.filter(address=account.address.lower()).values_list("pk").first()
    return found[0] if found else None


def _sizes(received: Collection[int]) -> dict[int, int]:
    """Messages of each thread, those in the bin and drafts apart."""
    rows = (
        MessageCopy.objects.filter(
            thread__in=received, message__isnull=False, message__is_bounce=False
        )
        .exclude(folder__special_use__in=_NOT_COUNTED)
        .values("thread_id")
        .annotate(n=Count("message_id", distinct=True))
        .values_list("thread_id", "n")
    )
    return dict(rows)


def _placement(
    account: MailAccount,
    thread_id: int,
    received: Received,
    known: dict[int, Verdict],
    sizes: dict[int, int],
) -> Placement:
    verdict, sender = received.decide(known)
    return Placement(
        account_id=account.pk,
        thread_id=thread_id,
        stream=verdict.stream,
        key=received.key,
        is_unread=received.is_unread,
        message_id=received.message_id,
        message_count=sizes.get(thread_id, 1),
        has_attachment=received.has_attachment,
        decided_by_id=sender,
    )


def _differs(before: Placement | None, after: Placement) -> bool:
    return before is None or any(getattr(before, f) != getattr(after, f) for f in _FIELDS)


def _write(changed: list[Placement], gone: list[Placement]) -> None:
    if gone:
        Placement.objects.filter(pk__in=[p.pk for p in gone]).delete()
    if changed:
        Placement.objects.bulk_create(
            changed,
            update_conflicts=True,
            unique_fields=["thread"],
            update_fields=[f.removesuffix("_id") for f in _FIELDS],
        )


def _count(
    account: MailAccount,
    before: dict[int, Placement],
    changed: list[Placement],
    gone: list[Placement],
) -> None:
    """Carry the difference into the maintained counters."""
    deltas: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    left = [before[p.thread_id] for p in changed if p.thread_id in before] + gone
    for sign, placements in ((1, changed), (-1, left)):
        for p in placements:
            deltas[p.stream][0] += sign
            deltas[p.stream][1] += sign * p.is_unread
    for stream, (total, unread) in deltas.items():
        if not (total or unread):
            continue
        counted = ColumnCount.objects.filter(account_id=account.pk, stream=stream)
        if not counted.update(total=F("total") + total, unread=F("unread") + unread):
            ColumnCount.objects.create(
                account_id=account.pk, stream=stream, total=total, unread=unread
            )


def _announce(
    account: MailAccount,
    before: dict[int, Placement],
    changed: list[Placement],
    gone: list[Placement],
    arrived: set[int],
) -> None:
    if not (changed or gone):
        return
    touched = [*changed, *gone]
    was = [before[p.thread_id] for p in changed if p.thread_id in before]
    threads = [p.thread_id for p in touched]
    live.publish(
        "inbox.changed",
        {
            "account": account.pk,
            "threads": threads if len(threads) <= _THREADS_NAMED_IN_AN_EVENT else [],
            "streams": sorted({int(p.stream) for p in [*touched, *was]}),
            "new": [p.thread_id for p in changed if p.message_id in arrived],
        },
        user_id=account.owner_id,
    )


def _newly_arrived(account_id: int, message_ids: Sequence[int]) -> set[int]:
    """Those that are news: received, unread, and not part of the mailbox's history."""
    if not message_ids:
        return set()
    copies = MessageCopy.objects.filter(
        account_id=account_id,
        message__in=message_ids,
        is_history=False,
        is_outgoing=False,
        is_seen=False,
    )
    return set(copies.values_list("message_id", flat=True))


def _chunks(ids: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), size):
        yield ids[start : start + size]


__all__ = ["Stream", "replace_account", "replace_addresses", "threads_changed"]
