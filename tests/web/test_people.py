"""Leads and contacts, through the door."""

import re
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from relance.crm import access, people
from relance.crm.models import Company, Deal, Person
from relance.users.models import User

FORM: dict[str, Any] = {
    "kind": "contact",
    "first_name": "Marc",
    "last_name": "Vasseur",
    "organisation": "",
    "address": ["marc@vasseur.example", ""],
    "was": ["", ""],
    "primary": "0",
}


def form_of(person: Person, **changes: Any) -> dict[str, Any]:
    links = list(person.address_links.select_related("address"))
    return {
        **FORM,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "organisation": person.organisation_name,
        "owner": person.owner_id,
        "address": [link.address.address for link in links],
        "was": [link.address.address for link in links],
        **changes,
    }


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


class TestList:
    def test_contacts_and_leads_are_apart(
        self, as_bob: Client, eloise: Person, thomas: Person
    ) -> None:
        contacts, leads = text(as_bob.get("/people/")), text(as_bob.get("/people/?kind=lead"))

        assert "Éloïse Garnier" in contacts
        assert "e.garnier@meunier.example" in contacts
        assert "Thomas Leclerc" not in contacts
        assert "Thomas Leclerc" in leads
        assert "Salon de Lyon" in leads

    def test_open_deals_stand_beside_a_name(self, as_bob: Client, warehouse: Deal) -> None:
        assert "€48,000" in text(as_bob.get("/people/"))

    def test_words_are_found_without_accents(self, as_bob: Client, eloise: Person) -> None:
        assert "Éloïse" in text(as_bob.get("/people/?q=garnier eloise"))
        assert "Éloïse" in text(as_bob.get("/people/?q=meunier"))
        assert "Nobody matches" in text(as_bob.get("/people/?q=vasseur"))

    def test_it_is_narrowed_to_an_owner(self, as_bob: Client, alice: User, eloise: Person) -> None:
        assert "Éloïse" not in text(as_bob.get("/people/?owner=me"))
        assert "Éloïse" in text(as_bob.get(f"/people/?owner={alice.pk}"))

    @pytest.mark.parametrize(
        "nonsense", ["owner=x", "owner=²", "sort=password", "page=-3", "page=x"]
    )
    def test_nonsense_in_the_address_is_ignored(
        self, as_bob: Client, eloise: Person, nonsense: str
    ) -> None:
        assert "Éloïse" in text(as_bob.get(f"/people/?{nonsense}"))

    def test_fifty_are_shown_at_a_time_in_order(self, as_bob: Client, bob: User) -> None:
        for n in range(60):
            people.create_person(bob, Person(kind="contact", last_name=f"Zola {n:02}"))
        first = text(as_bob.get("/people/?sort=-name"))
        second = text(as_bob.get("/people/?sort=-name&page=2"))

        assert first.index("Zola 59") < first.index("Zola 58")
        assert "Zola 09" not in first
        assert "Zola 09" in second
        assert "51 to 60 of 60" in second

    def test_a_fragment_is_the_table_alone(self, as_bob: Client, eloise: Person) -> None:
        fragment = text(as_bob.get("/people/?q=garnier", headers={"HX-Request": "true"}))
        assert "Éloïse" in fragment
        assert "<html" not in fragment

    def test_it_asks_the_database_little(
        self,
        as_bob: Client,
        bob: User,
        warehouse: Deal,
        django_assert_max_num_queries: DjangoAssertNumQueries,
    ) -> None:
        for n in range(50):
            people.create_person(bob, Person(kind="contact", last_name=f"Z{n}"))
        with django_assert_max_num_queries(12):
            as_bob.get("/people/")

    def test_without_a_session_one_is_sent_to_the_door(self, client: Client, db: None) -> None:
        assert client.get("/people/")["Location"] == "/login/?next=/people/"


