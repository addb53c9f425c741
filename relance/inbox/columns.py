"""Reading the inbox: columns, the unified list, folders and search results.

A column is an index range scan on `Placement`; the four columns of a page are one query.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.core.cache import cache
from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from relance.crm.models import Deal, Stage
from relance.inbox import search as index
from relance.inbox.cards import Card, dress
from relance.inbox.models import ColumnCount, Placement, Stream
from relance.inbox.visibility import visible_accounts, visible_copies
from relance.lib.money import Money
from relance.mail.models import Folder, MailAccount, MessageCopy, Participant
from relance.users.models import User

DISPLAY_ORDER = (Stream.POTENTIALS, Stream.PEOPLE, Stream.COLLEAGUES, Stream.NOT_IN_CRM)
_NEWEST = (1 << 63) - 1
_SUMMARY_SECONDS = 30

_RANGE = "SELECT * FROM inbox_placement WHERE {where} ORDER BY key DESC LIMIT %s"
_SELECT = """
SELECT p.thread_id, p.account_id, p.key, p.stream, p.is_unread, m.from_name, a.address,
       m.subject, m.snippet, p.message_count, p.has_attachment, m.is_auto, m.is_bulk,
       a.domain, p.decided_by_id, m.from_address_id
FROM ({placements}) p
JOIN mail_message m ON m.id = p.message_id
LEFT JOIN addresses_emailaddress a ON a.id = m.from_address_id
"""


@dataclass(slots=True)
class Column:
    """Cards, newest first, with what stands above them. `stream` is 0 for an unmixed list."""

    stream: int
    cards: list[Card] = field(default_factory=list)
    total: int = 0
    unread: int = 0
    next_key: int | None = None
    unread_only: bool = False
    deal_count: int = 0
    deal_totals: list[Money] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Slice:
    """One index range to read."""

    account_id: int
    stream: int  # 0: every column
    unread_only: bool
    before: int
    limit: int

    def sql(self) -> tuple[str, list[Any]]:
        where, params = ["account_id = %s"], [self.account_id]
        if self.stream:
            where.append("stream = %s")
            params.append(self.stream)
        if self.unread_only:
            where.append("is_unread")
        where.append("key < %s")
        clause = " AND ".join(where)
        text = _RANGE.format(where=clause)
        return f"SELECT * FROM ({text}) s", [*params, self.before, self.limit]  # noqa: S608 (constants)


def accounts_of(viewer: User) -> list[MailAccount]:
    """The viewer's connected mailboxes."""
    return list(visible_accounts(viewer))


def board(
    viewer: User,
    *,
    account_ids: Sequence[int] | None = None,
    unread_only: Collection[int] = (),
    limit: int = 15,
) -> list[Column]:
    """The four columns in the order they are shown, each with its first `limit` cards."""
    ids = _account_ids(viewer, account_ids)
    slices = [
        _Slice(a, s, s in unread_only, _NEWEST, limit + 1) for s in DISPLAY_ORDER for a in ids
    ]
    cards = _read(slices)
    columns = [
        _column(int(s), [c for c in cards if c.stream == s], limit, unread_only=s in unread_only)
        for s in DISPLAY_ORDER
    ]
    dress([card for column in columns for card in column.cards])
    _add_counts(columns, ids)
    _add_deal_summary(columns[0], ids)
    return columns


def column(  # noqa: PLR0913 (a viewer, a place, and what of it)
    viewer: User,
    stream: int,
    *,
    before: int | None = None,
    unread_only: bool = False,
    account_ids: Sequence[int] | None = None,
    limit: int = 25,
) -> Column:
    """One column from the cursor `before` on; stream 0 gives all four together."""
    ids = _account_ids(viewer, account_ids)
    slices = [_Slice(a, stream, unread_only, before or _NEWEST, limit + 1) for a in ids]
    found = _column(stream, _read(slices), limit, unread_only=unread_only)
    dress(found.cards)
    _add_counts([found], ids)
    if stream == Stream.POTENTIALS and before is None:
        _add_deal_summary(found, ids)
    return found


