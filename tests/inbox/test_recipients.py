"""Whom one writes to from a record."""

from __future__ import annotations

import pytest

from relance.addresses.models import EmailAddress
from relance.crm import cases
from relance.crm.models import Case, CompanyAddress, DealContact
from relance.inbox.recipients import of_record
from relance.lib import clock
from relance.users.models import User
from tests.inbox import builders

pytestmark = pytest.mark.django_db
CLIENT, HOME = "bruno@client.example", "bruno@home.example"


def _is(address: str, verdict: str) -> None:
    EmailAddress.objects.filter(address=address).update(**{f"{verdict}_at": clock.now()})


def test_the_primary_address_is_written_to_and_the_others_may_be_chosen(patricia: User) -> None:
    bruno = builders.person(patricia, CLIENT, HOME, first_name="Bruno")
    found = of_record(patricia, bruno)
    assert found.first is not None
    assert (found.first.address, found.first.name) == (CLIENT, "Bruno Martin")
    assert [(r.address, r.is_primary) for r in found.others] == [(HOME, False)]
    assert found.record == f"person:{bruno.pk}"


@pytest.mark.parametrize("verdict", ["invalid", "blocked"])
def test_a_dead_primary_address_is_never_replaced_but_the_others_are_proposed(
    patricia: User, verdict: str
) -> None:
    bruno = builders.person(patricia, CLIENT, HOME)
    _is(CLIENT, verdict)
    found = of_record(patricia, bruno)
    assert found.first is None
    assert found.dead is not None
    assert (found.dead.address, found.dead.verdict) == (CLIENT, verdict)
    assert [r.address for r in found.others] == [HOME]
    _is(HOME, "invalid")
    assert not of_record(patricia, bruno).is_possible


def test_who_has_opted_out_may_be_written_to_and_dead_secondary_ones_are_left_out(
    patricia: User,
) -> None:
    bruno = builders.person(patricia, CLIENT, HOME)
    _is(CLIENT, "opted_out")
    _is(HOME, "invalid")
    found = of_record(patricia, bruno)
    assert found.first is not None
    assert (found.first.verdict, list(found.others)) == ("opted_out", [])


def test_a_deal_is_written_about_to_its_primary_contact_else_to_one_in_a_role(
    patricia: User,
) -> None:
    bruno = builders.person(patricia, CLIENT)
    anna = builders.person(patricia, "anna@client.example", first_name="Anna")
    deal = builders.deal(patricia, bruno, anna)
    DealContact.objects.filter(person=anna).update(role="Buyer")
    found = of_record(patricia, deal)
    assert found.first is not None
    assert (found.first.address, found.record) == (CLIENT, f"deal:{deal.pk}")
    assert [(r.address, r.role) for r in found.others] == [("anna@client.example", "Buyer")]
    assert not of_record(patricia, builders.deal(patricia)).is_possible


def test_an_account_has_its_own_address_first_else_one_chooses_among_its_people(
    patricia: User,
) -> None:
    company = builders.company(patricia, "Meunier")
    for address in (CLIENT, "anna@client.example"):
        builders.person(patricia, address, f"home-{address}", company=company)
    found = of_record(patricia, company)
    assert found.first is None
    assert {r.address for r in found.others} == {CLIENT, "anna@client.example"}
    CompanyAddress.objects.create(
        company=company, address=builders.address("contact@client.example"), is_primary=True
    )
    found = of_record(patricia, company)
    assert found.first is not None
    assert (found.first.address, found.first.name) == ("contact@client.example", "")


def test_a_case_is_answered_to_its_contact_under_its_number(patricia: User) -> None:
    case = cases.create(
        patricia, Case(name="The light flickers", person=builders.person(patricia, CLIENT))
    )
    found = of_record(patricia, case)
    assert found.first is not None
    assert found.first.address == CLIENT
    assert (found.record, found.subject) == (f"case:{case.pk}", "[#1] The light flickers")
    assert not of_record(patricia, cases.create(patricia, Case(name="Nobody's"))).is_possible


def test_nobody_is_written_to_for_whom_may_read_nothing(patricia: User) -> None:
    bruno = builders.person(patricia, CLIENT)
    patricia.is_active = False
    assert not of_record(patricia, bruno).is_possible
