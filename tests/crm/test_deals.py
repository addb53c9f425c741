from relance import journal
from relance.crm import access, deals, people
from relance.crm.models import Company, Deal, Person, Stage
from relance.users.models import User
from tests.crm.conftest import Ear, deal, person, stage

BOTH = {"e.garnier@meunier.example", "eloise@home.example"}


def parts(one: Deal) -> list[tuple[Person, str, bool]]:
    return [(p.person, p.role, p.is_primary) for p in one.contacts.select_related("person")]


class TestStages:
    def test_a_new_pipeline_has_six(self, db: None) -> None:
        rows = Stage.objects.values_list("name", "kind", "probability")
        assert list(rows) == [
            ("Prospecting", "open", 10),
            ("Qualification", "open", 20),
            ("Proposal", "open", 50),
            ("Negotiation", "open", 80),
            ("Closed Won", "won", 100),
            ("Closed Lost", "lost", 0),
        ]

    def test_they_are_named_in_the_readers_language(self, db: None) -> None:
        from django.utils import translation

        won = stage("won")
        with translation.override("fr"):
            assert won.label == "Gagnée"
        with translation.override("en"):
            assert won.label == "Closed Won"


class TestCreating:
    def test_it_is_announced_for_all_addresses_of_its_people(
        self, alice: User, eloise: Person, ear: Ear
    ) -> None:
        bruno = person(alice, "bruno@meunier.example", first_name="Bruno")
        made = deal(alice, eloise, bruno)

        assert ear.last == ("deal_created", {*BOTH, "bruno@meunier.example"})
        assert parts(made) == [(eloise, "", True), (bruno, "", False)]
        assert made.closed_at is None

    def test_the_account_is_that_of_the_primary_contact(self, alice: User, eloise: Person) -> None:
        eloise.company = Company.objects.create(owner=alice, name="Meunier")
        eloise.save()
        assert deal(alice, eloise).company == eloise.company

    def test_a_lead_becomes_a_contact_first(self, alice: User) -> None:
        lead = person(alice, "t@froid.example", kind="lead", company_name="Leclerc Froid")

        made = deal(alice, lead)

        lead.refresh_from_db()
        assert lead.kind == Person.Kind.CONTACT
        assert made.company is not None
        assert made.company == lead.company
        assert made.company.name == "Leclerc Froid"

    def test_a_deal_may_be_won_from_the_start(self, alice: User) -> None:
        assert deal(alice, stage=stage("won")).closed_at is not None

    def test_one_person_takes_part_once(self, alice: User, eloise: Person) -> None:
        assert parts(deal(alice, eloise, eloise)) == [(eloise, "", True)]


class TestMoving:
    def test_winning_closes_it_and_can_be_undone(
        self, alice: User, eloise: Person, ear: Ear
    ) -> None:
        made = deal(alice, eloise)

        entry = deals.move_to_stage(alice, made, stage("won"))

        made.refresh_from_db()
        assert made.stage.kind == "won"
        assert made.closed_at is not None
        assert ear.last == ("deal_stage", BOTH)

        ear.heard.clear()
        journal.undo(entry.pk, alice)
        made.refresh_from_db()
        assert (made.stage.kind, made.closed_at) == ("open", None)
        assert ear.last == ("deal_stage", BOTH)

    def test_undoing_brings_the_first_closing_back(self, alice: User, eloise: Person) -> None:
        made = deal(alice, eloise)
        deals.move_to_stage(alice, made, stage("lost"))
        closed_at = made.closed_at

        entry = deals.move_to_stage(alice, made, stage("open"))
        assert made.closed_at is None
        journal.undo(entry.pk, alice)

        made.refresh_from_db()
        assert made.closed_at == closed_at

    def test_editing_the_stage_closes_it_too(self, alice: User, eloise: Person, ear: Ear) -> None:
        made = deal(alice, eloise)
        made.stage = stage("lost")

        deals.edit(alice, made)

        assert made.closed_at is not None
        assert ear.last == ("deal_stage", BOTH)

    def test_editing_a_name_moves_no_mail(self, alice: User, eloise: Person, ear: Ear) -> None:
        made = deal(alice, eloise)
        ear.heard.clear()
        made.name = "Quais 1 à 6"
        deals.edit(alice, made)
        assert ear.heard == []


class TestContacts:
    def test_who_leaves_and_who_comes_are_both_announced(
        self, alice: User, eloise: Person, ear: Ear
    ) -> None:
        made = deal(alice, eloise)
        bruno = person(alice, "bruno@meunier.example", first_name="Bruno")

        deals.set_contacts(alice, made, [deals.Part(bruno, "Technical director")])

        assert parts(made) == [(bruno, "Technical director", True)]
        assert ear.last == ("deal_contacts", {*BOTH, "bruno@meunier.example"})

    def test_an_edit_may_carry_them(self, alice: User, eloise: Person) -> None:
        made = deal(alice)
        deals.edit(alice, made, parts=[deals.Part(eloise)])
        assert parts(made) == [(eloise, "", True)]


class TestDeleting:
    def test_it_is_announced_and_can_be_undone(self, alice: User, eloise: Person, ear: Ear) -> None:
        made = deal(alice, eloise)

        entry = deals.delete(alice, made)

        assert not access.deals_for(alice).exists()
        assert ear.last == ("deal_deleted", BOTH)
        journal.undo(entry.pk, alice)
        assert access.deals_for(alice).get() == made
        assert ear.last == ("deal_restored", BOTH)

    def test_it_keeps_its_people(self, alice: User, eloise: Person) -> None:
        deals.delete(alice, deal(alice, eloise))
        assert list(access.people_for(alice)) == [eloise]

    def test_a_deleted_person_comes_back_with_her_part(self, alice: User, eloise: Person) -> None:
        made = deal(alice, eloise)
        entry = people.delete(alice, eloise)
        journal.undo(entry.pk, alice)
        assert parts(made) == [(eloise, "", True)]
