import pytest

from relance.crm import companies, people
from relance.crm.duplicates import find_duplicates
from relance.crm.models import Company, Person
from relance.users.models import User
from tests.crm.conftest import person


def reasons(viewer: User, **wanted: object) -> list[tuple[Person, str]]:
    return [(d.person, d.reason) for d in find_duplicates(viewer, **wanted)]  # type: ignore[arg-type]


@pytest.mark.parametrize("written", ["E.Garnier@Meunier.example", " eloise@home.example "])
def test_the_same_address_is_noticed_primary_or_not(
    bob: User, eloise: Person, written: str
) -> None:
    assert reasons(bob, addresses=[written]) == [(eloise, "same_address")]


@pytest.mark.parametrize("other", ["eloise+crm@home.example", "e.l.oise@home.example", "x@y"])
def test_another_address_is_another(bob: User, eloise: Person, other: str) -> None:
    assert reasons(bob, addresses=[other]) == []


@pytest.mark.parametrize("written", ["04 72 00 00 41", "+33 4 72 00 00 41", "0033472000041"])
def test_the_same_number_is_noticed_however_written(alice: User, written: str) -> None:
    known = person(alice, mobile="04.72.00.00.41")
    assert reasons(alice, phone=written) == [(known, "same_phone")]


@pytest.mark.parametrize("written", ["", "41", "no number", "04 72 00 00 42"])
def test_no_number_is_not_the_same_number(alice: User, written: str) -> None:
    person(alice, phone="04 72 00 00 41")
    person(alice, phone="41")
    assert reasons(alice, phone=written) == []


def test_a_switchboard_is_shared_by_people_of_other_names(alice: User) -> None:
    person(alice, phone="04 72 00 00 40", first_name="Marc", last_name="Vasseur")
    known = person(alice, phone="04 72 00 00 40")
    assert reasons(alice, phone="04 72 00 00 40", name="E. Garnier") == [(known, "same_phone")]


class TestNames:
    def test_accents_and_case_do_not_matter(self, alice: User, eloise: Person) -> None:
        assert reasons(alice, name="eloise  GARNIER") == [(eloise, "same_name")]

    def test_the_company_tells_two_of_one_name_apart(self, alice: User) -> None:
        meunier = companies.create_company(alice, Company(name="Meunier"))
        known = person(alice, company=meunier)

        assert reasons(alice, name="Éloïse Garnier", company="meunier") == [(known, "same_name")]
        assert reasons(alice, name="Éloïse Garnier", company="Vasseur") == []

    def test_a_first_name_alone_says_nothing(self, alice: User, eloise: Person) -> None:
        assert reasons(alice, name="Éloïse") == []

    def test_a_longer_name_is_another(self, alice: User, eloise: Person) -> None:
        assert reasons(alice, name="Éloïse Gar") == []


def test_the_surest_reason_is_given_once(alice: User, eloise: Person) -> None:
    found = reasons(alice, addresses=["eloise@home.example"], name="Éloïse Garnier")
    assert found == [(eloise, "same_address")]


def test_a_deleted_person_is_nobodys_duplicate(alice: User, eloise: Person) -> None:
    people.delete(alice, eloise)
    assert reasons(alice, addresses=["eloise@home.example"], name="Éloïse Garnier") == []


def test_nothing_asked_finds_nobody(alice: User, eloise: Person) -> None:
    assert reasons(alice) == []
