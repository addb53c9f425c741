"""Quotes, orders and invoices: made under the next number, changed while they are drafts, made into
the next kind, said to be accepted, delivered or paid (REC-10)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from relance import journal
from relance.crm import deals, sales_numbers, sales_totals
from relance.crm.activities import Subject
from relance.crm.models import Deal, DocumentLine, SalesDocument
from relance.journal.models import Entry
from relance.lib import clock
from relance.users.models import User

STATUS, DELETED = "crm.document.status", "crm.document.delete"
_Kind, _Status = SalesDocument.Kind, SalesDocument.Status

#: What a document may become next, by its kind and its status, in the order of the buttons.
_NEXT: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    _Kind.QUOTE: {
        _Status.DRAFT: (_Status.SENT, _Status.CANCELLED),
        _Status.SENT: (_Status.ACCEPTED, _Status.REJECTED, _Status.DRAFT),
        _Status.ACCEPTED: (_Status.SENT,),
        _Status.REJECTED: (_Status.SENT,),
        _Status.CANCELLED: (_Status.DRAFT,),
    },
    _Kind.SALES_ORDER: {
        _Status.DRAFT: (_Status.SENT, _Status.CANCELLED),
        _Status.SENT: (_Status.ACCEPTED, _Status.DELIVERED, _Status.DRAFT, _Status.CANCELLED),
        _Status.ACCEPTED: (_Status.DELIVERED, _Status.CANCELLED),
        _Status.DELIVERED: (_Status.ACCEPTED,),
        _Status.CANCELLED: (_Status.DRAFT,),
    },
    _Kind.INVOICE: {
        _Status.DRAFT: (_Status.SENT, _Status.CANCELLED),
        _Status.SENT: (_Status.PAID, _Status.CANCELLED),
        _Status.PAID: (_Status.SENT,),
    },
}
#: What is made of what: an order from its quote, an invoice from either.
FOLLOWERS: Mapping[str, tuple[str, ...]] = {
    _Kind.QUOTE: (_Kind.SALES_ORDER, _Kind.INVOICE),
    _Kind.SALES_ORDER: (_Kind.INVOICE, _Kind.PURCHASE_ORDER),
}
_DAYS = 30


class Fixed(Exception):
    """The document is no draft any more: it is not changed, and an invoice not deleted."""


def following(document: SalesDocument) -> tuple[str, ...]:
    """The statuses it may take from where it stands."""
    kind = document.kind
    known = _NEXT[_Kind.SALES_ORDER if kind == _Kind.PURCHASE_ORDER else kind]
    return known.get(document.status, ())


def due_after(kind: str) -> timedelta | None:
    """How long a new one is valid, or may be paid."""
    return timedelta(days=_DAYS) if kind in (_Kind.QUOTE, _Kind.INVOICE) else None


@transaction.atomic
def create(
    actor: User, document: SalesDocument, lines: Sequence[DocumentLine] = ()
) -> SalesDocument:
    """Save a new document under the next number of its kind. Raises `TooLarge`."""
    document.owner_id = document.owner_id or actor.pk
    document.created_by = actor
    document.number = sales_numbers.take(document.kind)
    _complete(document)
    _reckon(document, lines)
    document.save()
    _put_lines(document, lines)
    return document


@transaction.atomic
def edit(document: SalesDocument, lines: Sequence[DocumentLine] | None = None) -> SalesDocument:
    """Save a changed draft; `lines`, when given, replace those it has. Raises `Fixed` and
    `TooLarge`."""
    stands = SalesDocument.objects.select_for_update().get(pk=document.pk).status
    if stands != _Status.DRAFT:
        raise Fixed
    _complete(document)
    _reckon(document, list(document.lines.all()) if lines is None else lines)
    document.save()
    if lines is not None:
        document.lines.all().delete()
        _put_lines(document, lines)
    return document


@transaction.atomic
def follow(actor: User, source: SalesDocument, kind: str) -> SalesDocument:
    """Make an order or an invoice of it, with its lines. A purchase order has no customer: its
    supplier is still to be named. Raises ValueError when nothing of that kind follows."""
    if kind not in FOLLOWERS.get(source.kind, ()):
        raise ValueError(kind)
    lines = [_copied(line) for line in source.lines.all()]
    today, after = clock.now().astimezone(actor.zone).date(), due_after(kind)
    made = SalesDocument(
        kind=kind,
        source=source,
        issued_on=today,
        due_on=today + after if after else None,
        **{name: getattr(source, name) for name in _CARRIED},
    )
    if kind == _Kind.PURCHASE_ORDER:
        made.company = made.person = None
        made.billing_address = ""
    return create(actor, made, lines)


_CARRIED = (
    *("name", "company", "person", "deal", "currency", "language", "team"),
    *("billing_address", "shipping_address", "terms", "description", "discount_percent"),
)


@transaction.atomic
def set_status(actor: User, document: SalesDocument, status: str) -> Entry:
    """Say how it stands; the entry undoes it. The amount of its deal becomes that of an accepted
    quote. Raises ValueError for a status it cannot take from here."""
    if status not in following(document):
        raise ValueError(status)
    before: dict[str, Any] = {"id": document.pk, "status": document.status}
    if document.kind == _Kind.QUOTE and status == _Status.ACCEPTED:
        before |= _carry_amount(actor, document)
    document.status = status
    document.save(update_fields=["status"])
    return journal.record(actor, STATUS, {"name": str(document), "status": status}, before)


def sent(document_ids: Sequence[int]) -> int:
    """These drafts have left by mail; returns how many were drafts still."""
    rows = SalesDocument.objects.filter(pk__in=document_ids, status=_Status.DRAFT)
    return rows.update(status=_Status.SENT, updated_at=clock.now())


@transaction.atomic
def delete(actor: User, document: SalesDocument) -> Entry:
    """Delete softly; the entry undoes it, and its number is never given again. An invoice that has
    left is cancelled instead: raises `Fixed`."""
    if document.kind == _Kind.INVOICE and document.status != _Status.DRAFT:
        raise Fixed
    document.deleted_at = clock.now()
    document.save(update_fields=["deleted_at"])
    return journal.record(actor, DELETED, {"name": str(document)}, {"id": document.pk})


def of(found: QuerySet[SalesDocument], subject: Subject) -> QuerySet[SalesDocument]:
    """Those of `found` that concern the record, the latest first; an account has those of its
    people and deals."""
    key = subject.record.pk
    query = Q(**{subject.field: key})
    if subject.field == "company":
        query |= Q(company=None) & (Q(person__company=key) | Q(deal__company=key))
    return found.filter(query).order_by("-issued_on", "-pk")


def totals(document: SalesDocument, lines: Sequence[DocumentLine]) -> sales_totals.Totals:
    """What the document amounts to. Raises `TooLarge`."""
    return sales_totals.of_lines(lines, document.currency, document.discount_percent)


def _carry_amount(actor: User, document: SalesDocument) -> dict[str, Any]:
    deal = document.deal
    if deal is None or deal.deleted_at is not None:
        return {}
    was = None if deal.amount is None else str(deal.amount)
    before = {"deal": deal.pk, "amount": was, "currency": deal.currency}
    deal.amount, deal.currency = document.total, document.currency
    deals.edit(actor, deal)
    return before


def _complete(document: SalesDocument) -> None:
    if document.company is None and document.kind != _Kind.PURCHASE_ORDER:
        for other in (document.person, document.deal):
            if other is not None and other.company_id:
                document.company = other.company
                return


def _reckon(document: SalesDocument, lines: Sequence[DocumentLine]) -> None:
    found = totals(document, lines)
    document.subtotal, document.tax_total, document.total = found.subtotal, found.tax, found.total


def _put_lines(document: SalesDocument, lines: Sequence[DocumentLine]) -> None:
    for position, line in enumerate(lines):
        line.pk, line.document, line.position = None, document, position
    DocumentLine.objects.bulk_create(lines)


def _copied(line: DocumentLine) -> DocumentLine:
    names = ("description", "quantity", "unit", "unit_price", "discount_percent", "tax_percent")
    return DocumentLine(**{name: getattr(line, name) for name in names})


def _status_back(entry: Entry) -> None:
    payload = entry.payload
    SalesDocument.objects.filter(pk=payload["id"]).update(
        status=payload["status"], updated_at=clock.now()
    )
    deal = Deal.objects.filter(pk=payload.get("deal")).select_related("stage").first()
    if deal is not None:
        amount = payload["amount"]
        deal.amount = None if amount is None else Decimal(amount)
        deal.currency = payload["currency"]
        deals.edit(entry.user, deal)


def _restore(entry: Entry) -> None:
    document = SalesDocument.objects.get(pk=entry.payload["id"])
    document.deleted_at = None
    document.save(update_fields=["deleted_at"])


def register() -> None:
    """Tell the journal; called when the application is ready."""
    journal.register_undo(STATUS, _status_back)
    journal.register_undo(DELETED, _restore)
