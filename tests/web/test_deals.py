"""Deals, through the door."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from relance.crm import access, deals
from relance.crm.models import Company, Deal, Person
from relance.users.models import User
from relance.web.components.amounts import plain_number
from tests.web.conftest import stage


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


@pytest.fixture
def form(bob: User) -> dict[str, Any]:
    return {
        "name": "Quais 1 à 6",
        "amount": "12,500.50",
        "currency": "EUR",
        "stage": stage("open").pk,
        "closes_on": "2027-01-18",
        "owner": bob.pk,
    }


class TestAmounts:
    @pytest.mark.parametrize(
        ("written", "language", "meant"),
        [
            ("12 500,50", "fr", "12500.50"),
            ("12\u202f500,50 €", "fr", "12500.50"),
            ("12.500,50", "fr", "12500.50"),
            ("12.500", "fr", "12500"),
            ("12,5", "fr", "12.5"),
            ("12.5", "fr", "12.5"),
            ("12,500", "fr", "12.500"),
            ("12,500.50", "en", "12500.50"),
            ("€12,500", "en", "12500"),
            ("1,250,000", "en", "1250000"),
            ("12.50", "en", "12.50"),
            ("12,5", "en", "12.5"),
            ("12.500,50", "en", "12500.50"),
            ("1.250.000", "en", "1250000"),
            ("1'250'000", "en", "1250000"),
            ("", "fr", ""),
            ("many", "fr", "many"),
        ],
    )
    def test_they_are_read_as_they_are_written(
        self, written: str, language: str, meant: str
    ) -> None:
        assert plain_number(written, language=language) == meant

    @pytest.mark.parametrize(
        ("amount", "said"),
        [
            ("abc", "This is no amount. Write it like 12,500.50."),
            ("-5", "greater than or equal to 0"),
            ("1.234", "no more than 2 decimal places"),
            ("99999999999999999", "no more than"),
            ("1e5000", "This is no amount"),
            ("٣", "This is no amount"),
            ("NaN", "This is no amount"),
        ],
    )
    def test_nonsense_is_refused_and_stays_in_the_form(
        self, as_bob: Client, form: dict[str, Any], amount: str, said: str
    ) -> None:
        page = text(as_bob.post("/deals/new/", {**form, "amount": amount}))
        assert said in page
        assert f'value="{amount}"' in page
        assert not Deal.objects.exists()


class TestCreating:
    def test_it_is_saved_with_its_contact_and_account(
        self, as_bob: Client, form: dict[str, Any], eloise: Person
    ) -> None:
        as_bob.post("/deals/new/", {**form, "person": "e.garnier@meunier.example"})

        deal = Deal.objects.get()
        assert deal.amount == Decimal("12500.50")
        assert deal.closes_on == date(2027, 1, 18)
        assert deal.contacts.get().person == eloise
        assert deal.company == eloise.company

    def test_french_users_write_french_amounts(
        self, as_bob: Client, bob: User, form: dict[str, Any]
    ) -> None:
        bob.language = "fr"
        bob.save()
        as_bob.post("/deals/new/", {**form, "amount": "12 500,50"})
        assert Deal.objects.get().amount == Decimal("12500.50")

        page = as_bob.get(f"/deals/{Deal.objects.get().pk}/edit/").content.decode()
        assert 'value="12\u202f500,50"' in page

    def test_no_amount_is_to_be_set(self, as_bob: Client, form: dict[str, Any]) -> None:
        as_bob.post("/deals/new/", {**form, "amount": ""})
        assert Deal.objects.get().amount is None
        assert "amount to be set" in text(as_bob.get("/deals/"))

    def test_the_form_proposes_the_person_of_the_address(
        self, as_bob: Client, eloise: Person
    ) -> None:
        page = text(as_bob.get(f"/deals/new/?person={eloise.pk}"))
        assert 'value="Éloïse Garnier &lt;e.garnier@meunier.example&gt;"' in page
        assert 'value="Meunier Logistique"' in page
        assert "becomes a contact" not in page

    def test_that_of_a_lead_comes_with_its_conversion(
        self, as_bob: Client, form: dict[str, Any], thomas: Person
    ) -> None:
        asked = as_bob.get(f"/deals/new/?person={thomas.pk}")
        assert asked["Location"] == f"/convert/{thomas.pk}/"

        as_bob.post("/deals/new/", {**form, "person": "Thomas Leclerc", "organisation": ""})
        thomas.refresh_from_db()
        assert thomas.kind == "contact"
        assert Deal.objects.get().company == thomas.company

    @pytest.mark.parametrize("asked", ["", "x", "99999", "٣"])
    def test_an_unknown_person_is_ignored(self, as_bob: Client, asked: str) -> None:
        assert as_bob.get(f"/deals/new/?person={asked}").status_code == 200

    def test_nobody_of_that_name_is_refused(self, as_bob: Client, form: dict[str, Any]) -> None:
        page = text(as_bob.post("/deals/new/", {**form, "person": "Nemo"}))
        assert "Nobody is named so" in page
        assert 'value="Nemo"' in page

    def test_one_name_of_two_people_is_not_guessed(
        self, as_bob: Client, bob: User, form: dict[str, Any], eloise: Person
    ) -> None:
        Person.objects.create(owner=bob, kind="contact", first_name="Éloïse", last_name="Garnier")
        page = text(as_bob.post("/deals/new/", {**form, "person": "Eloise Garnier"}))
        assert "Several people are named so" in page

    def test_a_dialog_says_what_it_saved(self, as_bob: Client, form: dict[str, Any]) -> None:
        headers = {"HX-Request": "true"}
        assert "<dialog" in text(as_bob.get("/deals/new/", headers=headers))
        response = as_bob.post("/deals/new/", form, headers=headers)
        assert response.status_code == 204
        assert '"kind": "deal"' in response["HX-Trigger"]

    def test_a_closing_date_is_asked_for(self, as_bob: Client, form: dict[str, Any]) -> None:
        page = text(as_bob.post("/deals/new/", {**form, "closes_on": ""}))
        assert "This field is required" in page


class TestList:
    def test_totals_are_grouped_and_currencies_apart(
        self, as_bob: Client, bob: User, warehouse: Deal
    ) -> None:
        for amount, currency in ((1000, "EUR"), (2000, "GBP")):
            deal = Deal(
                name="D",
                amount=Decimal(amount),
                currency=currency,
                stage=stage("open"),
                closes_on=date(2027, 1, 1),
            )
            deals.create_deal(bob, deal)
        page = text(as_bob.get("/deals/"))
        assert "€49,000" in page
        assert "£2,000" in page
        assert "3 deals" in page

    def test_open_won_and_lost_are_apart(self, as_bob: Client, bob: User, warehouse: Deal) -> None:
        assert "Entrepôt" in text(as_bob.get("/deals/"))
        deals.move_to_stage(bob, warehouse, stage("won"))
        assert "Entrepôt" not in text(as_bob.get("/deals/?view=open"))
        assert "Entrepôt" in text(as_bob.get("/deals/?view=won"))
        assert "Entrepôt" not in text(as_bob.get("/deals/?view=lost"))

    def test_a_passed_date_is_said_in_words(self, as_bob: Client, warehouse: Deal) -> None:
        warehouse.closes_on = date(2020, 1, 1)
        warehouse.save()
        assert "(late)" in text(as_bob.get("/deals/"))

    def test_it_asks_the_database_little(
        self,
        as_bob: Client,
        bob: User,
        warehouse: Deal,
        django_assert_max_num_queries: DjangoAssertNumQueries,
    ) -> None:
        for n in range(30):
            deal = Deal(name=f"D{n}", stage=stage("open"), closes_on=date(2027, 1, 1))
            deals.create_deal(bob, deal)
        with django_assert_max_num_queries(12):
            as_bob.get("/deals/")


class TestActs:
    def test_winning_can_be_undone(self, as_bob: Client, warehouse: Deal) -> None:
        response = as_bob.post(f"/deals/{warehouse.pk}/stage/", {"kind": "won"}, follow=True)
        page = response.content.decode()
        assert "Closed Won" in page

        [undo] = re.findall(r'action="(/undo/\d+/)"', page)
        as_bob.post(undo)
        warehouse.refresh_from_db()
        assert warehouse.stage.kind == "open"

    def test_a_fragment_hears_of_it(self, as_bob: Client, warehouse: Deal) -> None:
        headers = {"HX-Request": "true"}
        data = {"kind": "lost"}
        response = as_bob.post(f"/deals/{warehouse.pk}/stage/", data, headers=headers)
        assert response.status_code == 204
        assert "record-saved" in response["HX-Trigger"]
        assert "/undo/" in response["HX-Trigger"]

    @pytest.mark.parametrize("data", [{}, {"stage": "99999"}, {"kind": "sold"}, {"stage": "x"}])
    def test_an_unknown_stage_is_refused(
        self, as_bob: Client, warehouse: Deal, data: dict[str, str]
    ) -> None:
        assert as_bob.post(f"/deals/{warehouse.pk}/stage/", data).status_code == 404

    def test_deleting_can_be_undone(self, as_bob: Client, bob: User, warehouse: Deal) -> None:
        page = as_bob.post(f"/deals/{warehouse.pk}/delete/", follow=True).content.decode()
        assert not access.deals_for(bob).exists()
        [undo] = re.findall(r'action="(/undo/\d+/)"', page)
        as_bob.post(undo)
        assert access.deals_for(bob).exists()

    def test_editing_keeps_the_people(
        self, as_bob: Client, form: dict[str, Any], eloise: Person, warehouse: Deal
    ) -> None:
        as_bob.post(f"/deals/{warehouse.pk}/edit/", {**form, "organisation": "Vasseur"})
        warehouse.refresh_from_db()
        assert warehouse.name == "Quais 1 à 6"
        assert warehouse.company == Company.objects.get(name="Vasseur")
        assert warehouse.contacts.get().person == eloise


class TestContacts:
    def test_somebody_is_added_with_a_role(
        self, as_bob: Client, warehouse: Deal, thomas: Person
    ) -> None:
        data = {"person": "t.leclerc@logis.example", "role": "Buyer"}
        as_bob.post(f"/deals/{warehouse.pk}/contacts/", data)
        rows = warehouse.contacts.values_list("person__last_name", "role", "is_primary")
        assert list(rows) == [("Garnier", "", True), ("Leclerc", "Buyer", False)]

    def test_a_role_is_changed_by_adding_again(
        self, as_bob: Client, warehouse: Deal, eloise: Person
    ) -> None:
        data = {"person": "e.garnier@meunier.example", "role": "Director"}
        as_bob.post(f"/deals/{warehouse.pk}/contacts/", data)
        contact = warehouse.contacts.get()
        assert (contact.role, contact.is_primary) == ("Director", True)

    def test_another_becomes_primary_and_one_leaves(
        self, as_bob: Client, warehouse: Deal, eloise: Person, thomas: Person
    ) -> None:
        url = f"/deals/{warehouse.pk}/contacts/"
        as_bob.post(url, {"person": "Thomas Leclerc"})
        as_bob.post(f"{url}{thomas.pk}/primary/")
        assert warehouse.contacts.get(is_primary=True).person == thomas

        as_bob.post(f"{url}{thomas.pk}/remove/")
        assert warehouse.contacts.get().person == eloise
        assert warehouse.contacts.get().is_primary

    def test_somebody_who_is_not_on_it_is_refused(
        self, as_bob: Client, warehouse: Deal, thomas: Person
    ) -> None:
        url = f"/deals/{warehouse.pk}/contacts/{thomas.pk}/remove/"
        assert as_bob.post(url).status_code == 404

    def test_an_unknown_name_is_said_on_the_page(self, as_bob: Client, warehouse: Deal) -> None:
        response = as_bob.post(f"/deals/{warehouse.pk}/contacts/", {"person": "Nemo"})
        assert "Nobody is named so" in text(response)
        assert "Entrepôt" in text(response)


def test_the_page_is_in_the_readers_language(as_bob: Client, bob: User, warehouse: Deal) -> None:
    bob.language = "fr"
    bob.save()
    page = as_bob.get(f"/deals/{warehouse.pk}/").content.decode()
    assert "Prospection" in page
    assert "48\u202f000\u00a0€" in page
