import pytest

from relance import journal
from relance.crm import access, companies
from relance.crm.models import Company, Person
from relance.users.models import User
from tests.crm.conftest import deal, person


@pytest.fixture
def meunier(alice: User) -> Company:
    return companies.create_company(alice, Company(name="Meunier Logistique"))


def test_deleting_keeps_people_and_deals_and_can_be_undone(alice: User, meunier: Company) -> None:
    eloise = person(alice, company=meunier)
    sold = deal(alice, eloise)

    entry = companies.delete(alice, meunier)

    eloise.refresh_from_db()
    sold.refresh_from_db()
    assert not access.companies_for(alice).exists()
    assert (eloise.company, eloise.organisation_name) == (None, "Meunier Logistique")
    assert sold.company is None

    journal.undo(entry.pk, alice)
    eloise.refresh_from_db()
    sold.refresh_from_db()
    assert access.companies_for(alice).get() == meunier == eloise.company == sold.company
    assert eloise.company_name == ""


def test_who_changed_company_since_does_not_come_back(alice: User, meunier: Company) -> None:
    eloise = person(alice, company=meunier)
    entry = companies.delete(alice, meunier)
    other = companies.create_company(alice, Company(name="Vasseur"))
    Person.objects.filter(pk=eloise.pk).update(company=other)

    journal.undo(entry.pk, alice)

    eloise.refresh_from_db()
    assert eloise.company == other


def test_people_and_deals_are_found_by_the_new_name(alice: User, meunier: Company) -> None:
    eloise = person(alice, company=meunier)
    sold = deal(alice, eloise)
    meunier.name = "Groupe Éclair"

    companies.edit(meunier)

    assert access.people_for(alice).get(search_text__contains="groupe eclair") == eloise
    assert access.deals_for(alice).get(search_text__contains="groupe eclair") == sold


def test_the_one_of_that_name_is_found_or_made(alice: User, bob: User, meunier: Company) -> None:
    assert companies.named(bob, " meunier  LOGISTIQUE") == meunier
    made = companies.named(bob, "Meunier")
    assert (made.name, made.owner) == ("Meunier", bob)
    assert access.companies_for(alice).count() == 2
