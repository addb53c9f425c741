"""The mails of a record (REC-11 to 16): sent and received, and what is still on its way.

A mail is a record's when one of its addresses is From, To or Cc, when the viewer herself wrote to
one in Bcc, or when it was linked. An account has the mails of its people and deals. Whatever the
reason, only what `visible_copies` gives is shown, each mail once, and never from trash or spam.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from relance.crm.models import Case, Company, Deal, Person, PersonAddress
from relance.crm.models.records import Record
from relance.inbox import outgoing as leaving
from relance.inbox import search as index
from relance.inbox.models import RecordLink
from relance.inbox.outgoing import Delivery
from relance.inbox.visibility import visible_accounts, visible_copies
from relance.lib import clock, keys
from relance.mail.models import (
    CopyParticipant,
    Folder,
    Message,
    MessageCopy,
    Outgoing,
    OutgoingRecipient,
    Participant,
)
from relance.users.models import User

_NEWEST = (1 << 63) - 1
_ROLES = (Participant.Role.FROM, Participant.Role.TO, Participant.Role.CC)
_PUT_AWAY = [Folder.Use.TRASH, Folder.Use.SPAM, Folder.Use.DRAFTS]
_SOME = 100  # addresses asked about at once: SQLite joins at most 500 SELECTs
_FOUND = 400  # search results looked at together
_MOST_LINKS = 2_000
_MOST_WAITING = 20
_State = Outgoing.State
_WAITING = (
    _State.SCHEDULED,
    _State.QUEUED,
    _State.SENDING,
    _State.RETRYING,
    _State.FAILED,
    _State.UNCERTAIN,
    _State.HELD,
)
# They stand for values that are put in when the statement is run.
_ADDRESS, _ROLE = -1, 32_001


@dataclass(frozen=True, slots=True)
class Concern:
    """What makes mails a record's: address ids, and the conversations and messages linked; and how
    mails that were written from its page name it ("deal:12")."""

    addresses: frozenset[int] = frozenset()
    threads: frozenset[int] = frozenset()
    messages: frozenset[int] = frozenset()
    written: str = ""

    @property
    def is_nothing(self) -> bool:
        return not (self.addresses or self.threads or self.messages)


@dataclass(slots=True)
class Mail:
    """One mail of the list. `key` is the cursor for older ones."""

    key: int
    copy: MessageCopy
    message: Message
    is_outgoing: bool
    delivery: Delivery | None = None

    @property
    def at(self) -> datetime:
        return keys.instant_of(self.key)


@dataclass(slots=True)
class Page:
    """Some mails, newest first; with the first ones, what has not left or is not filed yet."""

    mails: list[Mail] = field(default_factory=list)
    waiting: list[Outgoing] = field(default_factory=list)
    next_key: int | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What of them: words they hold, whose mailbox they are in, from which key on, how many."""

    query: str = ""
    owner: int | None = None
    before: int | None = None
    limit: int = 20


def concern_of(record: Record) -> Concern:
    """What makes a mail that record's; what is written from its page is, before it is filed
    (CMP-01)."""
    return replace(_concern_of(record), written=f"{record._meta.model_name}:{record.pk}")


def _concern_of(record: Record) -> Concern:
    """A person's addresses, what was linked to it, and for an account its own addresses and that
    of its people, deals and cases. Two queries, three."""
    if isinstance(record, Person):
        return _concern(Q(person=record), _links("person", [record.pk]))
    if isinstance(record, Company):
        people = Person.objects.filter(company=record, deleted_at=None)
        linked = _links("company", [record.pk]) | _links("person", people.values("pk"))
        for entity, model in (("deal", Deal), ("case", Case)):
            rows = model._default_manager.filter(company=record, deleted_at=None)
            linked |= _links(entity, rows.values("pk"))
        found = _concern(Q(person__company=record, person__deleted_at=None), linked)
        own = record.address_links.values_list("address_id", flat=True)
        return replace(found, addresses=found.addresses | set(own))
    if isinstance(record, Deal):
        cases = Case.objects.filter(deal=record, deleted_at=None)
        return _concern(None, _links("deal", [record.pk]) | _links("case", cases.values("pk")))
    return _concern(None, _links(record._meta.model_name or "", [record.pk]))


def _links(entity: str, ids: Collection[int] | QuerySet[Any, Any]) -> Q:
    return Q(entity=entity, record_id__in=ids)


