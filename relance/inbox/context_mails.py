"""All conversations with somebody: one's own, or all that one may see (PAN-06).

They are read from the mails of her record, or of her address while she has none, so that they
show exactly what the record's list shows (`inbox.related`).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Count, Q

from relance.inbox import related
from relance.inbox.context import SenderContext
from relance.inbox.related import Concern
from relance.inbox.visibility import visible_copies
from relance.mail.models import Folder, Message, MessageCopy
from relance.users.models import User

_READS = (50, 250, 1_000)  # mails looked at: few conversations hold more
_PUT_AWAY = [Folder.Use.TRASH, Folder.Use.SPAM, Folder.Use.DRAFTS]


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation: a copy of its newest mail with that person, with its message and mailbox,
    and how many messages it holds in all."""

    copy: MessageCopy
    count: int

    @property
    def thread_id(self) -> int:
        return self.copy.thread_id or 0

    @property
    def message(self) -> Message:
        assert self.copy.message is not None  # it was found by its message
        return self.copy.message


@dataclass(frozen=True, slots=True)
class Talks:
    """Some of them, the newest first; `next_key` is the cursor for older ones."""

    lines: list[Talk]
    next_key: int | None


def concern_of(who: SenderContext) -> Concern:
    """What makes mails those of this person: all addresses of her record and what was linked to
    it; the address alone while she has none."""
    if who.person is not None:
        return related.concern_of(who.person)
    return Concern(addresses=frozenset({who.address.pk} if who.address else ()))


def talks(
    viewer: User,
    concern: Concern,
    *,
    mine: bool = True,
    before: int | None = None,
    limit: int = 12,
) -> Talks:
    """The conversations, from the cursor on: in the viewer's own mailboxes, or in all she may
    see."""
    newest, cursor = _newest_of_threads(viewer, concern, viewer.pk if mine else None, before, limit)
    if before is not None:
        for thread_id in _begun_later(viewer, concern, newest, before):
            del newest[thread_id]
    shown = list(newest.values())
    if len(shown) > limit:
        shown = shown[:limit]
        cursor = shown[-1].message_id
    counts = _counts(viewer, [copy.thread_id or 0 for copy in shown])
    rows = visible_copies(viewer).select_related("message", "account")
    copies = rows.in_bulk([copy.pk for copy in shown])
    lines = [Talk(copies[c.pk], counts.get(c.thread_id or 0, 1)) for c in shown]
    return Talks(lines, cursor)


def _newest_of_threads(
    viewer: User, concern: Concern, owner: int | None, before: int | None, limit: int
) -> tuple[dict[int, MessageCopy], int | None]:
    """The newest mail of each conversation, one more than `limit` where there are so many; and how
    far was read, None when to the end."""
    found: dict[int, MessageCopy] = {}
    cursor = before
    for count in _READS:
        asked = related.Asked(owner=owner, before=cursor, limit=count)
        copies = related.newest_copies(viewer, concern, asked)
        for copy in copies[:count]:
            found.setdefault(copy.thread_id or 0, copy)
        if len(copies) <= count:
            return found, None
        cursor = copies[count - 1].message_id
        if len(found) > limit:
            break
    return found, cursor


def _begun_later(
    viewer: User, concern: Concern, thread_ids: Collection[int], before: int
) -> set[int]:
    """Those that have a newer mail, and were shown by it."""
    newer = visible_copies(viewer).filter(thread__in=thread_ids, message__gte=before)
    newer = newer.filter(
        Q(message__participants__address__in=concern.addresses) | Q(thread__in=concern.threads)
    )
    rows = newer.exclude(folder__special_use__in=_PUT_AWAY).values_list("thread_id", flat=True)
    return {pk for pk in rows.distinct() if pk}


def _counts(viewer: User, thread_ids: Collection[int]) -> dict[int, int]:
    rows = (
        visible_copies(viewer)
        .filter(thread__in=thread_ids, message__isnull=False)
        .exclude(folder__special_use__in=_PUT_AWAY)
        .order_by()
        .values_list("thread_id")
        .annotate(n=Count("message", distinct=True))
    )
    return {pk: n for pk, n in rows if pk}
