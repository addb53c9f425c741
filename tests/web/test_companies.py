"""Accounts, through the door."""

import re
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from relance.crm import access, companies, deals
from relance.crm.models import Company, Deal, Person
from relance.users.models import User
from tests.web.conftest import stage


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


class TestList:
    def test_figures_stand_beside_a_name(self, as_bob: Client, bob: User, warehouse: Deal) -> None:
        assert "€48,000" in text(as_bob.get("/accounts/"))
        deals.move_to_stage(bob, warehouse, stage("won"))
        page = text(as_bob.get("/accounts/"))
        assert "€48,000" in page
        assert "Saint-Priest" in page

    def test_it_asks_the_database_little(
        self,
        as_bob: Client,
        bob: User,
        warehouse: Deal,
        django_assert_max_num_queries: DjangoAssertNumQueries,
    ) -> None:
        for n in range(50):
            companies.create_company(bob, Company(name=f"C{n}"))
        with django_assert_max_num_queries(12):
            as_bob.get("/accounts/")


class TestRecord:
    def test_people_and_deals_are_gathered(self, as_bob: Client, warehouse: Deal) -> None:
        page = text(as_bob.get(f"/accounts/{warehouse.company_id}/"))
        assert "Éloïse Garnier" in page
        assert "Entrepôt de Saint-Priest" in page
        assert "1 deal" in page

    def test_a_missing_one_is_not_found(self, as_bob: Client) -> None:
        assert as_bob.get("/accounts/99999/").status_code == 404

    def test_deleting_can_be_undone(
        self, as_bob: Client, bob: User, meunier: Company, eloise: Person
    ) -> None:
        page = as_bob.post(f"/accounts/{meunier.pk}/delete/", follow=True).content.decode()
        assert not access.companies_for(bob).exists()
        assert "Meunier Logistique" in text(as_bob.get(f"/people/{eloise.pk}/"))

        [undo] = re.findall(r'action="(/undo/\d+/)"', page)
        as_bob.post(undo)
        assert access.companies_for(bob).get() == meunier


class TestForm:
    @pytest.mark.parametrize(
        ("written", "kept"),
        [
            ("Vasseur.Example", "vasseur.example"),
            ("marc@vasseur.example", "vasseur.example"),
            ("https://www.vasseur.example/contact", "vasseur.example"),
            ("exämple.fr", "xn--exmple-cua.fr"),
            ("", ""),
        ],
    )
    def test_a_domain_is_kept_however_it_was_pasted(
        self, as_bob: Client, bob: User, written: str, kept: str
    ) -> None:
        data = {"name": "Vasseur", "domain": written, "owner": bob.pk}
        as_bob.post("/accounts/new/", data)
        assert Company.objects.get().domain == kept

    @pytest.mark.parametrize(
        ("field", "written", "said"),
        [
            ("domain", "gmail.com", "Anybody may have an address at gmail.com"),
            ("domain", "not a domain", "This is no domain"),
            ("website", "javascript:alert(1)", "Enter a valid URL"),
            ("website", "javascript://x.example/%0aalert(1)", "This is no web address"),
            ("name", "meunier logistique", "There is an account of this name already"),
            ("name", "", "This field is required"),
        ],
    )
    def test_nonsense_is_refused_and_stays_in_the_form(
        self, as_bob: Client, bob: User, meunier: Company, field: str, written: str, said: str
    ) -> None:
        data = {"name": "Vasseur", "city": "Mions", "owner": bob.pk, field: written}
        page = text(as_bob.post("/accounts/new/", data))
        assert said in page
        assert 'value="Mions"' in page
        assert Company.objects.count() == 1

    def test_a_new_name_is_found(self, as_bob: Client, bob: User, eloise: Person) -> None:
        data = {"name": "Groupe Meunier", "owner": bob.pk, "website": "meunier.example"}
        as_bob.post(f"/accounts/{eloise.company_id}/edit/", data)
        assert "Éloïse" in text(as_bob.get("/people/?q=groupe"))
        assert Company.objects.get().website == "https://meunier.example"
