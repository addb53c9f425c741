"""Quotes, orders and invoices in the browser's eyes: pages, lines, PDF, leaving by mail."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from relance.crm import companies, people, sales
from relance.crm.models import Company, DocumentLine, Person, SalesDocument
from relance.inbox import sales as leaving
from relance.lib import clock
from relance.mail.models import MailAccount, Outgoing
from relance.users.models import User

Status = SalesDocument.Status


@pytest.fixture
def quote(alice: User) -> SalesDocument:
    company = companies.create_company(alice, Company(name="Meunier"))
    person = people.create_person(
        alice, Person(first_name="Éloïse", last_name="Garnier", kind="contact", company=company)
    )
    people.set_addresses(person, ["eloise@meunier.example"])
    line = DocumentLine(
        description="Réglette LED — 4 000 K", quantity=Decimal(320), unit_price=Decimal(84),
        discount_percent=Decimal(8), tax_percent=Decimal(20),
    )  # fmt: skip
    made = SalesDocument(
        kind="quote", name="Éclairage", issued_on=date(2026, 11, 24), company=company,
        person=person, language="fr",
    )  # fmt: skip
    return sales.create(alice, made, [line])


def lines(*rows: dict[str, str], act: str = "save") -> dict[str, str]:
    data = {"lines-TOTAL_FORMS": str(len(rows)), "lines-INITIAL_FORMS": "0", "act": act}
    for n, row in enumerate(rows):
        whole = {"quantity": "1", "discount_percent": "0", "tax_percent": "20"} | row
        data |= {f"lines-{n}-{name}": value for name, value in whole.items()}
    return data


@pytest.mark.parametrize("key", ["quotes", "orders", "purchases", "invoices"])
def test_each_kind_has_its_list_and_its_form(as_alice: Client, key: str) -> None:
    assert as_alice.get(f"/sales/{key}/").status_code == 200
    assert as_alice.get(f"/sales/{key}/new/").status_code == 200


def test_a_list_tells_its_documents_and_asks_few_questions(
    as_alice: Client, quote: SalesDocument, django_assert_max_num_queries: object
) -> None:
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        response = as_alice.get("/sales/quotes/")
    assert quote.number in response.content.decode()
    assert quote.number not in as_alice.get("/sales/invoices/").content.decode()


def test_a_document_is_made_then_shown(as_alice: Client, quote: SalesDocument) -> None:
    data = {
        "name": "Lights", "organisation": "Meunier", "person": "eloise@meunier.example",
        "issued_on": "2026-11-24", "currency": "EUR", "language": "en", "owner": quote.owner_id,
    }  # fmt: skip
    response = as_alice.post("/sales/invoices/new/", data, follow=True)
    made = SalesDocument.objects.get(kind="invoice")
    assert made.company == quote.company
    assert made.number in response.content.decode()


def test_lines_are_saved_as_written(as_alice: Client, quote: SalesDocument) -> None:
    rows = (
        {"description": "Lamps", "quantity": "320", "unit_price": "84.00", "discount_percent": "8"},
        {"description": "Installation"},
        {"description": ""},
    )
    as_alice.post(quote.get_absolute_url(), lines(*rows))
    quote.refresh_from_db()
    assert [line.description for line in quote.lines.all()] == ["Lamps", "Installation"]
    assert (quote.subtotal, quote.total) == (Decimal("24729.60"), Decimal("29675.52"))


def test_a_wrong_line_is_shown_as_typed_and_nothing_is_saved(
    as_alice: Client, quote: SalesDocument
) -> None:
    row = {"description": "Lamps", "unit_price": "much"}
    response = as_alice.post(quote.get_absolute_url(), lines(row))
    assert 'value="much"' in response.content.decode()
    assert quote.lines.get().description.startswith("Réglette")


def test_a_line_is_taken_away(as_alice: Client, quote: SalesDocument) -> None:
    rows = ({"description": "A", "unit_price": "wrong"}, {"description": "B", "unit_price": "2"})
    as_alice.post(quote.get_absolute_url(), lines(*rows, act="remove:0"))
    assert [line.description for line in quote.lines.all()] == ["B"]


def test_totals_are_reckoned_without_saving(as_alice: Client, quote: SalesDocument) -> None:
    url = reverse("sales:reckon", args=["quote", quote.pk])
    response = as_alice.post(url, lines({"description": "A", "unit_price": "1000"}))
    assert "1,200" in response.content.decode()
    assert quote.lines.get().unit_price == 84


def test_an_enormous_line_is_refused_in_words(as_alice: Client, quote: SalesDocument) -> None:
    row = {"description": "A", "quantity": "999999999", "unit_price": "99999999999"}
    response = as_alice.post(quote.get_absolute_url(), lines(row))
    assert "more than can be kept" in response.content.decode()


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_pdf_is_one_in_both_languages(
    as_alice: Client, quote: SalesDocument, language: str
) -> None:
    SalesDocument.objects.filter(pk=quote.pk).update(language=language, terms="30 jours, 5 €")
    response = as_alice.get(reverse("sales:pdf", args=["quote", quote.pk]))
    assert response["Content-Type"] == "application/pdf"
    assert response.content.startswith(b"%PDF-")


def test_sending_opens_a_draft_to_the_contact_with_the_pdf(
    as_alice: Client, quote: SalesDocument, make_account: Callable[..., MailAccount]
) -> None:
    make_account(quote.owner)
    response = as_alice.post(reverse("sales:send", args=["quote", quote.pk]))
    draft = Outgoing.objects.get()
    assert response["Location"] == reverse("compose:show", args=[draft.pk])
    assert draft.people["to"][0]["address"] == "eloise@meunier.example"
    assert draft.attachments.get().filename == f"{quote.number}.pdf"
    quote.refresh_from_db()
    assert quote.status == Status.DRAFT
    Outgoing.objects.filter(pk=draft.pk).update(state="sent", sent_at=clock.now())
    as_alice.get(quote.get_absolute_url())
    quote.refresh_from_db()
    assert quote.status == Status.SENT


def test_a_sent_document_made_a_draft_again_stays_one(
    as_alice: Client, alice: User, quote: SalesDocument, make_account: Callable[..., MailAccount]
) -> None:
    make_account(alice)
    as_alice.post(reverse("sales:send", args=["quote", quote.pk]))
    Outgoing.objects.update(state="sent", sent_at=clock.now())
    leaving.settle()
    quote.refresh_from_db()
    sales.set_status(alice, quote, Status.DRAFT)
    leaving.settle()
    quote.refresh_from_db()
    assert quote.status == Status.DRAFT


def test_without_an_address_the_button_is_off_and_says_why(
    as_alice: Client, quote: SalesDocument
) -> None:
    quote.person.address_links.all().delete()
    page = as_alice.get(quote.get_absolute_url()).content.decode()
    assert "has no e-mail address" in page
    assert 'disabled aria-describedby="no-address"' in page
    assert as_alice.post(reverse("sales:send", args=["quote", quote.pk])).status_code == 404


def test_the_next_document_is_made_of_it(as_alice: Client, quote: SalesDocument) -> None:
    url = reverse("sales:follow", args=["quote", quote.pk])
    response = as_alice.post(url, {"into": "order"}, follow=True)
    order = SalesDocument.objects.get(kind="order")
    assert order.total == quote.total
    assert quote.number in response.content.decode()
    assert as_alice.post(url, {"into": "quote"}).status_code == 404


def test_how_it_stands_is_said_and_undone(as_alice: Client, quote: SalesDocument) -> None:
    url = reverse("sales:status", args=["quote", quote.pk])
    as_alice.post(url, {"status": "sent"})
    quote.refresh_from_db()
    assert quote.status == Status.SENT
    assert as_alice.post(url, {"status": "paid"}).status_code == 404
    page = as_alice.get(quote.get_absolute_url())
    assert b"lines-TOTAL_FORMS" not in page.content


def test_the_documents_of_a_record_stand_on_its_card(
    as_alice: Client, quote: SalesDocument
) -> None:
    for entity, key in (("person", quote.person_id), ("company", quote.company_id)):
        page = as_alice.get(reverse("sales:related", args=[entity, key]))
        assert quote.number in page.content.decode()
    assert as_alice.get(reverse("sales:related", args=["person", 10**9])).status_code == 404


def test_who_may_read_none_finds_none(as_alice: Client, quote: SalesDocument, alice: User) -> None:
    quote.deleted_at = clock.now()
    quote.save()
    for name in ("show", "pdf", "edit"):
        assert as_alice.get(reverse(f"sales:{name}", args=["quote", quote.pk])).status_code == 404
    assert as_alice.get(f"/sales/invoice/{quote.pk}/").status_code == 404


def test_an_administrator_sets_the_numbers(as_alice: Client, as_bob: Client, alice: User) -> None:
    page = as_alice.get(reverse("sales:series"))
    assert page.status_code == 200
    data = {}
    for kind in ("quote", "order", "purchase", "invoice"):
        data |= {f"{kind}-prefix": "X", f"{kind}-next": "41", f"{kind}-digits": "5"}
    as_alice.post(reverse("sales:series"), data)
    made = sales.create(alice, SalesDocument(kind="quote", name="A", issued_on=date(2026, 1, 1)))
    assert made.number.startswith("X")
    assert made.number.endswith("-00041")
    assert as_bob.get(reverse("sales:series")).status_code in (403, 404)
