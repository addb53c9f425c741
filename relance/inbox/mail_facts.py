"""What conditions ask of one mail, read once for many conditions, and together for many mails."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cached_property
from zoneinfo import ZoneInfo

from relance.criteria.rows import Folded
from relance.crm.models import Company, Deal, DealContact, Person, PersonAddress, Stage
from relance.inbox import mail_fields
from relance.inbox.models import Placement, ThreadLabel
from relance.lib.text import fold
from relance.mail.models import Attachment, Message, MessageBody, MessageCopy, Participant

_FEW = 5


class Facts:
    """One mail of a batch. Texts are folded, for that is how they are compared."""

    def __init__(self, copy: MessageCopy, batch: _Batch) -> None:
        assert copy.message is not None  # what could not be read meets no condition
        self.copy = copy
        self.message: Message = copy.message
        self._batch = batch

    def in_roles(self, *roles: Participant.Role) -> list[Folded]:
        known = self._batch.participants[self.message.pk]
        return [address for role, address in known if role in roles]

    @cached_property
    def sender(self) -> Folded:
        address = self.message.from_address
        return _folded(address.address if address else "")

    @cached_property
    def sender_name(self) -> Folded:
        return _folded(self.message.from_name)

    @cached_property
    def subject(self) -> Folded:
        return _folded(self.message.subject)

    @cached_property
    def text(self) -> Folded:
        return _folded(self._batch.texts.get(self.message.pk, ""))

    @cached_property
    def attachment_names(self) -> list[Folded]:
        return self._batch.attachments[self.message.pk]

    @cached_property
    def labels(self) -> list[Folded]:
        return self._batch.labels[self.copy.thread_id or 0]

    @cached_property
    def stream(self) -> int | None:
        return self._batch.streams.get(self.copy.thread_id or 0)

    @cached_property
    def people(self) -> list[Person]:
        return self._batch.people[self.message.from_address_id or 0]

    @cached_property
    def accounts(self) -> list[Company]:
        found = {
            p.company.pk: p.company
            for p in self.people
            if p.company is not None and p.company.deleted_at is None
        }
        return list(found.values())

    @cached_property
    def deals(self) -> list[Deal]:
        contacts = [p.pk for p in self.people if p.kind == Person.Kind.CONTACT]
        found = {d.pk: d for pk in contacts for d in self._batch.deals[pk]}
        return list(found.values())

    def closes_in_month(self, zone: ZoneInfo) -> bool:
        """Does a deal of the sender's, not lost, close in the month the mail came (D43)?"""
        came = self.copy.received_at.astimezone(zone)
        return any(
            (deal.closes_on.year, deal.closes_on.month) == (came.year, came.month)
            for deal in self.deals
            if deal.stage.kind != Stage.Kind.LOST
        )


def facts_of(copies: Sequence[MessageCopy]) -> list[Facts]:
    """Facts of these copies that were read. Nothing is asked before a condition asks it, then for
    all of them at once. `message__from_address`, `account` and `folder` are best selected with
    the copies."""
    read = [copy for copy in copies if copy.message is not None]
    batch = _Batch(read)
    return [Facts(copy, batch) for copy in read]


class _Batch:
    """What the mails of a batch have in common: one query for each kind of thing."""

    def __init__(self, copies: Sequence[MessageCopy]) -> None:
        self._messages = [c.message_id for c in copies if c.message_id]
        self._threads = [c.thread_id for c in copies if c.thread_id]
        self._senders = {
            c.message.from_address_id for c in copies if c.message and c.message.from_address_id
        }

    @cached_property
    def participants(self) -> dict[int, list[tuple[int, Folded]]]:
        rows = Participant.objects.filter(message__in=self._messages).order_by()
        found: dict[int, list[tuple[int, Folded]]] = defaultdict(list)
        for pk, role, address in rows.values_list("message_id", "role", "address__address"):
            found[pk].append((role, _folded(address)))
        return found

    @cached_property
    def texts(self) -> dict[int, str]:
        rows = MessageBody.objects.filter(message__in=self._messages)
        return dict(rows.values_list("message_id", "text"))

    @cached_property
    def attachments(self) -> dict[int, list[Folded]]:
        rows = Attachment.objects.filter(message__in=self._messages, is_inline=False)
        return _listed(rows.values_list("message_id", "filename"))

    @cached_property
    def labels(self) -> dict[int, list[Folded]]:
        rows = ThreadLabel.objects.filter(thread__in=self._threads)
        return _listed(rows.values_list("thread_id", "label__name"))

    @cached_property
    def streams(self) -> dict[int, int]:
        rows = Placement.objects.filter(thread__in=self._threads)
        return dict(rows.values_list("thread_id", "stream"))

    @cached_property
    def people(self) -> dict[int, list[Person]]:
        links = PersonAddress.objects.filter(
            address__in=self._senders, person__in=mail_fields.people()
        )
        found: dict[int, list[Person]] = defaultdict(list)
        rows = links.select_related("person__company", "person__owner")
        if len(self._messages) > _FEW:  # of a few, they are read when a condition asks for them
            rows = rows.prefetch_related("person__address_links__address")
        for link in rows:
            found[link.address_id].append(link.person)
        return found

    @cached_property
    def deals(self) -> dict[int, list[Deal]]:
        contacts = [p.pk for people in self.people.values() for p in people]
        rows = DealContact.objects.filter(person__in=contacts, deal__deleted_at=None)
        found: dict[int, list[Deal]] = defaultdict(list)
        for row in rows.select_related("deal__stage", "deal__company"):
            found[row.person_id].append(row.deal)
        return found


def _folded(text: str) -> Folded:
    return Folded(fold(text))


def _listed(rows: Iterable[tuple[int, str]]) -> dict[int, list[Folded]]:
    found: dict[int, list[Folded]] = defaultdict(list)
    for key, text in rows:
        if text:
            found[key].append(_folded(text))
    return found
