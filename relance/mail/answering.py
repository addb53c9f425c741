"""What a reply or a forward begins with: whom, from whom, on what, and what is quoted."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext as _

from relance.lib.keys import short_hash
from relance.mail import accounts, attachments, identities, sources
from relance.mail.identities import Sender
from relance.mail.models import (
    Attachment,
    Message,
    MessageBody,
    MessageCopy,
    Outgoing,
    OutgoingAttachment,
    Participant,
    Thread,
    ThreadReference,
)
from relance.mime import compose, quoting
from relance.mime.message import Address
from relance.mime.parse import part_contents
from relance.users.models import User

_SHOWN = {"image/png", "image/jpeg", "image/gif", "image/webp"}
_FORWARD = re.compile(r"\s*(?:fwd?|tr|wg|rv|i)\s?(?:\[\d{1,3}\])?\s?[:：]", re.IGNORECASE)
_Kind, _Role = Outgoing.Kind, Participant.Role


class Unreadable(LookupError):
    """The mail's content is not here: it could not be read, or only its header was fetched."""


@dataclass(slots=True)
class Prefill:
    """What an answer takes over from the mail it answers."""

    sender: Sender
    to: list[Address] = field(default_factory=list)
    cc: list[Address] = field(default_factory=list)
    subject: str = ""
    in_reply_to: str = ""
    references: str = ""
    thread: Thread | None = None


def prefill(author: User, copy: MessageCopy, kind: str, *, sender: Sender | None = None) -> Prefill:
    """People, subject and threading of an answer of that kind, from `sender`, else from whom the
    mail was for. Raises `Unreadable`, `NoSender`."""
    message = copy.message
    if message is None:
        raise Unreadable(copy.pk)
    sender = sender or identities.for_reply(author, copy)
    found = Prefill(sender, thread=_thread(author, copy, message))
    before = message.references.split() or message.in_reply_to.split()[:1]
    found.references = " ".join(i for i in [*before, message.message_id] if i)
    if kind == _Kind.FORWARD:
        found.subject = forward_subject(message.subject)
        return found
    found.in_reply_to = message.message_id
    found.subject = compose.reply_subject(message.subject)
    own = {a.lower() for a in accounts.own_addresses(author.pk)} | {sender.address.lower()}
    found.to, found.cc = _answered(copy, message, own=own, to_all=kind == _Kind.REPLY_ALL)
    return found


def forward_subject(subject: str) -> str:
    """ "Devis" becomes "Fwd: Devis"; what is passed on already stays as it is."""
    subject = " ".join(subject.split())
    return subject if _FORWARD.match(subject) else f"Fwd: {subject}".rstrip()


def _answered(
    copy: MessageCopy, message: Message, *, own: Collection[str], to_all: bool
) -> tuple[list[Address], list[Address]]:
    """(To, Cc). Reply-To, else From (RFC 5322, 3.6.3); a mail that was sent is answered to those
    it went to. Nobody of one's own, unless one wrote to oneself alone."""
    return answered(_people(message), own=own, is_outgoing=copy.is_outgoing, to_all=to_all)


def answered(
    people: Mapping[int, Sequence[Address]],
    *,
    own: Collection[str],
    is_outgoing: bool,
    to_all: bool,
) -> tuple[list[Address], list[Address]]:
    """(To, Cc) of an answer, by who is on the mail in which role; `own` are one's addresses."""
    author = list(people[_Role.FROM])
    is_sent = is_outgoing or any(a.address.lower() in own for a in author)
    if is_sent:
        to = _others(people[_Role.TO], own) or list(people[_Role.TO]) or author
    else:
        to = _others(people[_Role.REPLY_TO], own) or author
    if not to_all:
        return to, []
    taken = {*own, *(a.address.lower() for a in to)}
    if is_sent:
        return to, _others([*people[_Role.CC], *author], taken)
    return to, _others([*people[_Role.TO], *people[_Role.CC]], taken)


def _people(message: Message) -> dict[int, list[Address]]:
    found: dict[int, list[Address]] = {role: [] for role in _Role.values}
    rows = message.participants.select_related("address").order_by("role", "position")
    for row in rows:
        found[row.role].append(Address(row.name, row.address.address))
    return found


def _others(people: Sequence[Address], taken: Collection[str]) -> list[Address]:
    """Each once, without those `taken` (lower case)."""
    first: dict[str, Address] = {}
    for person in people:
        first.setdefault(person.address.lower(), person)
    return [person for address, person in first.items() if address not in taken]


def _thread(author: User, copy: MessageCopy, message: Message) -> Thread | None:
    """The conversation the answer belongs to: in one of her own mailboxes. For somebody else's
    mail, the one she has of it herself, if any."""
    if copy.account.owner_id == author.pk:
        return copy.thread
    rows = ThreadReference.objects.filter(
        account__owner=author, reference_hash=short_hash(message.message_id)
    )
    known = rows.select_related("thread").first() if message.message_id else None
    return known.thread if known else None


