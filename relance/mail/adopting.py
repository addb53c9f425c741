"""A draft made elsewhere (webmail, a phone), opened here."""

from __future__ import annotations

import html as _html
from collections.abc import Sequence

from django.db import transaction

from relance.lib.keys import short_hash
from relance.mail import attachments, identities, people, sources
from relance.mail.answering import Unreadable
from relance.mail.identities import NoSender, Sender
from relance.mail.models import (
    Folder,
    MessageCopy,
    Outgoing,
    OutgoingAttachment,
    Thread,
    ThreadReference,
)
from relance.mime import compose, written
from relance.mime.message import ParsedMessage, Part
from relance.mime.parse import parse, part_contents
from relance.mime.sanitise import sanitise
from relance.users.models import User

_EMPTY = "<div><br></div>"


@transaction.atomic
def adopt(author: User, copy: MessageCopy) -> Outgoing:
    """The draft of `author` that `copy`, in the Drafts folder of one of her mailboxes, is opened
    as: the one it was opened as before, brought up to date when it was edited elsewhere since,
    else a new one, which takes the place of `copy` on the server when it is first saved.

    Raises `Unreadable` when its content is not here, `NoSender` when the mailbox is not hers, and
    `QuotaReached` when there is no room for its files.
    """
    if copy.account.owner_id != author.pk or not copy.account.is_connected:
        raise NoSender
    if copy.folder.special_use != Folder.Use.DRAFTS or copy.is_partial:
        raise Unreadable(copy.pk)
    try:
        raw = sources.source_of(copy)
    except LookupError:
        raise Unreadable(copy.pk) from None
    parsed = parse(raw)
    draft = _known(author, copy, parsed) or Outgoing(
        author=author,
        account=copy.account,
        state=Outgoing.State.DRAFT,
        message_id=_fresh_id(copy, parsed),
    )
    if draft.pk and draft.draft_uid == copy.uid:
        return draft
    _fill(draft, copy, parsed, raw)
    return draft


def _known(author: User, copy: MessageCopy, parsed: ParsedMessage) -> Outgoing | None:
    """The draft that `copy` is, or is a later version of; none when ours has words that the
    server has not seen: both are kept then."""
    rows = Outgoing.objects.filter(author=author, state=Outgoing.State.DRAFT)
    place = rows.filter(
        draft_folder=copy.folder, draft_uidvalidity=copy.uidvalidity, draft_uid=copy.uid
    ).first()
    if place is not None:
        return place
    same = rows.filter(message_id=parsed.message_id, account=copy.account).first()
    return same if same and same.version == same.draft_version else None


def _fresh_id(copy: MessageCopy, parsed: ParsedMessage) -> str:
    """The Message-ID it has, unless a mail of ours has it already."""
    found = parsed.message_id
    if found and len(found) <= 255 and not Outgoing.objects.filter(message_id=found).exists():
        return found
    return compose.new_message_id(copy.account.domain)


def _fill(draft: Outgoing, copy: MessageCopy, parsed: ParsedMessage, raw: bytes) -> None:
    sender = _sender(draft.author, copy, parsed)
    draft.account = sender.account
    draft.identity_id = sender.row if sender.kind == "identity" else None
    draft.people = people.clean(
        {role: people.typed(getattr(parsed, role)) for role in people.ROLES}
    )
    draft.subject = " ".join(parsed.subject.split())[:998]
    draft.in_reply_to = next(iter(parsed.in_reply_to), "")[:995]
    draft.references = " ".join(parsed.references)
    draft.kind = Outgoing.Kind.REPLY if draft.in_reply_to else Outgoing.Kind.NEW
    draft.thread = _thread(copy, parsed)
    draft.html = draft.quote_html = draft.quote_text = ""
    draft.has_quote = False
    draft.draft_folder, draft.draft_uidvalidity = copy.folder, copy.uidvalidity
    draft.draft_uid = copy.uid
    draft.version = draft.draft_version = draft.version + 1 if draft.pk else 1
    draft.save()
    old = list(draft.attachments.values_list("blob_id", flat=True))
    draft.attachments.all().delete()
    shown = _attach(draft, parsed.parts, raw)
    draft.html = _html_of(parsed, shown)
    draft.text = compose.text_of(draft.html)
    draft.save(update_fields=["html", "text"])
    attachments.release(old)


def _sender(author: User, copy: MessageCopy, parsed: ParsedMessage) -> Sender:
    """The address it was begun from, when that is one of the mailbox's."""
    senders = [s for s in identities.senders_for(author) if s.account.pk == copy.account_id]
    begun = {a.address.lower() for a in parsed.from_}
    own = [s for s in senders if s.kind != "organisation"]
    found = next((s for s in own if s.address.lower() in begun), None)
    return found or identities.default_of(author, copy.account)


def _thread(copy: MessageCopy, parsed: ParsedMessage) -> Thread | None:
    """The conversation it answers in; a draft alone begins none."""
    names = [*parsed.in_reply_to, *reversed(parsed.references)][:50]
    rows = ThreadReference.objects.filter(
        account=copy.account, reference_hash__in=[short_hash(n) for n in names]
    )
    found = rows.select_related("thread").first() if names else None
    return found.thread if found else None


def _attach(draft: Outgoing, parts: Sequence[Part], raw: bytes) -> dict[str, str]:
    """Its files as files of ours; Content-IDs (lower case) of the images it shows, as we know
    them."""
    files = [p for p in parts if p.is_attachment or p.is_inline]
    contents = part_contents(raw, [p.index for p in files]) if files else {}
    shown: dict[str, str] = {}
    for part in files:
        cid = compose.new_message_id(draft.account.domain) if part.is_inline else ""
        if cid:
            shown[part.content_id.lower()] = cid
        OutgoingAttachment.objects.create(
            outgoing=draft,
            blob=attachments.keep(contents.get(part.index, b"")),
            filename=(part.filename or "attachment.bin")[:255],
            content_type=part.content_type[:150],
            content_id=cid,
            is_inline=part.is_inline,
        )
    return shown


def _html_of(parsed: ParsedMessage, shown: dict[str, str]) -> str:
    """Its text as one writes on in it: everything is hers, also what she quotes."""
    if not parsed.html.strip():
        lines = _html.escape(parsed.text, quote=False).split("\n")
        return "".join(f"<div>{line or '<br>'}</div>" for line in lines) or _EMPTY
    cleaned = sanitise(
        parsed.html,
        cid_url=lambda cid: f"cid:{shown[cid.lower()]}" if cid.lower() in shown else None,
    )
    return written.clean(cleaned.html).html.strip() or _EMPTY
