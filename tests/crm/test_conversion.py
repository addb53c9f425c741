"""A lead becomes a contact, and comes back."""

from datetime import date
from typing import Any

import pytest

from relance.crm import access, bulk, conversion, people, tasks
from relance.crm.conversion import Converted, Wanted
from relance.crm.duplicates import find_duplicates
from relance.crm.models import Case, Company, Deal, Person, PersonPhone, Tag, Task
from relance.users.models import User
from tests.crm.conftest import Ear, person, stage

pytestmark = pytest.mark.django_db


@pytest.fixture
def thomas(bob: User) -> Person:
    made = person(
        bob,
        "t.leclerc@logis.example",
        "thomas@home.example",
        kind=Person.Kind.LEAD,
        first_name="Thomas",
        last_name="Leclerc",
        company_name="Logis Ouest",
        phone="04 00 00 00 41",
    )
    made.tags.add(Tag.objects.create(name="Salon"))
    PersonPhone.objects.create(person=made, number="06 00 00 00 41")
    return made


def new_contact(**fields: Any) -> Person:
    values = {"first_name": "Thomas", "last_name": "Leclerc", **fields}
    return Person(kind=Person.Kind.CONTACT, **values)


def new_deal() -> Deal:
    return Deal(name="Stockage 4 000 m²", stage=stage("open"), closes_on=date(2027, 2, 26))


def converted(actor: User, lead: Person, **wanted: Any) -> Converted:
    return conversion.convert(actor, lead, Wanted(contact=new_contact(), **wanted))


def emails(one: Person) -> list[str]:
    return [link.address.address for link in one.address_links.select_related("address")]


def test_it_becomes_a_contact_with_account_and_deal(alice: User, bob: User, thomas: Person) -> None:
    done = converted(alice, thomas, company=Company(name="Logis Ouest"), deal=new_deal())

    contact = Person.objects.get(pk=done.contact.pk)
    assert contact.kind == Person.Kind.CONTACT
    assert contact.owner == bob
    assert contact.company and contact.company.name == "Logis Ouest"
    assert contact.phone == "04 00 00 00 41"
    assert [t.name for t in contact.tags.all()] == ["Salon"]
    assert [p.number for p in contact.phones.all()] == ["06 00 00 00 41"]
    assert done.deal and done.deal.company == contact.company
    assert done.deal.contacts.get().person == contact
    assert emails(contact) == ["t.leclerc@logis.example", "thomas@home.example"]


def test_the_lead_stays_to_be_read_without_addresses(alice: User, thomas: Person) -> None:
    done = converted(alice, thomas)
    lead = Person.objects.get(pk=thomas.pk)
    assert lead.is_converted
    assert (lead.kind, lead.status) == (Person.Kind.LEAD, Person.Status.CONVERTED)
    assert lead.converted_into == done.contact
    assert emails(lead) == []
    assert lead in access.people_for(alice)


def test_it_happens_once(alice: User, thomas: Person, eloise: Person) -> None:
    stale = Person.objects.get(pk=thomas.pk)
    converted(alice, thomas)
    with pytest.raises(conversion.NotALead):
        converted(alice, stale)
    with pytest.raises(conversion.NotALead):
        converted(alice, eloise)


def test_activities_and_cases_go_along_and_on_the_deal(alice: User, thomas: Person) -> None:
    task = tasks.create(alice, Task(name="Rappeler", owner=alice, person=thomas))
    case = Case.objects.create(number=1, name="Éclairage", owner=alice, person=thomas)

    done = converted(alice, thomas, deal=new_deal())

    task.refresh_from_db()
    case.refresh_from_db()
    assert (task.person, task.deal) == (done.contact, done.deal)
    assert case.person == done.contact


