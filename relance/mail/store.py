"""Keeping mail and placing it, each safe to repeat.

Keep: the source and the copy, idempotent on (folder, uidvalidity, uid); the attempt to parse is
counted in the same transaction, before it starts. Place: the message (found again by its
Message-ID and digest), its people and files, its thread, and the column through the port. Both in
one transaction for a mail that another process has parsed without dying of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from relance.lib import keys
from relance.mail import counting, ports, sources
from relance.mail.models import Folder, MailAccount, MessageCopy
from relance.mail.storing import Storing, insert_copies, stand_in
from relance.mime.message import ParsedMessage


@dataclass(frozen=True, slots=True)
class Arrival:
    """One mail as fetched, its source hashed and compressed by the thread that read it."""

    uid: int
    flags: frozenset[str]
    received_at: datetime
    size: int
    raw: bytes
    sha256: bytes
    packed: bytes | None
    is_partial: bool = False


@transaction.atomic
def keep(folder: Folder, arrivals: Sequence[Arrival], *, is_history: bool) -> list[MessageCopy]:
    """Keep these mails; returns the copies made. Those kept before are left alone."""
    copies = _unknown(folder, arrivals, is_history=is_history)
    insert_copies(copies)
    return copies


@transaction.atomic
def keep_and_place(
    account: MailAccount,
    folder: Folder,
    pairs: Sequence[tuple[Arrival, ParsedMessage]],
    *,
    is_history: bool,
) -> int:
    """The same as `keep`, then `place`, for mails parsed already: one transaction, each row
    written once. Returns how many were new."""
    copies = _unknown(folder, [a for a, _ in pairs], is_history=is_history)
    parsed = {a.uid: p for a, p in pairs}
    if copies:
        _place(account, [(c, parsed[c.uid or 0]) for c in copies])
    return len(copies)


def _unknown(folder: Folder, arrivals: Sequence[Arrival], *, is_history: bool) -> list[MessageCopy]:
    """Copies, not written yet, of those mails the folder has not; their sources are kept, and the
    folder's counts are carried on."""
    known = set(
        MessageCopy.objects.filter(
            folder=folder, uidvalidity=folder.uidvalidity, uid__in=[a.uid for a in arrivals]
        ).values_list("uid", flat=True)
    )
    fresh = [a for a in arrivals if a.uid not in known]
    sources.keep((a.sha256, a.raw, a.packed) for a in fresh)
    unread = sum("\\seen" not in {f.lower() for f in a.flags} for a in fresh)
    counting.move(folder.pk, total=len(fresh), unread=unread)
    return [_copy(folder, a, is_history=is_history) for a in fresh]


def _copy(folder: Folder, arrival: Arrival, *, is_history: bool) -> MessageCopy:
    flags = {f.lower() for f in arrival.flags}
    return MessageCopy(
        account_id=folder.account_id,
        folder=folder,
        uidvalidity=folder.uidvalidity,
        uid=arrival.uid,
        key=keys.date_major_key(arrival.received_at),
        received_at=arrival.received_at,
        size=arrival.size,
        raw_id=arrival.sha256,
        is_partial=arrival.is_partial,
        is_history=is_history,
        is_seen="\\seen" in flags,
        is_flagged="\\flagged" in flags,
        is_answered="\\answered" in flags,
        is_draft="\\draft" in flags,
        attempts=1,
    )


@transaction.atomic
def place(account: MailAccount, pairs: Sequence[tuple[MessageCopy, ParsedMessage]]) -> set[int]:
    """Store what was parsed and place its threads; returns the threads touched."""
    still = set(
        MessageCopy.objects.filter(
            pk__in=[c.pk for c, _ in pairs], stage=MessageCopy.Stage.KEPT
        ).values_list("pk", flat=True)
    )
    pairs = [(c, p) for c, p in pairs if c.pk in still]
    return _place(account, pairs) if pairs else set()


def _place(account: MailAccount, pairs: Sequence[tuple[MessageCopy, ParsedMessage]]) -> set[int]:
    storing = Storing(account)
    threads = storing.store(pairs)
    fresh = [c for c, _ in pairs if not c.is_history]
    arrived = _arrived(fresh)
    ports.placer.threads_changed(
        account.pk,
        threads,
        new_messages=storing.new_messages,
        arrived_message_ids=arrived,
    )
    if arrived:
        firsts = {c.message_id: c.pk for c in reversed(fresh) if c.message_id in arrived}
        ports.arrivals.arrived(account.pk, sorted(firsts.values()))
    return threads


def _arrived(copies: Sequence[MessageCopy]) -> list[int]:
    """Messages of these fresh copies of which the mailbox had no other copy."""
    found = {c.message_id for c in copies if c.message_id}
    if not found:
        return []
    others = MessageCopy.objects.filter(
        account=copies[0].account_id, message__in=found, pk__lt=min(c.pk for c in copies)
    )
    return sorted(found - set(others.values_list("message_id", flat=True)))


def set_aside(account: MailAccount, copy: MessageCopy, source: bytes) -> None:
    """Two deaths of the parser: the mail is listed as unreadable, its source available."""
    with transaction.atomic():
        place(account, [(copy, stand_in(source))])
        MessageCopy.objects.filter(pk=copy.pk).update(stage=MessageCopy.Stage.QUARANTINED)


@transaction.atomic
def forget(folder: Folder, copies: Sequence[MessageCopy]) -> None:
    """The server has these no more: drop our copies. The messages stay for whoever else has
    them."""
    threads = {c.thread_id for c in copies if c.thread_id}
    MessageCopy.objects.filter(pk__in=[c.pk for c in copies]).delete()
    unread = sum(not c.is_seen for c in copies)
    counting.move(folder.pk, total=-len(copies), unread=-unread)
    ports.placer.threads_changed(folder.account_id, threads)


@transaction.atomic
def set_flags(folder: Folder, changes: Sequence[tuple[MessageCopy, frozenset[str]]]) -> None:
    """Take over the server's flags for these copies."""
    threads: set[int] = set()
    unread = 0
    for copy, words in changes:
        flags = {f.lower() for f in words}
        seen = "\\seen" in flags
        if seen != copy.is_seen and copy.thread_id:
            threads.add(copy.thread_id)
        unread += int(copy.is_seen) - int(seen)
        copy.is_seen = seen
        copy.is_flagged = "\\flagged" in flags
        copy.is_answered = "\\answered" in flags
        copy.is_draft = "\\draft" in flags
    MessageCopy.objects.bulk_update(
        [c for c, _ in changes],
        ["is_seen", "is_flagged", "is_answered", "is_draft"],
        batch_size=100,
    )
    counting.move(folder.pk, unread=unread)
    if threads:
        ports.placer.threads_changed(folder.account_id, threads)


def place_again(copy: MessageCopy) -> None:
    """Have the thread of a copy that was put back placed anew."""
    if copy.thread_id:
        ports.placer.threads_changed(copy.account_id, {copy.thread_id})