def unified(
    viewer: User,
    *,
    before: int | None = None,
    unread_only: bool = False,
    account_ids: Sequence[int] | None = None,
    limit: int = 50,
) -> Column:
    """The same conversations in one list, newest first."""
    return column(
        viewer,
        0,
        before=before,
        unread_only=unread_only,
        account_ids=account_ids,
        limit=limit,
    )


def cards_for(viewer: User, thread_ids: Collection[int]) -> list[Card]:
    """The inbox cards of these threads, as far as the viewer may see them."""
    ids = _account_ids(viewer, None)
    if not ids or not thread_ids:
        return []
    placements = Placement.objects.filter(account__in=ids, thread__in=thread_ids)
    sql, params = placements.query.sql_with_params()
    cards = _cards(_SELECT.format(placements=sql), params)
    dress(cards)
    return sorted(cards, key=lambda c: -c.key)


def folder(
    viewer: User,
    use: str,
    *,
    before: int | None = None,
    account_ids: Sequence[int] | None = None,
    limit: int = 50,
) -> Column:
    """The copies in the folders of one use ("sent", "archive", …), newest first."""
    ids = _account_ids(viewer, account_ids)
    folders = list(Folder.objects.filter(account__in=ids, special_use=use, missing_at=None))
    copies: list[MessageCopy] = []
    for one in folders:
        of_folder = MessageCopy.objects.filter(folder=one, key__lt=before or _NEWEST)
        copies += _with_message(of_folder)[: limit + 1]
    cards = _copy_cards(copies, by_recipient=use in {Folder.Use.SENT, Folder.Use.DRAFTS})
    found = _column(0, cards, limit, unread_only=False)
    dress(found.cards)
    found.total = sum(f.total_count for f in folders)
    found.unread = sum(f.unread_count for f in folders)
    return found


def search(viewer: User, query: str, *, before: int | None = None, limit: int = 50) -> Column:
    """Conversations with a visible message that holds every word, newest first."""
    found: dict[int, MessageCopy] = {}
    cursor: int | None = before
    visible = visible_copies(viewer).exclude(folder__special_use__in=["spam", "trash"])
    while len(found) <= limit:
        ids = index.matching(query, before=cursor, limit=200)
        for copy in _with_message(visible.filter(message__in=ids)):
            if copy.message_id is not None:
                found.setdefault(copy.message_id, copy)
        if len(ids) < 200:
            break
        cursor = ids[-1]
    cards = _copy_cards(found.values(), by_recipient=False)
    for card, copy in zip(cards, found.values(), strict=True):
        card.key = copy.message_id or 0
    result = _column(0, cards, limit, unread_only=False)
    dress(result.cards)
    return result


def unread_total(viewer: User) -> int:
    """Unread conversations over all columns: the number in the tab's title."""
    counts = ColumnCount.objects.filter(account__in=visible_accounts(viewer))
    return counts.aggregate(n=Sum("unread"))["n"] or 0


def _account_ids(viewer: User, wanted: Sequence[int] | None) -> list[int]:
    ids = list(visible_accounts(viewer).values_list("pk", flat=True))
    return ids if wanted is None else [i for i in ids if i in wanted]


def _read(slices: Sequence[_Slice]) -> list[Card]:
    if not slices:
        return []
    parts, params = [], []
    for one in slices:
        text, values = one.sql()
        parts.append(text)
        params += values
    return _cards(_SELECT.format(placements=" UNION ALL ".join(parts)), params)


def _cards(sql: str, params: Iterable[Any]) -> list[Card]:
    with connection.cursor() as cursor:
        cursor.execute(sql, list(params))
        return [_card(row) for row in cursor.fetchall()]


def _card(row: Sequence[Any]) -> Card:
    return Card(
        thread_id=row[0],
        account_id=row[1],
        key=row[2],
        stream=row[3],
        unread=bool(row[4]),
        sender_name=row[5] or row[6] or "",
        sender_address=row[6] or "",
        subject=row[7],
        snippet=row[8],
        message_count=row[9],
        has_attachment=bool(row[10]),
        is_automatic=bool(row[11] or row[12]),
        domain=row[13] or "",
        decided_by=row[14],
        from_id=row[15],
    )


