import pytest

from relance import journal
from relance.crm import access, people
from relance.crm.models import Company, Person
from relance.users.models import User
from tests.crm.conftest import Ear, person


def addresses(one: Person) -> list[tuple[str, bool]]:
    return list(one.address_links.values_list("address__address", "is_primary"))


class TestCreating:
    def test_the_first_address_is_the_primary_one(self, alice: User) -> None:
        made = person(alice, "E.Garnier@Meunier.example", "eloise@home.example")

        assert made.owner == made.created_by == alice
        assert addresses(made) == [
            ("e.garnier@meunier.example", True),
            ("eloise@home.example", False),
        ]

    def test_it_is_announced_inside_the_transaction(self, alice: User, ear: Ear) -> None:
        person(alice, "e@meunier.example")

        assert ear.heard == [("person_created", {"e@meunier.example"})]
        assert ear.was_inside

    def test_nobody_is_told_of_somebody_without_an_address(self, alice: User, ear: Ear) -> None:
        person(alice)
        assert ear.heard == []

    @pytest.mark.parametrize("nonsense", ["", "nobody", "a@", "@b.example", "a b@c.example"])
    def test_nonsense_is_refused_and_nothing_is_saved(self, alice: User, nonsense: str) -> None:
        with pytest.raises(people.NotAnAddress) as refusal:
            person(alice, "e@meunier.example", nonsense)

        assert refusal.value.address == nonsense
        assert not Person.objects.exists()

    def test_an_address_may_be_on_several_records(self, alice: User) -> None:
        first, second = person(alice, "info@meunier.example"), person(alice, "info@meunier.example")
        assert addresses(first) == addresses(second)


class TestAddresses:
    def test_replacing_one_announces_the_old_and_the_new(self, eloise: Person, ear: Ear) -> None:
        people.set_addresses(eloise, ["new@meunier.example", "eloise@home.example"])

        assert addresses(eloise) == [
            ("new@meunier.example", True),
            ("eloise@home.example", False),
        ]
        assert ear.last == (
            "addresses_changed",
            {"e.garnier@meunier.example", "new@meunier.example"},
        )

    def test_keeping_the_old_one_as_secondary_announces_the_new_alone(
        self, eloise: Person, ear: Ear
    ) -> None:
        kept = ["e.garnier@meunier.example", "eloise@home.example"]
        people.set_addresses(eloise, kept, primary="new@meunier.example")

        assert addresses(eloise)[0] == ("new@meunier.example", True)
        assert len(addresses(eloise)) == 3
        assert ear.last == ("addresses_changed", {"new@meunier.example"})

    def test_changing_the_primary_alone_moves_no_mail(self, eloise: Person, ear: Ear) -> None:
        before = list(ear.heard)
        people.set_addresses(eloise, ["eloise@home.example", "e.garnier@meunier.example"])

        assert addresses(eloise)[0] == ("eloise@home.example", True)
        assert ear.heard == before

    def test_one_written_twice_is_kept_once(self, eloise: Person) -> None:
        people.set_addresses(eloise, ["A@x.example", "a@X.example "])
        assert addresses(eloise) == [("a@x.example", True)]

    def test_all_of_them_may_go(self, eloise: Person) -> None:
        people.set_addresses(eloise, [])
        assert addresses(eloise) == []

    def test_an_international_domain_is_one_address_however_written(self, alice: User) -> None:
        made = person(alice, "é@exämple.fr", "é@xn--exmple-cua.fr")
        assert addresses(made) == [("é@xn--exmple-cua.fr", True)]


class TestConverting:
    def test_a_lead_becomes_a_contact_of_an_account(self, alice: User, ear: Ear) -> None:
        lead = person(alice, "t@leclerc.example", kind="lead", company_name="Leclerc  Froid")

        people.convert(alice, lead, Person.Kind.CONTACT)

        lead.refresh_from_db()
        assert (lead.kind, lead.status, lead.company_name) == ("contact", "", "")
        assert lead.company is not None
        assert lead.company.name == "Leclerc Froid"
        assert ear.last == ("kind_changed", {"t@leclerc.example"})

    def test_the_account_of_that_name_is_taken(self, alice: User) -> None:
        existing = Company.objects.create(owner=alice, name="Énergie Nord")
        lead = person(alice, kind="lead", company_name="energie nord")

        assert people.convert(alice, lead, "contact").company == existing

    def test_there_is_a_way_back(self, alice: User, eloise: Person) -> None:
        people.convert(alice, eloise, Person.Kind.LEAD)
        assert (eloise.kind, eloise.status) == ("lead", "new")

    def test_editing_the_kind_is_announced_too(self, eloise: Person, ear: Ear) -> None:
        eloise.kind = "lead"
        people.edit(eloise)
        assert ear.last[0] == "kind_changed"


class TestDeleting:
    def test_it_is_announced_and_can_be_undone(self, alice: User, eloise: Person, ear: Ear) -> None:
        entry = people.delete(alice, eloise)

        assert not access.people_for(alice).exists()
        assert ear.last[0] == "person_deleted"
        assert len(ear.last[1]) == 2

        journal.undo(entry.pk, alice)

        assert access.people_for(alice).get() == eloise
        assert ear.last[0] == "person_restored"
        assert len(addresses(eloise)) == 2

    def test_only_who_did_it_undoes_it_and_once(
        self, alice: User, bob: User, eloise: Person
    ) -> None:
        entry = people.delete(alice, eloise)

        with pytest.raises(journal.CannotUndo, match="gone"):
            journal.undo(entry.pk, bob)
        journal.undo(entry.pk, alice)
        with pytest.raises(journal.CannotUndo, match="already"):
            journal.undo(entry.pk, alice)


class TestReading:
    def test_every_active_user_reads_all(self, bob: User, eloise: Person) -> None:
        assert list(access.people_for(bob)) == [eloise]

    def test_somebody_who_left_reads_nothing(self, bob: User, eloise: Person) -> None:
        bob.is_active = False
        assert not access.people_for(bob).exists()
        assert not access.deals_for(bob).exists()
        assert not access.companies_for(bob).exists()
