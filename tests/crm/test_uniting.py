"""Merging as chosen, people and accounts, and taking it back."""

from typing import Any

import pytest

from relance.crm import access, merging, tasks
from relance.crm.custom_fields import forget
from relance.crm.merging import Choice
from relance.crm.models import (
    Case,
    Company,
    CustomField,
    Person,
    PersonPhone,
    Tag,
    Task,
)
from relance.users.models import User
from tests.crm.conftest import deal, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def twin(alice: User, bob: User) -> Person:
    made = person(bob, "eloise@other.example", title="Achats", phone="06 00 00 00 41", city="Lyon")
    made.tags.add(Tag.objects.create(name="Salon"))
    return made


def emails(one: Person) -> list[str]:
    return [link.address.address for link in one.address_links.select_related("address")]


def test_a_row_is_taken_from_the_other_when_chosen(
    alice: User, bob: User, eloise: Person, twin: Person
) -> None:
    eloise.title, eloise.phone = "Directrice", "04 00 00 00 41"
    eloise.save()
    payload = merging.unite(alice, eloise, twin, Choice(taken=frozenset({"title", "owner"})))

    again = Person.objects.get(pk=eloise.pk)
    assert (again.title, again.owner, again.phone) == ("Achats", bob, "04 00 00 00 41")
    assert [p.number for p in again.phones.all()] == ["06 00 00 00 41"], "no number is lost"
    assert [t.name for t in again.tags.all()] == ["Salon"]

    merging.divide(payload)

    again.refresh_from_db()
    assert (again.title, again.owner) == ("Directrice", alice)
    assert not again.phones.exists()
    assert not again.tags.exists()
    twin.refresh_from_db()
    assert (twin.deleted_at, twin.title) == (None, "Achats")
    assert emails(twin) == ["eloise@other.example"]


def test_an_address_may_be_left_out(alice: User, eloise: Person, twin: Person) -> None:
    before = emails(eloise)
    primary = eloise.address_links.get(is_primary=True).address_id
    payload = merging.unite(alice, eloise, twin, Choice(left=frozenset({primary})))
    assert emails(eloise) == ["eloise@home.example", "eloise@other.example"]
    assert eloise.address_links.filter(is_primary=True).count() == 1
    merging.divide(payload)
    assert emails(eloise) == before


def test_cases_and_documents_of_both_belong_to_one(
    alice: User, eloise: Person, twin: Person
) -> None:
    case = Case.objects.create(number=1, name="Éclairage", owner=alice, person=twin)
    PersonPhone.objects.create(person=twin, number="07 00 00 00 41")
    payload = merging.unite(alice, eloise, twin)
    case.refresh_from_db()
    assert case.person == eloise
    merging.divide(payload)
    case.refresh_from_db()
    assert case.person == twin
    assert twin.phones.count() == 1


def test_an_account_wins_over_a_name_in_words(alice: User, eloise: Person) -> None:
    company = Company.objects.create(name="Meunier", owner=alice)
    lead = person(alice, kind="lead", company_name="Meunier Logistique")
    eloise.company = company
    eloise.save()
    merging.unite(alice, lead, eloise)
    lead.refresh_from_db()
    assert (lead.kind, lead.status, lead.company) == (Person.Kind.CONTACT, "", company)


def test_custom_values_are_filled_or_chosen(alice: User, eloise: Person, twin: Person) -> None:
    for key in ("size", "floor"):
        CustomField.objects.create(entity="Person", key=key, label=key, kind="text")
    forget()
    eloise.custom, twin.custom = {"size": "M"}, {"size": "L", "floor": "2"}
    eloise.save()
    twin.save()
    payload = merging.unite(alice, eloise, twin, Choice(taken=frozenset({"custom.size"})))
    eloise.refresh_from_db()
    assert eloise.custom == {"size": "L", "floor": "2"}
    merging.divide(payload)
    eloise.refresh_from_db()
    assert eloise.custom == {"size": "M"}


def companies(owner: User) -> tuple[Company, Company]:
    keep = Company.objects.create(name="Meunier", owner=owner)
    drop = Company.objects.create(
        name="Meunier Log.", owner=owner, domain="meunier.example", street="1 rue", city="Lyon"
    )
    return keep, drop


def test_two_accounts_become_one_and_two_again(alice: User) -> None:
    keep, drop = companies(alice)
    employee = person(alice, "e@meunier.example", company=drop)
    sold = deal(alice, employee)
    task = tasks.create(alice, Task(name="Visite", owner=alice, company=drop))

    payload = merging.unite_companies(alice, keep, drop)

    found: Any
    for found in (employee, sold, task):
        found.refresh_from_db()
        assert found.company == keep
    keep.refresh_from_db()
    assert (keep.name, keep.domain, keep.city) == ("Meunier", "meunier.example", "Lyon")
    assert list(access.companies_for(alice)) == [keep]
    assert employee.search_text == employee.indexed_text()

    merging.divide_companies(payload)

    for found in (employee, sold, task):
        found.refresh_from_db()
        assert found.company == drop
    keep.refresh_from_db()
    assert (keep.domain, keep.city) == ("", "")
    assert access.companies_for(alice).count() == 2
    assert "log" in employee.search_text


def test_an_account_is_not_merged_with_itself(alice: User) -> None:
    keep, _ = companies(alice)
    with pytest.raises(ValueError, match="itself"):
        merging.unite_companies(alice, keep, keep)


def test_of_two_who_merge_at_once_one_does(alice: User, eloise: Person, twin: Person) -> None:
    stale = Person.objects.get(pk=twin.pk)
    merging.unite(alice, eloise, twin)
    with pytest.raises(merging.Gone):
        merging.unite(alice, eloise, stale)
    keep, drop = companies(alice)
    merging.unite_companies(alice, keep, drop)
    with pytest.raises(merging.Gone):
        merging.unite_companies(alice, keep, drop)
