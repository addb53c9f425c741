"""Conversations corrected by hand (SYN-09): split, merged, a message moved. Corrections stick.

What was moved keeps its place through later synchronisations and imports, since the thread of a
Message-ID is remembered; conversations told apart by hand are never joined again by themselves.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.db import transaction

from relance.mail import ports
from relance.mail.models import Message, MessageCopy, Outgoing, Thread, ThreadReference
from relance.mime.subjects import base_subject


class NothingToMove(Exception):
    """These messages are not in that conversation, or the move would change nothing."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What a move did: all that taking it back needs, in terms a journal can keep."""

    source: int
    target: int
    is_new: bool  # the target was made for it
    copies: list[int]
    outgoing: list[int]
    references: dict[str, list[Any]]  # hash -> [thread before or None, was it alone]
    were_corrected: list[bool]  # source, target

    def as_payload(self) -> dict[str, Any]:
        return asdict(self)


@transaction.atomic
def move(
    source: Thread,
    message_ids: Collection[int],
    target: Thread | None = None,
    *,
    with_answers: bool = True,
) -> Moved:
    """Move these messages of `source` to `target`, or to a conversation of their own.

    `with_answers` says where mails that answer them go from now on: along, or to where the rest
    of the conversation stays. Both threads are of one mailbox. Raises `NothingToMove`.
    """
    copies = list(MessageCopy.objects.filter(thread=source, message__in=message_ids))
    staying = MessageCopy.objects.filter(thread=source).exclude(message__in=message_ids)
    if not copies or source == target or (target is None and not staying.exists()):
        raise NothingToMove
    messages = list(Message.objects.filter(pk__in={c.message_id for c in copies}))
    is_new = target is None
    target = target or _thread_for(source, messages)
    moved = Moved(
        source=source.pk,
        target=target.pk,
        is_new=is_new,
        copies=[c.pk for c in copies],
        outgoing=_outgoing(source, copies, messages),
        references=_references(source, messages),
        were_corrected=[source.is_corrected, target.is_corrected and not is_new],
    )
    _put(moved, messages, target, with_answers=with_answers)
    return moved


@transaction.atomic
def merge(source: Thread, target: Thread) -> Moved:
    """Move all of `source` into `target`; later mails follow. Raises `NothingToMove`."""
    if source == target or source.account_id != target.account_id:
        raise NothingToMove
    messages = list(Message.objects.filter(copies__thread=source).distinct())
    copies = MessageCopy.objects.filter(thread=source)
    rows = ThreadReference.objects.filter(thread=source)
    moved = Moved(
        source=source.pk,
        target=target.pk,
        is_new=False,
        copies=list(copies.values_list("pk", flat=True)),
        outgoing=list(Outgoing.objects.filter(thread=source).values_list("pk", flat=True)),
        references=_references(source, messages)
        | {str(r.reference_hash): [r.thread_id, r.is_alone] for r in rows},
        were_corrected=[source.is_corrected, target.is_corrected],
    )
    if not moved.copies and not moved.outgoing:
        raise NothingToMove
    rows.update(thread=target)
    _put(moved, messages, target, with_answers=True)
    return moved


@transaction.atomic
def take_back(payload: Mapping[str, Any]) -> None:
    """Undo a move. What has come since stays where it is, and so does what was moved again."""
    moved = Moved(**payload)
    source = Thread.objects.filter(pk=moved.source).first()
    target = Thread.objects.filter(pk=moved.target).first()
    if source is None or target is None:
        return
    MessageCopy.objects.filter(pk__in=moved.copies, thread=target).update(thread=source)
    Outgoing.objects.filter(pk__in=moved.outgoing, thread=target).update(thread=source)
    for reference, (thread_id, was_alone) in moved.references.items():
        rows = ThreadReference.objects.filter(
            account=source.account_id, reference_hash=int(reference), thread=target
        )
        if thread_id is None:
            rows.delete()
        else:
            rows.update(thread=thread_id, is_alone=was_alone)
    for thread, before in zip((source, target), moved.were_corrected, strict=True):
        Thread.objects.filter(pk=thread.pk).update(is_corrected=before)
    ports.placer.threads_changed(source.account_id, {source.pk, target.pk})
    if moved.is_new and not target.copies.exists() and not target.references.exists():
        target.delete()


def _thread_for(source: Thread, messages: Collection[Message]) -> Thread:
    first = min(messages, key=lambda m: m.pk)
    subject, _ = base_subject(first.subject)
    return Thread.objects.create(
        account_id=source.account_id, base_subject=subject[:255], is_corrected=True
    )


def _outgoing(
    source: Thread, copies: Collection[MessageCopy], messages: Collection[Message]
) -> list[int]:
    """Mails on their way, and drafts, that belong to what is moved."""
    mine = Outgoing.objects.filter(thread=source)
    answering = mine.filter(source__in=copies)
    themselves = mine.filter(message_id__in=[m.message_id for m in messages if m.message_id])
    return list((answering | themselves).distinct().values_list("pk", flat=True))


def _references(source: Thread, messages: Collection[Message]) -> dict[str, list[Any]]:
    """What is known of these messages' own ids."""
    hashes = {m.message_id_hash for m in messages}
    rows = ThreadReference.objects.filter(account=source.account_id, reference_hash__in=hashes)
    known: dict[str, list[Any]] = {str(h): [None, False] for h in hashes}
    return known | {str(r.reference_hash): [r.thread_id, r.is_alone] for r in rows}


def _put(
    moved: Moved, messages: Collection[Message], target: Thread, *, with_answers: bool
) -> None:
    MessageCopy.objects.filter(pk__in=moved.copies).update(thread=target)
    Outgoing.objects.filter(pk__in=moved.outgoing).update(thread=target)
    for reference in {m.message_id_hash for m in messages}:
        ThreadReference.objects.update_or_create(
            account_id=target.account_id,
            reference_hash=reference,
            defaults={"thread": target, "is_alone": not with_answers},
        )
    Thread.objects.filter(pk__in=[moved.source, moved.target]).update(is_corrected=True)
    ports.placer.threads_changed(target.account_id, {moved.source, moved.target})