def _concern(owns: Q | None, linked: Q) -> Concern:
    links = list(
        RecordLink.objects.filter(linked, is_removed=False)
        .order_by("-pk")
        .values_list("thread_id", "message_id")[:_MOST_LINKS]
    )
    ids = PersonAddress.objects.filter(owns).values_list("address_id", flat=True) if owns else ()
    return Concern(
        addresses=frozenset(ids),
        threads=frozenset(t for t, _ in links if t),
        messages=frozenset(m for _, m in links if m),
    )


def owners(viewer: User) -> list[User]:
    """Those whose mailboxes the viewer sees, herself first (REC-12)."""
    rows = User.objects.filter(
        is_active=True, pk__in=visible_accounts(viewer).order_by().values("owner")
    )
    return sorted(rows, key=lambda user: (user.pk != viewer.pk, user.name))


def page(viewer: User, concern: Concern, asked: Asked) -> Page:
    """The mails of that concern, from the cursor on."""
    visible = _visible(viewer, asked)
    find = _matching if asked.query.strip() else _newest
    found = [] if concern.is_nothing else find(viewer, visible, concern, asked)
    shown = found[: asked.limit]
    return Page(
        mails=_mails(viewer, visible, shown, concern),
        waiting=[] if asked.before else _waiting(viewer, concern, asked),
        next_key=shown[-1] if len(found) > asked.limit else None,
    )


def newest_copies(viewer: User, concern: Concern, asked: Asked) -> list[MessageCopy]:
    """The newest mails, a copy of each, the viewer's own where she has one; one more than asked
    for. They tell their message, conversation and mailbox by key alone. At most four queries."""
    if concern.is_nothing:
        return []
    visible = _visible(viewer, asked)
    found = _newest(viewer, visible, concern, asked)
    rows = visible.filter(message__in=found).only("message", "thread", "account__owner")
    best: dict[int, MessageCopy] = {}
    for copy in sorted(
        rows.select_related("account"), key=lambda c: (c.account.owner_id != viewer.pk, c.pk)
    ):
        best.setdefault(copy.message_id or 0, copy)
    return [best[key] for key in found if key in best]


def has_any(viewer: User, concern: Concern) -> bool:
    """Is there a mail the viewer may see?"""
    asked = Asked(limit=0)
    if not concern.is_nothing and _newest(viewer, _visible(viewer, asked), concern, asked):
        return True
    return bool(_waiting(viewer, concern, asked))


def _visible(viewer: User, asked: Asked) -> QuerySet[MessageCopy]:
    """Copies that may be shown on a record; those of deactivated users never are (D9)."""
    copies = visible_copies(viewer).filter(account__owner__is_active=True, is_draft=False)
    if asked.owner is not None:
        copies = copies.filter(account__owner=asked.owner)
    return copies.exclude(folder__special_use__in=_PUT_AWAY)


def _newest(
    viewer: User, visible: QuerySet[MessageCopy], concern: Concern, asked: Asked
) -> list[int]:
    """Keys of the newest messages, one more than asked for."""
    before, limit = asked.before or _NEWEST, asked.limit + 1
    found = set(_by_address(visible, sorted(concern.addresses), before, limit))
    older = visible.filter(message__lt=before)
    sources = []
    if concern.addresses:
        sources.append(older.filter(pk__in=_blind(viewer, concern)))
    if concern.threads:
        sources.append(older.filter(message__in=_of_threads(concern)))
    if concern.messages:
        sources.append(older.filter(message__in=concern.messages))
    for rows in sources:
        # One mail may have several copies
        keys_of = rows.order_by("-message_id").values_list("message_id", flat=True).distinct()
        found.update(k for k in keys_of[:limit] if k)
    return sorted(found, reverse=True)[:limit]


def _by_address(
    visible: QuerySet[MessageCopy], addresses: Sequence[int], before: int, limit: int
) -> Iterable[int]:
    """For each address and role the head of one index range, all of them in one statement: as
    fast with a hundred thousand mails as with ten."""
    rows = (
        Participant.objects.filter(address=_ADDRESS)
        .filter(role=_ROLE)
        .filter(message__lt=before)
        .filter(Exists(visible.filter(message=OuterRef("message"))))
        .order_by("-message_id")
        .values_list("message_id", flat=True)[:limit]
    )
    sql, params = rows.query.sql_with_params()
    at = params.index(_ADDRESS)
    for start in range(0, len(addresses), _SOME):
        asked = [(a, r) for a in addresses[start : start + _SOME] for r in _ROLES]
        text = " UNION ".join([f"SELECT * FROM ({sql}) s"] * len(asked))  # noqa: S608 (ours)
        values = [v for pair in asked for v in (*params[:at], *pair, *params[at + 2 :])]
        with connection.cursor() as cursor:
            cursor.execute(text, values)
            yield from (row[0] for row in cursor.fetchall())


