"""Quotes, orders and invoices: what they amount to, their numbers, what becomes of them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import time_machine
from django.db import connection

from relance import journal
from relance.crm import sales, sales_numbers, sales_totals
from relance.crm.models import Deal, DocumentLine, NumberSeries, SalesDocument, Stage
from relance.users.models import Organisation, User

Kind, Status = SalesDocument.Kind, SalesDocument.Status
DAY = date(2026, 11, 24)


@pytest.fixture
def seller(db: None) -> User:
    Organisation.objects.create(name="Clarté")
    return User.objects.create(email="camille@clarte.example", first_name="Camille")


def line(
    price: str | None, quantity: str = "1", discount: str = "0", tax: str = "20"
) -> DocumentLine:
    return DocumentLine(
        description="Something",
        quantity=Decimal(quantity),
        unit_price=None if price is None else Decimal(price),
        discount_percent=Decimal(discount),
        tax_percent=Decimal(tax),
    )


def document(kind: str = Kind.QUOTE, **more: object) -> SalesDocument:
    return SalesDocument(kind=kind, name="Lights", issued_on=DAY, **more)


def test_a_quote_amounts_to_its_lines_less_their_discounts_and_tax() -> None:
    lines = [
        line("84.00", "320", "8"),
        line("118.00", "46"),
        line("8600"),
        line("621.20", "2"),
        line(None),
    ]
    found = sales_totals.of_lines(lines, "EUR")
    assert sales_totals.of_line(lines[0], "EUR") == Decimal("24729.60")
    assert (found.subtotal, found.tax, found.total) == (
        Decimal("40000.00"),
        Decimal("8000.00"),
        Decimal("48000.00"),
    )


def test_taxes_are_reckoned_and_rounded_by_rate_half_up() -> None:
    lines = [line("0.05", tax="10"), line("10.005", tax="5.5"), line("99.99", tax="20")]
    found = sales_totals.of_lines(lines, "EUR", Decimal(10))
    assert [(tax.percent, tax.base, tax.amount) for tax in found.taxes] == [
        (Decimal(20), Decimal("89.99"), Decimal("18.00")),
        (Decimal(10), Decimal("0.05"), Decimal("0.01")),
        (Decimal("5.5"), Decimal("9.01"), Decimal("0.50")),
    ]
    assert found.subtotal == Decimal("99.05")
    assert found.discount == found.lines - found.subtotal
    assert found.total == found.subtotal + found.tax


def test_yen_have_no_cents() -> None:
    assert sales_totals.of_line(line("10.5"), "JPY") == Decimal(11)


def test_what_cannot_be_kept_is_refused() -> None:
    with pytest.raises(sales_totals.TooLarge):
        sales_totals.of_lines([line("99999999999", "999999999")], "EUR")


@time_machine.travel(datetime(2026, 11, 24, 9, tzinfo=UTC), tick=False)
def test_each_kind_has_its_own_numbers_one_after_the_other(seller: User) -> None:
    numbers = [
        sales.create(seller, document(kind)).number
        for kind in (Kind.QUOTE, Kind.QUOTE, Kind.INVOICE, Kind.QUOTE)
    ]
    assert numbers == ["D2026-001", "D2026-002", "F2026-001", "D2026-003"]


def test_a_new_year_begins_with_one(seller: User) -> None:
    with time_machine.travel(datetime(2026, 12, 31, 12, tzinfo=UTC)):
        assert sales.create(seller, document()).number == "D2026-001"
    with time_machine.travel(datetime(2027, 1, 1, 12, tzinfo=UTC)):
        assert sales_numbers.preview(sales_numbers.series_of(Kind.QUOTE)) == "D2027-001"
        assert sales.create(seller, document()).number == "D2027-001"


def test_a_document_that_cannot_be_saved_takes_no_number(seller: User) -> None:
    with pytest.raises(sales_totals.TooLarge):
        sales.create(seller, document(), [line("99999999999", "999999999")])
    assert sales.create(seller, document()).number.endswith("-001")


def test_a_number_somebody_has_is_left_out(seller: User) -> None:
    first = sales.create(seller, document())
    NumberSeries.objects.filter(kind=Kind.QUOTE).update(next=1)
    assert sales.create(seller, document()).number != first.number


@pytest.mark.django_db(transaction=True)
def test_documents_made_at_once_have_numbers_without_gaps() -> None:
    Organisation.objects.create(name="Clarté")
    seller = User.objects.create(email="camille@clarte.example", first_name="Camille")

    def make(n: int) -> str:
        try:
            if n % 3 == 2:
                with pytest.raises(sales_totals.TooLarge):
                    sales.create(seller, document(Kind.INVOICE), [line("99999999999", "999999999")])
                return ""
            return sales.create(seller, document(Kind.INVOICE)).number
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        numbers = sorted(filter(None, pool.map(make, range(18))))
    assert [int(number.rpartition("-")[2]) for number in numbers] == list(range(1, 13))


def test_an_order_is_made_of_a_quote_and_an_invoice_of_the_order(seller: User) -> None:
    quote = sales.create(seller, document(discount_percent=Decimal(5)), [line("100", "3")])
    order = sales.follow(seller, quote, Kind.SALES_ORDER)
    invoice = sales.follow(seller, order, Kind.INVOICE)
    assert (order.source, invoice.source) == (quote, order)
    assert invoice.total == quote.total == Decimal("342.00")
    assert invoice.lines.count() == 1
    assert invoice.due_on is not None
    with pytest.raises(ValueError, match="quote"):
        sales.follow(seller, invoice, Kind.QUOTE)


def test_a_purchase_order_waits_for_its_supplier(seller: User) -> None:
    order = sales.create(seller, document(Kind.SALES_ORDER, billing_address="Lyon"))
    purchase = sales.follow(seller, order, Kind.PURCHASE_ORDER)
    assert (purchase.company, purchase.person, purchase.billing_address) == (None, None, "")


def test_only_a_draft_is_changed(seller: User) -> None:
    quote = sales.create(seller, document(), [line("100")])
    sales.edit(quote, [line("200")])
    assert quote.subtotal == Decimal(200)
    sales.set_status(seller, quote, Status.SENT)
    with pytest.raises(sales.Fixed):
        sales.edit(quote, [line("300")])


def test_the_amount_of_the_deal_follows_the_accepted_quote_and_comes_back(seller: User) -> None:
    stage = Stage.objects.filter(kind=Stage.Kind.OPEN).first()
    deal = Deal.objects.create(name="Lights", stage=stage, owner=seller, closes_on=DAY, amount=1)
    quote = sales.create(seller, document(deal=deal), [line("100")])
    sales.set_status(seller, quote, Status.SENT)
    entry = sales.set_status(seller, quote, Status.ACCEPTED)
    deal.refresh_from_db()
    assert deal.amount == Decimal(120)
    journal.undo(entry.pk, seller)
    deal.refresh_from_db()
    quote.refresh_from_db()
    assert (deal.amount, quote.status) == (Decimal(1), Status.SENT)


def test_a_status_out_of_turn_is_refused(seller: User) -> None:
    quote = sales.create(seller, document())
    with pytest.raises(ValueError, match="paid"):
        sales.set_status(seller, quote, Status.PAID)


def test_an_invoice_that_has_left_is_not_deleted(seller: User) -> None:
    invoice = sales.create(seller, document(Kind.INVOICE))
    sales.set_status(seller, invoice, Status.SENT)
    with pytest.raises(sales.Fixed):
        sales.delete(seller, invoice)


def test_a_deleted_quote_comes_back(seller: User) -> None:
    quote = sales.create(seller, document())
    journal.undo(sales.delete(seller, quote).pk, seller)
    assert SalesDocument.objects.get(pk=quote.pk).deleted_at is None
