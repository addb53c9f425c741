"""Which conversation a message belongs to (SYN-08).

First by the Message-IDs it names (References, In-Reply-To; RFC 5322, section 3.6.4), also of
messages that have not arrived. Only a reply that names none is joined by its subject, and then
only to a recent conversation of the same mailbox with a correspondent in common, so that "Devis"
from two customers never merges.

What somebody corrected by hand (`mail.corrections`) wins: a message stays where it was put, and
conversations that were told apart are never joined again by what a later mail names.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from relance.lib.keys import short_hash
from relance.mail import ports, rows
from relance.mail.models import (
    MailAccount,
    MessageCopy,
    Outgoing,
    Participant,
    Thread,
    ThreadReference,
)

_LAST_REFERENCES = 50
_SUBJECT_WITHIN = timedelta(days=60)


@dataclass(slots=True)
class Incoming:
    """What threading looks at. `others` are address ids of everybody on it but the owner."""

    own_id: str
    names: Sequence[str]
    base_subject: str
    is_reply: bool
    received_at: datetime
    others: Collection[int] = field(default_factory=frozenset)
    identity: int = 0  # `Message.message_id_hash`, which a mail without Message-ID has too
    hashes: list[int] = field(init=False)

    def __post_init__(self) -> None:
        """Hash its own id and those it names: the first, which began it all, and the latest."""
        names = list(self.names)
        if len(names) > _LAST_REFERENCES:
            names = names[:1] + names[-_LAST_REFERENCES:]
        ids = [self.own_id, *names] if self.own_id else names
        self.hashes = list(dict.fromkeys(short_hash(i) for i in ids))


class Assigner:
    """Threads for a batch of messages of one mailbox. Call inside the storing transaction."""

    def __init__(self, account: MailAccount) -> None:
        self.account = account
        self._by_hash: dict[int, Thread] = {}
        self._alone: set[int] = set()
        self._new_hashes: dict[int, Thread] = {}
        self._new_threads: list[Thread] = []
        self._merged: dict[int, Thread] = {}  # id() of a thread absorbed -> by which
        self._losers: list[Thread] = []
        self._rows: dict[int, Thread] = {}
        self._of_batch: dict[str, list[tuple[Incoming, Thread]]] = {}

    def assign(self, batch: Sequence[Incoming]) -> tuple[list[Thread], set[int]]:
        """(the thread of each message, ids of threads that were emptied by merging)."""
        self._load({h for m in batch for h in (*m.hashes, m.identity)})
        chosen = [self._choose(message) for message in batch]
        final = [self._final(thread) for thread in chosen]
        emptied = self._save()
        return final, emptied

    def _load(self, hashes: Collection[int]) -> None:
        rows = ThreadReference.objects.filter(
            account=self.account, reference_hash__in=hashes
        ).select_related("thread")
        for row in rows:
            self._by_hash[row.reference_hash] = self._canonical(row.thread)
            if row.is_alone:
                self._alone.add(row.reference_hash)

    def _canonical(self, thread: Thread) -> Thread:
        """One object a row, since merging tells threads apart by identity."""
        return self._rows.setdefault(thread.pk, thread)

    def _choose(self, message: Incoming) -> Thread:
        hashes = message.hashes
        thread = self._by_reference(message, hashes)
        if thread is None and message.is_reply and not message.names:
            thread = self._by_subject(message)
        if thread is None:
            thread = Thread(account=self.account, base_subject=message.base_subject)
            self._new_threads.append(thread)
        for h in hashes:
            if h not in self._by_hash:
                self._new_hashes[h] = thread
            self._by_hash[h] = thread
        self._of_batch.setdefault(message.base_subject, []).append((message, thread))
        return thread

    def _by_reference(self, message: Incoming, hashes: Sequence[int]) -> Thread | None:
        """Where it was put by hand; else the conversation of what it names, all of them joined
        into one, unless somebody told them apart: then that of the nearest mail named."""
        own = hashes[0] if message.own_id else message.identity
        placed = self._known(own)
        if placed is not None and placed.is_corrected:
            return placed
        named = [h for h in hashes if h == own or h not in self._alone]
        found = {id(t): t for h in named if (t := self._known(h)) is not None}
        if len(found) > 1 and any(t.is_corrected for t in found.values()):
            nearest = (self._known(h) for h in reversed(named))
            return next((t for t in nearest if t is not None), None)
        return self._join(list(found.values())) if found else None

    def _known(self, reference_hash: int) -> Thread | None:
        thread = self._by_hash.get(reference_hash)
        return None if thread is None else self._final(thread)

    def _final(self, thread: Thread) -> Thread:
        while (absorbed := self._merged.get(id(thread))) is not None:
            thread = absorbed
        return thread

    def _join(self, threads: list[Thread]) -> Thread:
        """Several conversations turn out to be one: the oldest row keeps them all."""
        threads.sort(key=lambda t: t.pk or (1 << 62))
        survivor = threads[0]
        for other in threads[1:]:
            self._merged[id(other)] = survivor
            self._losers.append(other)
        return survivor

    def _by_subject(self, message: Incoming) -> Thread | None:
        if not message.base_subject or not message.others:
            return None
        for other, thread in self._of_batch.get(message.base_subject, ()):
            near = abs(other.received_at - message.received_at) <= _SUBJECT_WITHIN
            if near and not set(other.others).isdisjoint(message.others):
                return self._final(thread)
        recent = MessageCopy.objects.filter(
            thread__account=self.account,
            thread__base_subject=message.base_subject,
            received_at__gte=message.received_at - _SUBJECT_WITHIN,
            received_at__lte=message.received_at + _SUBJECT_WITHIN,
            message__participants__address__in=message.others,
            message__participants__role__in=[
                Participant.Role.FROM,
                Participant.Role.TO,
                Participant.Role.CC,
            ],
        )
        copy = recent.select_related("thread").order_by("-received_at").first()
        return self._canonical(copy.thread) if copy and copy.thread else None

    def _save(self) -> set[int]:
        kept = [t for t in self._new_threads if id(t) not in self._merged]
        Thread.objects.bulk_create(kept)
        references = [(self.account.pk, h, self._final(t).pk) for h, t in self._new_hashes.items()]
        rows.insert(ThreadReference, ("account_id", "reference_hash", "thread_id"), references)
        emptied: set[int] = set()
        for loser in self._losers:
            if loser.pk:
                merge(loser, self._final(loser))
                emptied.add(loser.pk)
        return emptied


def merge(loser: Thread, survivor: Thread) -> None:
    """Move everything of `loser` into `survivor`, and end it. Inside a transaction."""
    MessageCopy.objects.filter(thread=loser).update(thread=survivor)
    ThreadReference.objects.filter(thread=loser).update(thread=survivor)
    Outgoing.objects.filter(thread=loser).update(thread=survivor)
    ports.placer.threads_changed(survivor.account_id, {loser.pk, survivor.pk})
    Thread.objects.filter(pk=loser.pk).delete()