class TestRecord:
    def test_it_shows_addresses_and_deals(
        self, as_bob: Client, eloise: Person, warehouse: Deal
    ) -> None:
        page = text(as_bob.get(f"/people/{eloise.pk}/"))
        assert "eloise@home.example" in page
        assert "Entrepôt de Saint-Priest" in page
        assert "Meunier Logistique" in page

    def test_a_missing_and_a_deleted_one_look_alike(
        self, as_bob: Client, bob: User, eloise: Person
    ) -> None:
        people.delete(bob, eloise)
        deleted, missing = as_bob.get(f"/people/{eloise.pk}/"), as_bob.get("/people/999999/")

        assert deleted.status_code == missing.status_code == 404
        assert re.sub(r"csrf\S+|value=\S+|X-CSRFToken\S+ \S+", "", text(deleted)) == re.sub(
            r"csrf\S+|value=\S+|X-CSRFToken\S+ \S+", "", text(missing)
        )

    def test_what_people_write_is_no_markup(self, as_bob: Client, eloise: Person) -> None:
        eloise.last_name, eloise.description = "<b>Garnier", "<script>alert(1)</script>"
        eloise.save()
        page = text(as_bob.get(f"/people/{eloise.pk}/"))
        assert "<script>alert" not in page
        assert "<b>Garnier" not in page

    def test_another_record_of_hers_is_named_and_merged(
        self, as_bob: Client, alice: User, eloise: Person
    ) -> None:
        twin = people.create_person(
            alice, Person(kind="lead", last_name="Garnier"), addresses=["eloise@home.example"]
        )
        assert "has the same e-mail address" in text(as_bob.get(f"/people/{eloise.pk}/known/"))

        as_bob.post(f"/people/{eloise.pk}/merge/", {"drop": twin.pk})

        assert list(access.people_for(alice)) == [eloise]

    @pytest.mark.parametrize("drop", ["", "x", "999999", "self"])
    def test_nobody_is_merged_with_nobody(self, as_bob: Client, eloise: Person, drop: str) -> None:
        given = eloise.pk if drop == "self" else drop
        assert as_bob.post(f"/people/{eloise.pk}/merge/", {"drop": given}).status_code == 404


class TestCreating:
    def test_a_contact_gets_its_account(self, as_bob: Client, bob: User) -> None:
        data = {**FORM, "organisation": "Transports Vasseur", "owner": bob.pk}
        response = as_bob.post("/people/new/", data)

        marc = Person.objects.get()
        assert response["Location"] == f"/people/{marc.pk}/"
        assert marc.company is not None
        assert marc.company.name == "Transports Vasseur"
        assert [str(link) for link in marc.address_links.all()] == ["marc@vasseur.example"]
        assert (marc.owner, marc.created_by) == (bob, bob)

    def test_the_account_of_that_name_is_taken(
        self, as_bob: Client, bob: User, meunier: Company
    ) -> None:
        data = {**FORM, "organisation": "meunier  logistique", "owner": bob.pk}
        as_bob.post("/people/new/", data)
        assert Person.objects.get().company == meunier

    def test_a_lead_keeps_its_company_in_words(self, as_bob: Client, bob: User) -> None:
        data = {**FORM, "kind": "lead", "organisation": "Logis", "status": "new", "owner": bob.pk}
        as_bob.post("/people/new/", data)
        lead = Person.objects.get()
        assert (lead.kind, lead.company, lead.company_name) == ("lead", None, "Logis")
        assert not Company.objects.exists()

    def test_the_chosen_address_is_the_primary_one(self, as_bob: Client, bob: User) -> None:
        addresses = {"address": ["a@x.example", "b@x.example"], "was": ["", ""], "primary": "1"}
        as_bob.post("/people/new/", {**FORM, **addresses, "owner": bob.pk})
        links = Person.objects.get().address_links.all()
        assert [(str(link), link.is_primary) for link in links] == [
            ("b@x.example", True),
            ("a@x.example", False),
        ]

    def test_a_wrong_address_is_refused_and_nothing_is_lost(
        self, as_bob: Client, bob: User
    ) -> None:
        data = {**FORM, "address": ["marc at vasseur"], "owner": bob.pk, "source": "Fair"}
        page = text(as_bob.post("/people/new/", data))

        assert "This is no e-mail address" in page
        assert 'value="marc at vasseur"' in page
        assert 'value="Fair"' in page
        assert not Person.objects.exists()

    def test_a_name_is_asked_for(self, as_bob: Client, bob: User) -> None:
        page = text(as_bob.post("/people/new/", {**FORM, "last_name": " ", "owner": bob.pk}))
        assert "This field is required" in page

    def test_somebody_known_is_named_first_and_added_all_the_same(
        self, as_bob: Client, bob: User, eloise: Person
    ) -> None:
        data = {**FORM, "address": ["eloise@home.example"], "owner": bob.pk}
        page = text(as_bob.post("/people/new/", data))
        assert "You may know this person already" in page
        assert Person.objects.count() == 1

        as_bob.post("/people/new/", {**data, "anyway": "1"})
        assert Person.objects.count() == 2

    def test_a_mail_fills_the_form(self, as_bob: Client, meunier: Company) -> None:
        asked = "kind=lead&address=m@belle.example&first_name=Marion&organisation=Belle-Rive"
        page = text(as_bob.get(f"/people/new/?{asked}"))
        for value in ("m@belle.example", "Marion", "Belle-Rive"):
            assert f'value="{value}"' in page

    def test_a_dialog_says_what_it_saved(self, as_bob: Client, bob: User) -> None:
        headers = {"HX-Request": "true"}
        assert "<dialog" in text(as_bob.get("/people/new/", headers=headers))

        response = as_bob.post("/people/new/", {**FORM, "owner": bob.pk}, headers=headers)

        assert response.status_code == 204
        assert (
            f'"record-saved": {{"kind": "person", "id": {Person.objects.get().pk}}}'
            in (response["HX-Trigger"])
        )

    def test_a_dialog_with_an_error_stays_a_dialog(self, as_bob: Client) -> None:
        page = text(as_bob.post("/people/new/", {"kind": "lead"}, headers={"HX-Request": "true"}))
        assert "<dialog" in page
        assert "<html" not in page


