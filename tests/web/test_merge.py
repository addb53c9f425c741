"""Duplicates: found, compared, merged as chosen, set aside."""

from __future__ import annotations

import pytest
from django.test import Client

from relance.addresses import suppression
from relance.crm import people
from relance.crm.models import Company, Person
from relance.inbox.models import RecordLink
from relance.journal.models import Entry
from relance.users.models import User
from tests.inbox import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def twin(bob: User) -> Person:
    made = Person(
        kind=Person.Kind.CONTACT, first_name="Eloise", last_name="GARNIER", title="Achats"
    )
    return people.create_person(bob, made, addresses=["eloise@other.example"])


def url(keep: Person, drop: Person) -> str:
    return f"/duplicates/people/{keep.pk}/{drop.pk}/"


def address(person: Person) -> list[int]:
    return list(person.address_links.values_list("address_id", flat=True))


def test_the_list_names_pairs_and_why(as_alice: Client, eloise: Person, twin: Person) -> None:
    page = as_alice.get("/duplicates/").content.decode()
    assert "Eloise GARNIER" in page
    assert "same name" in page
    assert url(eloise, twin) in page
    assert "No duplicates" in as_alice.get("/duplicates/?kind=accounts").content.decode()


def test_a_pair_is_compared_field_by_field(
    as_alice: Client, alice: User, eloise: Person, twin: Person
) -> None:
    eloise.title = "Directrice"
    eloise.save()
    suppression.mark_opted_out(address(twin)[0])
    builders.deal(alice, twin)
    copy = builders.receive(builders.account(alice), sender="e.garnier@meunier.example")
    assert copy.thread
    page = as_alice.get(url(eloise, twin)).content.decode()
    for words in ("Directrice", "Achats", "eloise@other.example", "a refusal always wins"):
        assert words in page
    assert "1 conversation moves to Potentials" in page
    assert 'name="row.title" value="drop"' in page


def test_they_are_merged_as_chosen_and_come_back(
    as_alice: Client, alice: User, eloise: Person, twin: Person
) -> None:
    eloise.title = "Directrice"
    eloise.save()
    copy = builders.receive(builders.account(alice), sender="other@other.example")
    RecordLink.objects.create(
        thread=copy.thread, entity="person", record_id=twin.pk, origin="manual"
    )
    ticked = [*address(eloise)[:1], *address(twin)]

    answer = as_alice.post(url(eloise, twin), {"row.title": "drop", "address": ticked})

    assert answer["Location"] == eloise.get_absolute_url()
    eloise.refresh_from_db()
    assert eloise.title == "Achats"
    assert set(address(eloise)) == set(ticked)
    assert RecordLink.objects.get().record_id == eloise.pk

    as_alice.post(f"/undo/{Entry.objects.get().pk}/")

    eloise.refresh_from_db()
    twin.refresh_from_db()
    assert (eloise.title, twin.deleted_at) == ("Directrice", None)
    assert len(address(eloise)) == 2
    assert RecordLink.objects.get().record_id == twin.pk


def test_a_field_that_was_not_offered_is_not_taken(
    as_alice: Client, eloise: Person, twin: Person
) -> None:
    as_alice.post(url(eloise, twin), {"row.name": "keep", "row.kind": "drop", "row.x": "drop"})
    eloise.refresh_from_db()
    assert eloise.name == "Éloïse Garnier"


def test_a_pair_is_set_aside(as_alice: Client, eloise: Person, twin: Person) -> None:
    as_alice.post(f"/duplicates/people/{eloise.pk}/{twin.pk}/aside/")
    assert "Eloise GARNIER" not in as_alice.get("/duplicates/").content.decode()


def test_two_accounts_are_merged(as_alice: Client, alice: User, meunier: Company) -> None:
    other = builders.company(alice, "Méunier Logistique", website="https://m.example")
    builders.person(alice, "x@m.example", company=other)
    page = as_alice.get("/duplicates/?kind=accounts").content.decode()
    assert f"/duplicates/accounts/{meunier.pk}/{other.pk}/" in page
    compared = as_alice.get(f"/duplicates/accounts/{meunier.pk}/{other.pk}/")
    assert "https://m.example" in compared.content.decode()
    as_alice.post(f"/duplicates/accounts/{meunier.pk}/{other.pk}/", {"row.name": "drop"})
    meunier.refresh_from_db()
    assert (meunier.name, meunier.website) == ("Méunier Logistique", "https://m.example")
    assert meunier.people.count() == 1


def test_what_one_may_not_read_or_is_the_same_does_not_exist(
    as_alice: Client, eloise: Person, twin: Person
) -> None:
    assert as_alice.get(url(eloise, eloise)).status_code == 404
    twin.deleted_at = twin.created_at
    twin.save()
    assert as_alice.get(url(eloise, twin)).status_code == 404
    assert as_alice.post(url(eloise, twin)).status_code == 404
    aside = f"/duplicates/people/{eloise.pk}/{twin.pk}/aside/"
    assert as_alice.post(aside).status_code == 404
    assert as_alice.post("/duplicates/deals/1/2/aside/").status_code == 404
