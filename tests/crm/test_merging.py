import pytest

from relance import journal
from relance.crm import access, merging
from relance.crm.models import Person
from relance.users.models import User
from tests.crm.conftest import Ear, deal, person


@pytest.fixture
def twin(alice: User) -> Person:
    """A lead who is Éloïse too, with a number she lacks."""
    return person(
        alice, "egarnier@old.example", "eloise@home.example", kind="lead", phone="04 72 00 00 41"
    )


def emails(one: Person) -> set[str]:
    return set(one.addresses.values_list("address", flat=True))


def test_addresses_are_united_and_announced(
    alice: User, eloise: Person, twin: Person, ear: Ear
) -> None:
    merging.merge(alice, eloise, twin)

    everything = {"e.garnier@meunier.example", "eloise@home.example", "egarnier@old.example"}
    assert emails(eloise) == everything
    assert eloise.address_links.get(is_primary=True).address.address == "e.garnier@meunier.example"
    assert list(access.people_for(alice)) == [eloise]
    assert ear.last == ("merged", everything)


def test_what_was_lacking_is_filled(alice: User, eloise: Person, twin: Person) -> None:
    twin.last_name, twin.title = "Other", "Buyer"
    twin.save()
    merging.merge(alice, eloise, twin)

    eloise.refresh_from_db()
    assert (eloise.phone, eloise.title, eloise.last_name) == ("04 72 00 00 41", "Buyer", "Garnier")


def test_a_contact_wins_over_a_lead(alice: User, eloise: Person, twin: Person) -> None:
    merging.merge(alice, twin, eloise)
    twin.refresh_from_db()
    assert twin.kind == Person.Kind.CONTACT


def test_deals_follow_and_a_shared_one_is_kept_once(
    alice: User, eloise: Person, twin: Person
) -> None:
    other = person(alice, "bruno@meunier.example")
    alone, shared = deal(alice, twin), deal(alice, twin, eloise, other)

    merging.merge(alice, eloise, twin)

    assert alone.contacts.get().person == eloise
    assert [(c.person, c.is_primary) for c in shared.contacts.order_by("-is_primary")] == [
        (eloise, True),
        (other, False),
    ]


def test_it_can_be_undone(alice: User, eloise: Person, twin: Person, ear: Ear) -> None:
    alone, shared = deal(alice, twin), deal(alice, eloise, twin)
    before = emails(eloise), emails(twin)
    entry = merging.merge(alice, eloise, twin)

    journal.undo(entry.pk, alice)

    eloise.refresh_from_db()
    assert (emails(eloise), emails(twin)) == before
    assert eloise.phone == ""
    assert alone.contacts.get().person == twin
    assert {c.person_id for c in shared.contacts.all()} == {eloise.pk, twin.pk}
    assert access.people_for(alice).count() == 2
    assert ear.last[0] == "unmerged"


def test_what_was_changed_since_stays_after_an_undo(
    alice: User, eloise: Person, twin: Person
) -> None:
    entry = merging.merge(alice, eloise, twin)
    eloise.phone = "01 01 01 01 01"
    eloise.save()

    journal.undo(entry.pk, alice)

    eloise.refresh_from_db()
    assert eloise.phone == "01 01 01 01 01"


def test_nobody_is_merged_with_herself(alice: User, eloise: Person) -> None:
    with pytest.raises(ValueError, match="itself"):
        merging.merge(alice, eloise, eloise)
    assert list(access.people_for(alice)) == [eloise]
