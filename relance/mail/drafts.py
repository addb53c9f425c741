"""Drafts: begun, kept at every pause, thrown away; the plain alternative is made here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet

from relance.lib import clock
from relance.mail import attachments, identities
from relance.mail.identities import NoSender, Sender
from relance.mail.models import MailAccount, MessageCopy, Outgoing
from relance.mime import compose, written
from relance.users.models import User

__all__ = ["Conflict", "Content", "NoSender", "NotADraft", "discard", "mine", "save", "start"]

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
) -> Outgoing:
    """A fresh draft. Raises `NoSender` when she has no mailbox."""
    sender = identities.default_of(author, account)
    draft = Outgoing(
        author=author,
        kind=kind,
        people=_clean_people({"to": list(to)}),
        source=source,
        subject=_one_line(subject),
        html=written.clean(html).html,
        message_id=compose.new_message_id(sender.account.domain),
        state=_DRAFT,
    )
    _set_sender(draft, sender)
    draft.save()
    return draft


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
