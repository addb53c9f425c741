"""Pairs of records that may be one."""

import pytest

from relance.crm import duplicate_pairs
from relance.crm.duplicate_pairs import Pair
from relance.crm.models import Company, Person
from relance.users.models import User
from tests.crm.conftest import person

pytestmark = pytest.mark.django_db


def told(pairs: list[Pair]) -> set[tuple[str, str, str]]:
    return {(pair.keep.name, pair.drop.name, pair.reason) for pair in pairs}


def test_people_of_one_address_name_or_number(alice: User, eloise: Person) -> None:
    person(alice, first_name="Eloise", last_name="GARNIER")
    person(alice, "eloise@home.example", first_name="E.", last_name="G", kind="lead")
    person(alice, first_name="Bruno", last_name="Astier", phone="04 72 00 00 41")
    person(alice, first_name="B.", last_name="Astier", phone="+33 4 72 00 00 41")

    assert told(duplicate_pairs.of_people(alice)) == {
        ("Éloïse Garnier", "Eloise GARNIER", "same_name"),
        ("Éloïse Garnier", "E. G", "same_address"),
        ("Bruno Astier", "B. Astier", "same_phone"),
    }


def test_a_switchboard_and_two_companies_are_no_duplicates(alice: User) -> None:
    person(alice, first_name="Bruno", last_name="Astier", phone="04 72 00 00 41")
    person(alice, first_name="Emma", last_name="Pike", phone="0472000041")
    for name in ("Meunier", "Logis"):
        company = Company.objects.create(name=name, owner=alice)
        person(alice, first_name="Jean", last_name="Martin", company=company)
    assert duplicate_pairs.of_people(alice) == []


def test_a_contact_is_kept_before_a_lead(alice: User) -> None:
    lead = person(alice, first_name="Jean", last_name="Martin", kind="lead")
    contact = person(alice, first_name="Jean", last_name="Martin")
    [pair] = duplicate_pairs.of_people(alice)
    assert (pair.keep, pair.drop) == (contact, lead)


def test_accounts_of_one_domain_or_name(alice: User) -> None:
    first = Company.objects.create(name="Meunier", domain="meunier.example", owner=alice)
    second = Company.objects.create(name="Méunier", owner=alice)
    third = Company.objects.create(name="ML", domain="meunier.example", owner=alice)
    pairs = duplicate_pairs.of_companies(alice)
    assert {(p.keep, p.drop, p.reason) for p in pairs} == {
        (first, second, "same_name"),
        (first, third, "same_domain"),
    }


def test_what_was_set_aside_is_not_proposed_again(alice: User, bob: User) -> None:
    one = person(alice, first_name="Jean", last_name="Martin")
    other = person(alice, first_name="Jean", last_name="Martin")
    duplicate_pairs.set_aside(alice, "person", other.pk, one.pk)
    duplicate_pairs.set_aside(alice, "person", one.pk, other.pk)
    assert duplicate_pairs.of_people(bob) == []


def test_many_records_take_few_queries(
    alice: User, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    for n in range(40):
        person(alice, f"{n % 20}@twins.example", first_name="Jean", last_name=f"Martin{n % 10}")
    with django_assert_max_num_queries(10):  # type: ignore[operator]
        assert len(duplicate_pairs.of_people(alice)) > 10


def test_many_namesakes_of_other_companies_hide_no_pair(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duplicate_pairs, "_MOST_GROUPS", 3)
    for n in range(12):
        company = Company.objects.create(name=f"Company {n}", owner=alice)
        person(alice, first_name="Jean", last_name=f"Abel{n // 2}", company=company)
    for _ in range(2):
        person(alice, first_name="Zoé", last_name="Zola", company=company)
    assert {pair.keep.name for pair in duplicate_pairs.of_people(alice)} == {"Zoé Zola"}