def quote(draft: Outgoing, copy: MessageCopy, *, remote: bool = False) -> None:
    """Fill in the draft's quote from `copy`, and attach the images it shows; a forward brings the
    mail's files. `remote`: the reader let images from elsewhere be shown.

    Raises `Unreadable`, and `QuotaReached` when there is no room for the files.
    """
    message = copy.message
    if message is None or (copy.is_partial and draft.kind == _Kind.FORWARD):
        raise Unreadable(copy.pk)
    keeper = _Keeper(draft, copy, message)
    images = quoting.Images(keeper.by_cid, keeper.in_place)
    author = draft.author
    with translation.override(author.language):
        original = _original(author, message)
        if draft.kind == _Kind.FORWARD:
            title = _("Forwarded message")
            made = quoting.forwarded(original, images, title=title, remote=remote)
        else:
            made = quoting.quoted(original, images, language=author.language, remote=remote)
    draft.quote_html, draft.quote_text, draft.has_quote = made.html, made.text, True
    keeper.write(with_files=draft.kind == _Kind.FORWARD)


def _original(author: User, message: Message) -> quoting.Original:
    body = MessageBody.objects.filter(message=message).first()
    people = _people(message)
    at = (message.date or message.received_at).astimezone(author.zone)
    address = message.from_address.address if message.from_address else ""
    return quoting.Original(
        html=body.html if body else "",
        text=body.text if body else "",
        who=message.from_name or address,
        at=at,
        head=_head(message, at, people, language=author.language),
    )


def _head(
    message: Message, at: datetime, people: Mapping[int, Sequence[Address]], *, language: str
) -> list[str]:
    """The lines above a mail that is passed on."""
    day = f"{at:%d/%m/%Y %H:%M}" if language.startswith("fr") else f"{at:%d %b %Y %H:%M}"
    lines = [
        (_("From"), ", ".join(_full(a) for a in people[_Role.FROM])),
        (_("Date"), day),
        (_("Subject"), " ".join(message.subject.split())),
        (_("To"), ", ".join(_full(a) for a in people[_Role.TO])),
        (_("Cc"), ", ".join(_full(a) for a in people[_Role.CC])),
    ]
    return [_("%(label)s: %(value)s") % {"label": k, "value": v} for k, v in lines if v]


def _full(person: Address) -> str:
    return f"{person.name} <{person.address}>" if person.name else person.address


class _Keeper:
    """Keeps the files of the mail that is quoted as files of the draft."""

    def __init__(self, draft: Outgoing, copy: MessageCopy, message: Message) -> None:
        self._draft, self._copy = draft, copy
        self._rows = list(Attachment.objects.filter(message=message).order_by("pk"))
        self._by_cid = {
            row.content_id.strip("<> ").lower(): row
            for row in self._rows
            if row.content_id and row.content_type.lower() in _SHOWN
        }
        self._shown: dict[int, str] = {}  # attachment -> its Content-ID in our mail
        self._in_place: list[tuple[str, str, bytes]] = []

    def by_cid(self, cid: str) -> str | None:
        row = self._by_cid.get(cid.strip("<> ").lower())
        if row is None or self._copy.is_partial:
            return None
        return self._shown.setdefault(row.pk, self._new_id())

    def in_place(self, content_type: str, data: bytes) -> str | None:
        self._in_place.append((self._new_id(), content_type, data))
        return self._in_place[-1][0]

    def write(self, *, with_files: bool) -> None:
        """Attach what is shown, and the other files of a mail that is passed on."""
        wanted = [r for r in self._rows if r.pk in self._shown or with_files]
        contents = self._contents([r.part for r in wanted])
        made = [self._row(r, contents[r.part]) for r in wanted if r.part in contents]
        for cid, content_type, data in self._in_place:
            name = f"image.{content_type.partition('/')[2]}"
            made.append(self._attachment(name, content_type, data, cid))
        OutgoingAttachment.objects.bulk_create(made)

    def _contents(self, parts: Sequence[str]) -> dict[str, bytes]:
        if not parts:
            return {}
        try:
            return part_contents(sources.source_of(self._copy), parts)
        except LookupError:
            raise Unreadable(self._copy.pk) from None

    def _row(self, row: Attachment, data: bytes) -> OutgoingAttachment:
        cid = self._shown.get(row.pk, "")
        return self._attachment(row.filename or "attachment.bin", row.content_type, data, cid)

    def _attachment(
        self, name: str, content_type: str, data: bytes, cid: str
    ) -> OutgoingAttachment:
        return OutgoingAttachment(
            outgoing=self._draft,
            blob=attachments.keep(data),
            filename=name[:255],
            content_type=content_type[:150],
            content_id=cid,
            is_inline=bool(cid),
            origin=OutgoingAttachment.Origin.FORWARD,
        )

    def _new_id(self) -> str:
        return compose.new_message_id(self._draft.account.domain)
