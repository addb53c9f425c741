"""Writing a batch of parsed mails: messages, people, files, threads. One use, one transaction."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from django.db import connection

from relance.addresses import book
from relance.lib import clock, keys
from relance.mail import accounts, rows
from relance.mail.models import (
    Attachment,
    CopyParticipant,
    Folder,
    MailAccount,
    Message,
    MessageBody,
    MessageCopy,
    Participant,
)
from relance.mail.threads import Assigner, Incoming
from relance.mime.message import Address, ParsedMessage
from relance.mime.parse import parse
from relance.mime.subjects import base_subject

Pair = tuple[MessageCopy, ParsedMessage]
_MOST_PARTICIPANTS = 2_000  # of one mail: the rest stays in its source
_REFERENCES_KEPT = 100
_MESSAGE = (
    *("id", "message_id", "message_id_hash", "digest", "subject", "from_address_id", "from_name"),
    *("date", "received_at", "snippet", "attachment_count", "size", "is_auto", "is_bulk"),
    *("is_bounce", "list_id", "authentication", "in_reply_to", "references", "defects"),
)
_BODY = ("message_id", "text", "html")
_PARTICIPANT = ("message_id", "role", "position", "address_id", "name")
_ATTACHMENT = (
    *("message_id", "part", "filename", "content_type", "content_id", "size", "sha256"),
    "is_inline",
)
_COPY = tuple(f.attname for f in MessageCopy._meta.concrete_fields if not f.primary_key)
_PLACED = (
    "UPDATE mail_messagecopy SET message_id = %s, thread_id = %s, is_outgoing = %s, stage = %s"
    " WHERE id = %s"
)


def stand_in(source: bytes) -> ParsedMessage:
    """What is stored of a mail that cannot be parsed: its size, and that it is unreadable."""
    digest = keys.hex_digest(source)
    return replace(parse(b""), defects=("unreadable",), size=len(source), digest=digest)


class Storing:
    """The work of `store.place` on one batch. `new_messages` are the keys of those new here, with
    the words one may find them by."""

    def __init__(self, account: MailAccount) -> None:
        self.account = account
        self.own = accounts.own_addresses(account.owner_id)
        self.new_messages: dict[int, str] = {}

    def store(self, pairs: Sequence[Pair]) -> set[int]:
        """Write everything; returns the ids of the threads touched. Copies that were kept before
        are updated, those that were not are written with what is known of them now."""
        self._ids = book.ids_for(a.address for _, p in pairs for a in _people(p))
        self._settle(pairs, self._messages(pairs))
        threads = self._thread(pairs)
        fresh = [c for c, _ in pairs if c._state.adding]
        with connection.cursor() as cursor:
            cursor.executemany(_PLACED, [_placed(c) for c, _ in pairs if not c._state.adding])
        insert_copies(fresh)
        self._hidden(pairs)
        return threads

    def _messages(self, pairs: Sequence[Pair]) -> dict[tuple[int, str], int]:
        """Keys of the messages by identity (D23), the new ones written."""
        wanted = {_identity(p): (c, p) for c, p in pairs}
        known: dict[tuple[int, str], int] = {
            (h, d): pk
            for h, d, pk in Message.objects.filter(
                message_id_hash__in=[h for h, _ in wanted]
            ).values_list("message_id_hash", "digest", "pk")
            if (h, d) in wanted
        }
        fresh = {i: pair for i, pair in wanted.items() if i not in known}
        made = [(keys.date_major_key(c.received_at), c, p) for c, p in fresh.values()]
        rows.insert(Message, _MESSAGE, [self._message(k, c, p) for k, c, p in made])
        rows.insert(MessageBody, _BODY, [(k, p.text, p.html) for k, _, p in made])
        people = [x for k, _, p in made for x in self._participants(k, p)]
        rows.insert(Participant, _PARTICIPANT, people)
        files = [x for k, _, p in made for x in _attachments(k, p)]
        rows.insert(Attachment, _ATTACHMENT, files)
        self.new_messages = {k: p.words for k, _, p in made}
        return known | {i: k for i, (k, _, _) in zip(fresh, made, strict=True)}

    def _message(self, key: int, copy: MessageCopy, parsed: ParsedMessage) -> tuple[Any, ...]:
        """The row of `_MESSAGE`."""
        sender = parsed.from_[0] if parsed.from_ else Address("", "")
        files = sum(p.is_attachment for p in parsed.parts)
        return (
            key,
            parsed.message_id,
            _identity(parsed)[0],
            parsed.digest,
            parsed.subject,
            self._id(sender),
            sender.name[:255],
            clock.clamp(parsed.date) if parsed.date else None,
            copy.received_at,
            parsed.snippet[:255],
            min(files, 9_999),
            copy.size or parsed.size,
            parsed.is_auto,
            parsed.is_bulk,
            parsed.is_bounce,
            parsed.list_id[:255],
            parsed.authentication,
            " ".join(parsed.in_reply_to[:10]),
            " ".join(parsed.references[-_REFERENCES_KEPT:]),
            json.dumps(parsed.defects),
        )

    def _participants(self, key: int, parsed: ParsedMessage) -> Iterator[tuple[Any, ...]]:
        """The rows of `_PARTICIPANT`."""
        roles = (
            (Participant.Role.FROM, parsed.from_),
            (Participant.Role.SENDER, parsed.sender),
            (Participant.Role.REPLY_TO, parsed.reply_to),
            (Participant.Role.TO, parsed.to),
            (Participant.Role.CC, parsed.cc),
        )
        for role, people in roles:
            for position, person in enumerate(people[:_MOST_PARTICIPANTS]):
                if (address_id := self._id(person)) is not None:
                    yield key, role.value, position, address_id, person.name[:255]

    def _id(self, person: Address) -> int | None:
        return self._ids.get(book.normalise(person.address))

    def _settle(self, pairs: Sequence[Pair], messages: dict[tuple[int, str], int]) -> None:
        for copy, parsed in pairs:
            copy.message_id = messages[_identity(parsed)]
            copy.stage = MessageCopy.Stage.PLACED
            copy.is_outgoing = self._is_mine(copy, parsed)

    def _hidden(self, pairs: Sequence[Pair]) -> None:
        hidden: list[CopyParticipant] = []
        for copy, parsed in pairs:
            for person in parsed.bcc[:_MOST_PARTICIPANTS]:
                if (address_id := self._id(person)) is not None:
                    hidden.append(
                        CopyParticipant(copy=copy, address_id=address_id, name=person.name[:255])
                    )
        CopyParticipant.objects.bulk_create(hidden)

    def _is_mine(self, copy: MessageCopy, parsed: ParsedMessage) -> bool:
        """Sent by the owner, from wherever (D48). What lies in her inbox and is addressed to
        herself, or only claims to be from her, was received."""
        senders = {book.normalise(a.address) for a in parsed.from_[:1]}
        if not senders & self.own:
            return False
        if copy.folder.special_use != Folder.Use.INBOX:
            return True
        to_me = any(book.normalise(a.address) in self.own for a in (*parsed.to, *parsed.cc))
        return not to_me and parsed.authentication != "fail"

    def _thread(self, pairs: Sequence[Pair]) -> set[int]:
        ordered = sorted(pairs, key=lambda pair: pair[0].received_at)
        incoming = [self._incoming(c, p) for c, p in ordered]
        threads, emptied = Assigner(self.account).assign(incoming)
        for (copy, _), thread in zip(ordered, threads, strict=True):
            copy.thread = thread
        return {t.pk for t in threads} | emptied

    def _incoming(self, copy: MessageCopy, parsed: ParsedMessage) -> Incoming:
        subject, is_reply = base_subject(parsed.subject)
        everybody = (*parsed.from_, *parsed.to, *parsed.cc)[:200]
        others = {
            address_id
            for a in everybody
            if book.normalise(a.address) not in self.own and (address_id := self._id(a)) is not None
        }
        return Incoming(
            own_id=parsed.message_id,
            names=tuple(dict.fromkeys((*parsed.references, *parsed.in_reply_to))),
            base_subject=subject[:255],
            is_reply=is_reply,
            received_at=copy.received_at,
            others=frozenset(others),
            identity=_identity(parsed)[0],
        )


def insert_copies(copies: Sequence[MessageCopy]) -> None:
    """Write these copies of one folder, which know their keys afterwards."""
    if not copies:
        return
    rows.insert(MessageCopy, _COPY, [[getattr(c, name) for name in _COPY] for c in copies])
    mails = MessageCopy.objects.filter(
        folder=copies[0].folder_id,
        uidvalidity=copies[0].uidvalidity,
        uid__in=[c.uid for c in copies],
    )
    by_uid: dict[int | None, int] = dict(mails.values_list("uid", "pk"))
    for copy in copies:
        copy.pk = by_uid[copy.uid]
        copy._state.adding = False


def _placed(copy: MessageCopy) -> tuple[int | None, int | None, bool, int, int]:
    return copy.message_id, copy.thread_id, copy.is_outgoing, copy.stage, copy.pk


def _people(parsed: ParsedMessage) -> Iterator[Address]:
    for people in (
        parsed.from_,
        parsed.sender,
        parsed.reply_to,
        parsed.to,
        parsed.cc,
        parsed.bcc,
    ):
        yield from people[:_MOST_PARTICIPANTS]


def _identity(parsed: ParsedMessage) -> tuple[int, str]:
    """Same Message-ID and same shared content: the same message (D23)."""
    return keys.short_hash(parsed.message_id or parsed.digest), parsed.digest


def _attachments(key: int, parsed: ParsedMessage) -> Iterator[tuple[Any, ...]]:
    """The rows of `_ATTACHMENT`."""
    for part in parsed.parts[:1_000]:
        if part.is_attachment or part.is_inline:
            yield (
                key,
                part.index[:200],
                part.filename[:255],
                part.content_type[:150],
                part.content_id[:255],
                part.size,
                part.sha256,
                part.is_inline,
            )
