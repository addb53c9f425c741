"""One conversation as its viewer may see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import Prefetch, prefetch_related_objects

from relance.inbox.models import Placement
from relance.inbox.visibility import thread_for, visible_copies
from relance.mail import bounces
from relance.mail.models import (
    Attachment,
    Bounce,
    CopyParticipant,
    Folder,
    Message,
    MessageCopy,
    Outgoing,
    OutgoingRecipient,
    Participant,
    Thread,
)
from relance.users.models import User

_PUT_AWAY = {Folder.Use.TRASH, Folder.Use.SPAM, Folder.Use.DRAFTS}


@dataclass(slots=True)
class MessageView:
    """One message of the conversation, read from a copy the viewer may see."""

    copy: MessageCopy
    message: Message
    sender_name: str
    sender_address: str
    recipients: list[Participant] = field(default_factory=list)
    bcc: list[str] = field(default_factory=list)
    delivery: Delivery | None = None  # what became of it, when we sent it
    reply_to: list[Participant] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)

    @property
    def is_unreadable(self) -> bool:
        """Set aside: the source is available, its content is not."""
        return self.copy.stage == MessageCopy.Stage.QUARANTINED

    @property
    def is_suspicious(self) -> bool:
        """The server says the sender's address was not proven (promise X8)."""
        return self.message.authentication == Message.Authentication.FAIL

    @property
    def to(self) -> list[Participant]:
        return [p for p in self.recipients if p.role == Participant.Role.TO]

    @property
    def cc(self) -> list[Participant]:
        return [p for p in self.recipients if p.role == Participant.Role.CC]


@dataclass(slots=True)
class Delivery:
    """What is known of a mail of ours: the row Relance sent it by, if it did, and what came back
    when another program sent it."""

    outgoing: Outgoing | None
    reports: list[Bounce] = field(default_factory=list)


@dataclass(slots=True)
class Conversation:
    """A thread, oldest message first, with what is still on its way out."""

    thread: Thread
    subject: str
    stream: int
    messages: list[MessageView]
    outgoing: list[Outgoing]
    begun: int | None = None  # the answer its viewer has begun, the last touched one
    decided_by: int | None = None  # the address its column follows from

    @property
    def last_received(self) -> MessageView | None:
        """The newest message that is not ours, else the newest."""
        received = [m for m in self.messages if not m.copy.is_outgoing]
        candidates = received or self.messages
        return candidates[-1] if candidates else None


def conversation(viewer: User, thread_id: int) -> Conversation:
    """The conversation of that thread. Raises `Thread.DoesNotExist` when it is not hers."""
    thread = thread_for(viewer, thread_id)
    copies = _copies(viewer, thread)
    messages = _views(copies)
    placed = Placement.objects.filter(thread=thread).values_list("stream", "decided_by_id")
    stream, decided_by = placed.first() or (0, None)
    subject = next((m.message.subject for m in messages if m.message.subject), "")
    outgoing, begun = _outgoing(viewer, thread, messages)
    return Conversation(
        thread=thread,
        subject=subject,
        stream=stream,
        messages=messages,
        outgoing=outgoing,
        begun=begun,
        decided_by=decided_by,
    )


def _copies(viewer: User, thread: Thread) -> list[MessageCopy]:
    """One copy a message, oldest first; those put away only when there is nothing else."""
    rows = list(
        visible_copies(viewer)
        .filter(thread=thread, message__isnull=False)
        .select_related("message__from_address", "folder")
        .order_by("key")
    )
    kept = [c for c in rows if c.folder.special_use not in _PUT_AWAY] or rows
    first: dict[int | None, MessageCopy] = {}
    for copy in kept:
        first.setdefault(copy.message_id, copy)
    return list(first.values())


def _views(copies: Sequence[MessageCopy]) -> list[MessageView]:
    views: dict[int, MessageView] = {}
    for copy in copies:
        message = copy.message
        assert message is not None  # `_copies` asked for it
        address = message.from_address.address if message.from_address else ""
        views[message.pk] = MessageView(copy, message, message.from_name or address, address)
    _add_participants(views)
    for attachment in Attachment.objects.filter(message__in=views).order_by("pk"):
        views[attachment.message_id].attachments.append(attachment)
    return list(views.values())


def _add_participants(views: dict[int, MessageView]) -> None:
    rows = Participant.objects.filter(message__in=views).select_related("address")
    for participant in rows:
        view = views[participant.message_id]
        if participant.role in (Participant.Role.TO, Participant.Role.CC):
            view.recipients.append(participant)
        elif participant.role == Participant.Role.REPLY_TO:
            view.reply_to.append(participant)
    own = [v.copy.pk for v in views.values() if v.copy.is_outgoing]
    bcc = CopyParticipant.objects.filter(copy__in=own)
    by_copy = {v.copy.pk: v for v in views.values()}
    for copy_id, address in bcc.values_list("copy_id", "address__address"):
        by_copy[copy_id].bcc.append(address)


def _outgoing(
    viewer: User, thread: Thread, messages: Sequence[MessageView]
) -> tuple[list[Outgoing], int | None]:
    """Gives each mail of ours what became of it; returns those the Sent folder does not show yet,
    and the viewer's draft of an answer.

    What others still write is no part of the conversation.
    """
    every = list(Outgoing.objects.filter(thread=thread).order_by("queued_at"))
    rows = [row for row in every if row.state != Outgoing.State.DRAFT]
    drafts = [
        row
        for row in every
        if row.state == Outgoing.State.DRAFT and row.author_id == viewer.pk and row.source_id
    ]
    begun = max(drafts, key=lambda row: row.updated_at).pk if drafts else None
    if rows:
        reports = Prefetch("bounces", Bounce.objects.order_by("-at", "-pk"))
        people = OutgoingRecipient.objects.select_related("address").order_by("pk")
        prefetch_related_objects(rows, Prefetch("recipients", people.prefetch_related(reports)))
    by_name = {row.message_id: row for row in rows}
    sent = [m for m in messages if m.copy.is_outgoing]
    for view in sent:
        view.delivery = Delivery(by_name.pop(view.message.message_id, None))
    elsewhere = {v.message.pk: v for v in sent if v.delivery and not v.delivery.outgoing}
    for pk, found in (bounces.of_messages(elsewhere) if elsewhere else {}).items():
        elsewhere[pk].delivery = Delivery(None, found)
    return list(by_name.values()), begun
