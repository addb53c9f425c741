"""What the demo's sellers offered, took orders for and billed."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from relance.crm import sales
from relance.crm.models import Deal, DocumentLine, NumberSeries, SalesDocument
from relance.demo import almanac

_FIRST_QUOTE = 117
_RATE = Decimal(20)
_TERMS = "Règlement à 30 jours, acompte de 30\u202f% à la commande."
# description, quantity, unit price, discount in percent
_WAREHOUSE = (
    ("Réglette LED 4\u202f000\u202fK\nLUM-400, 58\u202fW, 7 ans de garantie", 320, "84", 8),
    ("Détecteur de présence\nDET-12, plafond, portée 12\u202fm", 46, "118", 0),
    ("Pose et raccordement\nQuais 1 à 6, hors expéditions du matin", 1, "8600", 0),
    ("Nacelle, 2 jours\nFournie et assurée", 2, "621.20", 0),
)
_USUAL = (
    ("Fourniture des luminaires\nLivraison comprise", "0.7"),
    ("Pose et mise en service", "0.3"),
)
_OTHERS = ("sent", "draft", "accepted", "accepted")


def write(now: datetime) -> None:
    """A quote for the warehouse, and for the last of them orders and an invoice."""
    NumberSeries.objects.create(kind="quote", prefix="", year=now.year, next=_FIRST_QUOTE)
    found = Deal.objects.filter(amount__isnull=False, company__isnull=False).order_by("pk")
    deals = list(found.select_related("company", "owner")[:30])
    warehouse = next((d for d in deals if "Saint-Priest" in d.name), deals[0])
    others = [deal for deal in deals if deal != warehouse and deal.currency == "EUR"]
    for days, status, deal in zip((20, 3, 41, 33), _OTHERS, others, strict=False):
        quote = _quote(deal, now - timedelta(days=days), _lines(deal))
        _stands(quote, status)
        if status == "accepted":
            order = sales.follow(deal.owner, quote, SalesDocument.Kind.SALES_ORDER)
            _stands(order, "delivered")
            _stands(sales.follow(deal.owner, order, SalesDocument.Kind.INVOICE), "sent")
    lines = [_line(*row) for row in _WAREHOUSE]
    _stands(_quote(warehouse, now - timedelta(days=7), lines), "draft")


def _quote(deal: Deal, at: datetime, lines: list[DocumentLine]) -> SalesDocument:
    part = deal.contacts.filter(is_primary=True).select_related("person").first()
    day = almanac.workday(at.astimezone(almanac.ZONE).date(), 0)
    company = deal.company
    assert company is not None
    place = f"{company.postcode} {company.city}".strip()
    quote = SalesDocument(
        kind=SalesDocument.Kind.QUOTE,
        name=deal.name,
        company=company,
        person=part.person if part else None,
        deal=deal,
        owner=deal.owner,
        currency=deal.currency,
        issued_on=day,
        due_on=day + timedelta(days=30),
        billing_address="\n".join(t for t in (company.name, company.street, place) if t),
        terms=_TERMS,
    )
    return sales.create(deal.owner, quote, lines)


def _lines(deal: Deal) -> list[DocumentLine]:
    """The amount of the deal, tax included, in two lines."""
    assert deal.amount is not None
    net = deal.amount / (1 + _RATE / 100)
    return [_line(text, 1, str(round(net * Decimal(part), 2)), 0) for text, part in _USUAL]


def _line(text: str, quantity: int, price: str, discount: int) -> DocumentLine:
    return DocumentLine(
        description=text,
        quantity=Decimal(quantity),
        unit_price=Decimal(price),
        discount_percent=Decimal(discount),
        tax_percent=_RATE,
    )


def _stands(document: SalesDocument, status: str) -> None:
    """As it stands, without moving the amount of its deal."""
    SalesDocument.objects.filter(pk=document.pk).update(status=status)