def _blind(viewer: User, concern: Concern) -> QuerySet[CopyParticipant, int]:
    """Copies of mails the viewer herself wrote, in Bcc to one of the addresses."""
    rows = CopyParticipant.objects.filter(
        address__in=concern.addresses, copy__account__owner=viewer, copy__is_outgoing=True
    )
    return rows.values_list("copy_id", flat=True)


def _of_threads(concern: Concern) -> QuerySet[MessageCopy, int | None]:
    rows = MessageCopy.objects.filter(thread__in=concern.threads, message__isnull=False)
    return rows.values_list("message_id", flat=True)


def _matching(
    viewer: User, visible: QuerySet[MessageCopy], concern: Concern, asked: Asked
) -> list[int]:
    """The same among those that hold every word asked for."""
    within = [
        Participant.objects.filter(address__in=concern.addresses, role__in=_ROLES)
        .order_by()
        .values("message_id"),
        MessageCopy.objects.filter(pk__in=_blind(viewer, concern)).values("message_id"),
        _of_threads(concern).values("message_id"),
        Message.objects.filter(pk__in=concern.messages).values("pk"),
    ]
    found: list[int] = []
    cursor = asked.before
    while len(found) <= asked.limit:
        ids = index.matching(asked.query, before=cursor, limit=_FOUND, within=within)
        seen = set(visible.filter(message__in=ids).values_list("message_id", flat=True))
        found += [i for i in ids if i in seen]
        if len(ids) < _FOUND:
            break
        cursor = ids[-1]
    return found[: asked.limit + 1]


def _mails(
    viewer: User, visible: QuerySet[MessageCopy], ids: Sequence[int], concern: Concern
) -> list[Mail]:
    if not ids:
        return []
    rows = visible.filter(message__in=ids).select_related("message__from_address", "account")
    best: dict[int, MessageCopy] = {}
    for copy in sorted(rows, key=lambda c: (c.account.owner_id != viewer.pk, c.pk)):
        best.setdefault(copy.message_id or 0, copy)
    ours = MessageCopy.objects.filter(message__in=ids, is_outgoing=True)
    sent = set(ours.values_list("message_id", flat=True))
    mails = []
    for key in ids:
        message = best[key].message
        assert message is not None  # it was found by its message
        is_theirs = message.from_address_id in concern.addresses
        mails.append(Mail(key, best[key], message, key in sent and not is_theirs))
    _add_deliveries(viewer, [m for m in mails if m.is_outgoing])
    return mails


def _add_deliveries(viewer: User, mails: Sequence[Mail]) -> None:
    if mails:
        known = leaving.deliveries_of(viewer, [m.copy.pk for m in mails])
        for mail in mails:
            mail.delivery = known.get(mail.copy.pk)


def _written_from(viewer: User, concern: Concern) -> Exists:
    rows = OutgoingRecipient.objects.filter(outgoing=OuterRef("pk"), record=concern.written)
    return Exists(rows.filter(_not_blind(viewer)).exclude(record=""))


def _not_blind(viewer: User) -> Q:
    return ~Q(role=OutgoingRecipient.Role.BCC) | Q(outgoing__author=viewer)


def _waiting(viewer: User, concern: Concern, asked: Asked) -> list[Outgoing]:
    """What has not left yet, the next one first, then what has left and is not in Sent yet."""
    to = OutgoingRecipient.objects.filter(address__in=concern.addresses)
    to = to.filter(_not_blind(viewer))
    since = clock.now() - leaving.FILED_WITHIN
    rows = leaving.readable(viewer).filter(
        Q(pk__in=to.values("outgoing"))
        | Q(thread__in=concern.threads)
        | _written_from(viewer, concern),
        Q(state__in=_WAITING) | Q(state=_State.SENT, sent_at__gt=since),
        author__is_active=True,
    )
    if asked.owner is not None:
        rows = rows.filter(author=asked.owner)
    if asked.query.strip():
        rows = rows.filter(subject__icontains=asked.query.strip())
    found = list(rows.order_by("-scheduled_at", "-queued_at", "-pk")[:_MOST_WAITING])
    return leaving.without_filed(found)