def test_somebody_known_already_takes_what_she_lacks(
    alice: User, thomas: Person, eloise: Person
) -> None:
    eloise.phone = "01 00 00 00 01"
    eloise.save()
    done = conversion.convert(alice, thomas, Wanted(contact=eloise, company=None))

    assert done.contact == eloise
    assert (eloise.first_name, eloise.phone) == ("Éloïse", "01 00 00 00 01")
    assert {p.number for p in eloise.phones.all()} == {"04 00 00 00 41", "06 00 00 00 41"}
    assert emails(eloise)[0] == "e.garnier@meunier.example"
    assert eloise.address_links.filter(is_primary=True).count() == 1


def test_another_address_may_become_the_primary_one(alice: User, thomas: Person) -> None:
    done = converted(alice, thomas, primary="T.Leclerc@new.example")
    assert emails(done.contact) == [
        "t.leclerc@new.example",
        "t.leclerc@logis.example",
        "thomas@home.example",
    ]


def test_the_inbox_hears_of_it(alice: User, thomas: Person, ear: Ear) -> None:
    converted(alice, thomas, deal=new_deal())
    assert ear.last == ("converted", {"t.leclerc@logis.example", "thomas@home.example"})


def test_everything_comes_back(alice: User, thomas: Person, ear: Ear) -> None:
    task = tasks.create(alice, Task(name="Rappeler", owner=alice, person=thomas))
    before = emails(thomas)
    done = converted(
        alice, thomas, company=Company(name="Logis Ouest"), deal=new_deal(), primary="t@new.example"
    )

    conversion.take_back(done.payload)

    lead = Person.objects.get(pk=thomas.pk)
    assert not lead.is_converted
    assert (lead.status, emails(lead)) == (Person.Status.NEW, before)
    task.refresh_from_db()
    assert (task.person, task.deal) == (lead, None)
    assert [p.number for p in lead.phones.all()] == ["06 00 00 00 41"]
    assert done.contact not in access.people_for(alice)
    assert not access.companies_for(alice).exists()
    assert not access.deals_for(alice).exists()
    assert ear.last[0] == "conversion_undone"


def test_a_contact_known_before_is_as_before_when_it_is_undone(
    alice: User, thomas: Person, eloise: Person
) -> None:
    people.set_addresses(eloise, [*emails(eloise), "thomas@home.example"])
    before = emails(eloise)
    company = Company.objects.create(name="Meunier", owner=alice)
    done = conversion.convert(alice, thomas, Wanted(contact=eloise, company=company))

    conversion.take_back(done.payload)

    again = Person.objects.get(pk=eloise.pk)
    assert emails(again) == before
    assert (again.phone, again.company, again.deleted_at) == ("", None, None)
    assert not again.tags.exists()
    assert not again.phones.exists()
    assert Company.objects.get(pk=company.pk).deleted_at is None


def test_an_account_that_others_use_by_now_stays(alice: User, thomas: Person) -> None:
    done = converted(alice, thomas, company=Company(name="Logis Ouest"))
    person(alice, "other@logis.example", company=done.company)
    conversion.take_back(done.payload)
    assert access.companies_for(alice).count() == 1


def test_a_converted_lead_is_no_duplicate(alice: User, thomas: Person) -> None:
    done = converted(alice, thomas)
    found = find_duplicates(alice, name="Thomas Leclerc")
    assert [one.person for one in found] == [done.contact]


def test_acts_on_many_leave_a_converted_lead_as_it_is(
    alice: User, bob: User, thomas: Person
) -> None:
    done = converted(alice, thomas)
    everybody = access.people_for(alice)
    bulk.assign(alice, everybody, alice)
    bulk.tag(alice, everybody, "New")
    lead, contact = Person.objects.get(pk=thomas.pk), Person.objects.get(pk=done.contact.pk)
    assert (lead.owner, contact.owner) == (bob, alice)
    assert not lead.tags.filter(name="New").exists()
    with pytest.raises(people.ReadOnly):
        people.edit(lead, actor=alice)
    with pytest.raises(people.ReadOnly):
        people.convert(alice, lead, Person.Kind.CONTACT)
