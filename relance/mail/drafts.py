"""Drafts: begun, kept at every pause, thrown away; the plain alternative is made here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet

from relance.lib import clock
from relance.mail import answering, attachments, identities
from relance.mail.answering import Prefill, Unreadable
from relance.mail.identities import NoSender, Sender
from relance.mail.models import MailAccount, MessageCopy, Outgoing
from relance.mime import compose, written
from relance.mime.message import Address
from relance.users.models import User

__all__ = [
    "Conflict",
    "Content",
    "NoSender",
    "NotADraft",
    "Unreadable",
    "discard",
    "mine",
    "save",
    "start",
]

Person = Mapping[str, str]  # "name", "address", "record"
People = Mapping[str, Sequence[Person]]  # "to", "cc", "bcc"
ROLES = ("to", "cc", "bcc")
_MOST_PEOPLE = 2_000
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
    to: Sequence[Person] = (),
    subject: str = "",
    html: str = "",
    remote: bool = False,
) -> Outgoing:
    """A fresh draft. An answer (kind "reply", "reply_all", "forward") to `source`, a copy that
    `author` may see, begins with its people, subject and quote, and a forward with its files;
    `remote` says that she let it show images from elsewhere.

    Raises `NoSender` when she has no mailbox, `Unreadable` when the mail to answer was not read or
    not fetched whole, `QuotaReached` when there is no room for the files of a forward.
    """
    if kind == Outgoing.Kind.NEW or source is None:
        begun = Prefill(identities.default_of(author, account), subject=_one_line(subject))
        kind, source = Outgoing.Kind.NEW, None
    else:
        begun = answering.prefill(author, source, kind)
    people = {"to": [*_typed(begun.to), *to], "cc": _typed(begun.cc)}
    draft = Outgoing(
        author=author,
        kind=kind,
        source=source,
        thread=begun.thread,
        people=_clean_people(people),
        message_id=compose.new_message_id(begun.sender.account.domain),
        in_reply_to=begun.in_reply_to[:995],
        references=begun.references,
        subject=begun.subject[:998],
        html=written.clean(html).html,
        state=_DRAFT,
    )
    draft.text = compose.text_of(draft.html)
    _set_sender(draft, begun.sender)
    draft.save()
    if source is not None:
        answering.quote(draft, source, remote=remote)
        draft.save(update_fields=["quote_html", "quote_text", "has_quote"])
    return draft


def _typed(people: Sequence[Address]) -> list[Person]:
    return [{"name": p.name, "address": p.address, "record": ""} for p in people]


@transaction.atomic
def save(draft_id: int, author: User, content: Content, *, version: int) -> Outgoing:
    """Keep what was written over `version`. Raises `Conflict` when somebody (another tab) was
    quicker, `NotADraft` when it is none (any more)."""
    draft = mine(author).filter(pk=draft_id).first()
    if draft is None:
        raise NotADraft(draft_id)
    if draft.version != version:
        raise Conflict(draft)
    sender = identities.find(author, content.sender) if content.sender else None
    if sender is not None:
        _set_sender(draft, sender)
    draft.people = _clean_people(content.people)
    draft.subject = _one_line(content.subject)
    draft.html = written.clean(content.html).html
    draft.text = compose.text_of(draft.html)
    draft.has_quote = content.has_quote
    kept = Outgoing.objects.filter(pk=draft_id, author=author, state=_DRAFT, version=version)
    names = ("account", "identity", "organisation_address", "people", "subject", "html", "text")
    changed: dict[str, Any] = {n: getattr(draft, n) for n in (*names, "has_quote")}
    if not kept.update(**changed, version=F("version") + 1, updated_at=clock.now()):
        return save(draft_id, author, content, version=version)  # says what happened meanwhile
    draft.version = version + 1
    return draft


@transaction.atomic
def discard(draft: Outgoing) -> None:
    """Throw a draft away, its files with it."""
    blobs = list(draft.attachments.values_list("blob_id", flat=True))
    if Outgoing.objects.filter(pk=draft.pk, state=_DRAFT).delete()[0]:
        attachments.release(blobs)


def _set_sender(draft: Outgoing, sender: Sender) -> None:
    draft.account = sender.account
    draft.identity_id = sender.row if sender.kind == "identity" else None
    draft.organisation_address_id = sender.row if sender.kind == "organisation" else None


def _clean_people(people: People) -> dict[str, list[dict[str, str]]]:
    """The people in the shape that is kept; what is no address stays as it was typed."""
    found: dict[str, list[dict[str, str]]] = {}
    for role in ROLES:
        rows = list(people.get(role) or ())[:_MOST_PEOPLE]
        found[role] = [
            {
                "name": _one_line(str(row.get("name") or ""))[:255],
                "address": str(row.get("address") or "").strip()[:320],
                "record": str(row.get("record") or "")[:40],
            }
            for row in rows
        ]
    return found


def _one_line(text: str) -> str:
    return " ".join(text.split())[:998]
