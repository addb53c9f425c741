"""Drafts: begun, kept at every pause, thrown away; the plain alternative is made here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from relance.lib import clock
from relance.mail import answering, attachments, identities, people, server_drafts
from relance.mail.adopting import adopt
from relance.mail.answering import Prefill, Unreadable
from relance.mail.identities import NoSender, Sender
from relance.mail.models import MailAccount, MessageCopy, Outgoing
from relance.mail.people import People, Person
from relance.mail.server_drafts import elsewhere
from relance.mime import compose, written
from relance.users.models import User

__all__ = [
    "Conflict",
    "Content",
    "NoSender",
    "NotADraft",
    "Unreadable",
    "adopt",
    "discard",
    "elsewhere",
    "mine",
    "save",
    "start",
]

_DRAFT = Outgoing.State.DRAFT


class NotADraft(LookupError):
    """There is no such draft of hers: it has left, was thrown away, or never was."""


class Conflict(Exception):
    """The draft was changed elsewhere since; `current` is what is kept."""

    def __init__(self, current: Outgoing) -> None:
        super().__init__(current.version)
        self.current = current


@dataclass(frozen=True, slots=True)
class Content:
    """What the composer holds. `people` as typed; `html` as written, not yet trusted; `sender` is
    the key of a `Sender`, "" for the one the draft has."""

    people: People = field(default_factory=dict)
    subject: str = ""
    html: str = ""
    has_quote: bool = False
    sender: str = ""


def mine(user: User) -> QuerySet[Outgoing]:
    """The drafts `user` writes, the last touched first."""
    rows = Outgoing.objects.filter(author=user, state=_DRAFT)
    return rows.select_related("account").order_by("-updated_at", "-pk")


@transaction.atomic
def start(  # noqa: PLR0913 (a mail begins with these)
    author: User,
    *,
    kind: str = "new",
    source: MessageCopy | None = None,
    account: MailAccount | None = None,
    sender: Sender | None = None,
    to: Sequence[Person] = (),
    subject: str = "",
    html: str = "",
    remote: bool = False,
) -> Outgoing:
    """A fresh draft. An answer (kind "reply", "reply_all", "forward") to `source`, a copy that
    `author` may see, begins with its people, subject and quote, and a forward with its files;
    `remote` says that she let it show images from elsewhere. It is from `sender`, one of hers, when
    that is known already.

    Raises `NoSender` when she has no mailbox, `Unreadable` when the mail to answer was not read or
    not fetched whole, `QuotaReached` when there is no room for the files of a forward.
    """
    if kind == Outgoing.Kind.NEW or source is None:
        begun = Prefill(
            sender or identities.default_of(author, account), subject=_one_line(subject)
        )
        kind, source = Outgoing.Kind.NEW, None
    else:
        begun = answering.prefill(author, source, kind, sender=sender)
    who = {"to": [*people.typed(begun.to), *to], "cc": people.typed(begun.cc)}
    draft = Outgoing(
        author=author,
        kind=kind,
        source=source,
        thread=begun.thread,
        people=people.clean(who),
        message_id=compose.new_message_id(begun.sender.account.domain),
        in_reply_to=begun.in_reply_to[:995],
        references=begun.references,
        subject=begun.subject[:998],
        state=_DRAFT,
    )
    _set_sender(draft, begun.sender)
    draft.save()
    draft.html = _html(draft, html)
    draft.text = compose.text_of(draft.html)
    draft.save(update_fields=["html", "text"])
    if source is not None:
        answering.quote(draft, source, remote=remote)
        draft.save(update_fields=["quote_html", "quote_text", "has_quote"])
    return draft


@transaction.atomic
def save(draft_id: int, author: User, content: Content, *, version: int) -> Outgoing:
    """Keep what was written over `version`; what has not changed makes no new one. Images given in
    place become files of the mail, as far as there is room.

    Raises `Conflict` when somebody (another tab) was quicker, `NotADraft` when it is none (any
    more).
    """
    rows = mine(author).filter(pk=draft_id)
    draft = rows.select_for_update(of=("self",)).first()
    if draft is None:
        raise NotADraft(draft_id)
    if draft.version != version:
        raise Conflict(draft)
    before = {name: getattr(draft, name) for name in _SAVED}
    sender = identities.find(author, content.sender) if content.sender else None
    if sender is not None:
        _set_sender(draft, sender)
    draft.people = people.clean(content.people)
    draft.subject = _one_line(content.subject)
    draft.html = _html(draft, content.html)
    draft.text = compose.text_of(draft.html)
    draft.has_quote = content.has_quote and bool(draft.quote_html)
    changed = {name: getattr(draft, name) for name in _SAVED}
    if changed == before:
        return draft
    _keep(draft, version, changed)
    return draft


_SAVED = (
    *("account_id", "identity_id", "organisation_address_id"),
    *("people", "subject", "html", "text", "has_quote"),
)


def _keep(draft: Outgoing, version: int, changed: dict[str, Any]) -> None:
    """Write one version over the one before, and have the server's Drafts follow. On SQLite the
    transaction holds the only write lock; elsewhere the row is locked."""
    now = clock.now()
    rows = Outgoing.objects.filter(pk=draft.pk, state=_DRAFT, version=version)
    if draft.draft_folder and draft.draft_folder.account_id != draft.account_id:
        server_drafts.remove(draft)  # it leaves through another mailbox now
        changed |= {"draft_folder": None, "draft_uid": None, "draft_version": 0}
    if not rows.update(**changed, version=version + 1, updated_at=now):
        raise NotADraft(draft.pk)
    draft.refresh_from_db()
    server_drafts.put_soon(draft)


@transaction.atomic
def discard(draft: Outgoing) -> None:
    """Throw a draft away, with its files and its copy on the server."""
    now = Outgoing.objects.select_for_update().filter(pk=draft.pk, state=_DRAFT).first()
    if now is None:
        return
    blob_ids = list(now.attachments.values_list("blob_id", flat=True))
    server_drafts.remove(now)
    now.delete()
    attachments.release(blob_ids)


def _html(draft: Outgoing, html: str) -> str:
    """What was written, fit to leave; never empty, so that the mail has an HTML part."""

    def keep_image(content_type: str, data: bytes) -> str | None:
        name = f"image.{content_type.partition('/')[2]}"
        try:
            kept = attachments.add(
                draft, name=name, data=data, content_type=content_type, is_inline=True
            )
        except (attachments.TooLarge, attachments.QuotaReached):
            return None
        return kept.content_id

    return written.clean(html, keep_image=keep_image).html.strip() or _EMPTY


_EMPTY = "<div><br></div>"


def _set_sender(draft: Outgoing, sender: Sender) -> None:
    draft.account = sender.account
    draft.identity_id = sender.row if sender.kind == "identity" else None
    draft.organisation_address_id = sender.row if sender.kind == "organisation" else None


def _one_line(text: str) -> str:
    return " ".join(text.split())[:998]