def _column(stream: int, cards: list[Card], limit: int, *, unread_only: bool) -> Column:
    cards.sort(key=lambda c: -c.key)
    shown = cards[:limit]
    return Column(
        stream=stream,
        cards=shown,
        next_key=shown[-1].key if len(cards) > limit else None,
        unread_only=unread_only,
    )


def _with_message(copies: QuerySet[MessageCopy]) -> QuerySet[MessageCopy]:
    return (
        copies.filter(message__isnull=False)
        .select_related("message__from_address")
        .order_by("-key")
    )


def _copy_cards(copies: Iterable[MessageCopy], *, by_recipient: bool) -> list[Card]:
    copies = list(copies)
    recipients = _first_recipients(copies) if by_recipient else {}
    return [_copy_card(copy, recipients.get(copy.message_id or 0)) for copy in copies]


def _copy_card(copy: MessageCopy, recipient: Participant | None) -> Card:
    message = copy.message
    assert message is not None  # `_with_message` asked for it
    address = recipient.address if recipient else message.from_address
    name = recipient.name if recipient else message.from_name
    return Card(
        thread_id=copy.thread_id or 0,
        account_id=copy.account_id,
        key=copy.key,
        stream=0,
        unread=not copy.is_seen,
        sender_name=name or (address.address if address else ""),
        sender_address=address.address if address else "",
        subject=message.subject,
        snippet=message.snippet,
        message_count=1,
        has_attachment=message.attachment_count > 0,
        is_automatic=message.is_auto or message.is_bulk,
        domain=address.domain if address else "",
        from_id=address.pk if address else None,
        copy_id=copy.pk,
    )


def _first_recipients(copies: Iterable[MessageCopy]) -> dict[int, Participant]:
    ids = [c.message_id for c in copies if c.message_id]
    rows = (
        Participant.objects.filter(message__in=ids, role=Participant.Role.TO)
        .select_related("address")
        .order_by("-position")
    )
    return {p.message_id: p for p in rows}


def _add_counts(columns: Sequence[Column], account_ids: Sequence[int]) -> None:
    counts = ColumnCount.objects.filter(account__in=account_ids).values_list(
        "stream", "total", "unread"
    )
    for stream, total, unread in counts:
        for one in columns:
            if one.stream in (stream, 0):
                one.total += total
                one.unread += unread


def _add_deal_summary(potentials: Column, account_ids: Sequence[int]) -> None:
    """Open deals of the people in the column, totalled per currency.

    Exact from the cards when they are all there; else counted in SQL, at most every 30 s.
    """
    if not potentials.unread_only and potentials.next_key is None:
        deals = {d.id: d for card in potentials.cards for d in card.deals}
        potentials.deal_count = len(deals)
        sums: dict[str, Decimal] = {}
        for deal in deals.values():
            sums[deal.currency] = sums.get(deal.currency, Decimal(0)) + (deal.amount or 0)
        rows = [(c, 0, a) for c, a in sums.items()]
    else:
        key = f"deal-summary:{','.join(map(str, account_ids))}"
        rows = cache.get_or_set(key, lambda: _deal_summary(account_ids), _SUMMARY_SECONDS) or []
        potentials.deal_count = sum(count for _, count, _ in rows)
    potentials.deal_totals = sorted((Money(a, c) for c, _, a in rows if a), reverse=True)


def _deal_summary(account_ids: Sequence[int]) -> list[tuple[str, int, Decimal]]:
    in_column = Placement.objects.filter(
        account__in=account_ids,
        stream=Stream.POTENTIALS,
        decided_by__person_links__person__deal_roles__deal=OuterRef("pk"),
    )
    deals = Deal.objects.filter(Q(deleted_at=None, stage__kind=Stage.Kind.OPEN) & Exists(in_column))
    rows = deals.values("currency").annotate(n=Count("pk"), sum=Sum("amount"))
    return [(r["currency"], r["n"], r["sum"] or Decimal(0)) for r in rows]


__all__ = [
    "Card",
    "Column",
    "accounts_of",
    "board",
    "cards_for",
    "column",
    "folder",
    "search",
    "unified",
    "unread_total",
]