class TestEditing:
    def test_it_is_saved(self, as_bob: Client, eloise: Person) -> None:
        as_bob.post(f"/people/{eloise.pk}/edit/", form_of(eloise, title="Director"))
        eloise.refresh_from_db()
        assert eloise.title == "Director"
        assert eloise.address_links.count() == 2

    def test_writing_over_an_address_asks_about_the_old_one(
        self, as_bob: Client, eloise: Person
    ) -> None:
        data = form_of(eloise, address=["new@meunier.example", "eloise@home.example"])
        page = text(as_bob.post(f"/people/{eloise.pk}/edit/", data))

        assert "Keep e.garnier@meunier.example as a secondary address" in page
        assert 'name="keep" value="e.garnier@meunier.example" checked' in page
        assert eloise.address_links.get(is_primary=True).address.address == (
            "e.garnier@meunier.example"
        )

    @pytest.mark.parametrize("is_kept", [True, False])
    def test_the_answer_counts(self, as_bob: Client, eloise: Person, is_kept: bool) -> None:
        data = form_of(eloise, address=["new@meunier.example", "eloise@home.example"], asked="1")
        if is_kept:
            data["keep"] = ["e.garnier@meunier.example"]
        as_bob.post(f"/people/{eloise.pk}/edit/", data)

        found = [str(link) for link in eloise.address_links.all()]
        former = ["e.garnier@meunier.example"] if is_kept else []
        assert sorted(found) == sorted(["new@meunier.example", "eloise@home.example", *former])
        assert found[0] == "new@meunier.example"

    def test_emptying_a_row_removes_its_address_at_once(
        self, as_bob: Client, eloise: Person
    ) -> None:
        data = form_of(eloise, address=["e.garnier@meunier.example", ""])
        as_bob.post(f"/people/{eloise.pk}/edit/", data)
        assert [str(x) for x in eloise.address_links.all()] == ["e.garnier@meunier.example"]

    def test_swapping_two_addresses_replaces_none(self, as_bob: Client, eloise: Person) -> None:
        data = form_of(eloise, address=["eloise@home.example", "e.garnier@meunier.example"])
        assert as_bob.post(f"/people/{eloise.pk}/edit/", data).status_code == 302
        assert eloise.address_links.count() == 2

    def test_a_forged_keep_adds_no_address(self, as_bob: Client, eloise: Person) -> None:
        data = form_of(eloise, asked="1", keep=["stranger@evil.example"])
        as_bob.post(f"/people/{eloise.pk}/edit/", data)
        assert eloise.address_links.count() == 2


class TestActs:
    def test_deleting_can_be_undone(self, as_bob: Client, bob: User, eloise: Person) -> None:
        response = as_bob.post(f"/people/{eloise.pk}/delete/", follow=True)

        assert "Éloïse Garnier was deleted" in text(response)
        assert not access.people_for(bob).exists()
        [undo] = re.findall(r'action="(/undo/\d+/)"', response.content.decode())
        as_bob.post(undo)
        assert access.people_for(bob).get() == eloise

    def test_a_lead_is_converted(self, as_bob: Client, thomas: Person) -> None:
        as_bob.post(f"/people/{thomas.pk}/kind/", {"kind": "contact"})
        thomas.refresh_from_db()
        assert thomas.kind == "contact"
        assert thomas.company is not None

    @pytest.mark.parametrize("act", ["delete", "kind", "merge"])
    def test_looking_changes_nothing(self, as_bob: Client, eloise: Person, act: str) -> None:
        assert as_bob.get(f"/people/{eloise.pk}/{act}/").status_code == 405


class TestProposals:
    def test_people_are_proposed_with_their_address(self, as_bob: Client, eloise: Person) -> None:
        page = text(as_bob.get("/people/proposals/?field=person&person=garn"))
        assert 'value="Éloïse Garnier &lt;e.garnier@meunier.example&gt;"' in page

    def test_accounts_are_proposed(self, as_bob: Client, meunier: Company) -> None:
        page = text(as_bob.get("/accounts/proposals/?field=organisation&organisation=meu"))
        assert 'value="Meunier Logistique"' in page
