"""What the history of records keeps."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from relance import journal
from relance.crm import bulk, companies, deals, edits, history, people, phones, tagging
from relance.crm.models import Company, Deal, Person, Stage
from relance.crm.phones import Number
from relance.journal.models import Change
from relance.users.models import Team, User

pytestmark = pytest.mark.django_db


def said(entity: str, record: Any) -> list[dict[str, Any]]:
    """The changes of a record, the latest first."""
    return [change.changes for change in history.lines({entity: [record.pk]})]


@pytest.fixture
def meunier(alice: User) -> Company:
    return companies.create_company(alice, Company(name="Meunier"))


@pytest.fixture
def quays(alice: User, eloise: Person) -> Deal:
    first = Stage.objects.filter(kind="open").first()
    assert first is not None
    deal = Deal(name="Quais", amount=Decimal(500), stage=first, closes_on=date(2027, 1, 1))
    return deals.create_deal(alice, deal, parts=[deals.Part(eloise)])


class TestEditing:
    def test_what_differs_is_kept_with_who_did_it(self, alice: User, eloise: Person) -> None:
        eloise.title, eloise.city = "Director", "Lyon"
        people.edit(eloise, actor=alice)

        [change] = history.lines({"person": [eloise.pk]})

        assert change.user == alice
        assert change.changes == {"title": ["", "Director"], "city": ["", "Lyon"]}

    def test_saving_without_a_change_writes_nothing(self, alice: User, eloise: Person) -> None:
        people.edit(eloise, actor=alice)
        assert said("person", eloise) == []

    def test_addresses_phones_and_tags_are_told_as_lists(self, alice: User, eloise: Person) -> None:
        people.set_addresses(eloise, ["new@meunier.example"], actor=alice)
        phones.set_phones(alice, eloise, [Number("06 1"), Number(" "), Number("06 2", "home")])
        tagging.set_tags(alice, eloise, ["VIP", "vip", " Lamps "])

        tags, numbers, addresses = said("person", eloise)
        assert tags == {"tags": ["", "Lamps, vip"]}
        assert numbers == {"phones": ["", "06 1, 06 2"]}
        assert addresses["addresses"][1] == "new@meunier.example"

    def test_a_new_owner_and_account_are_told_by_name(
        self, alice: User, bob: User, eloise: Person
    ) -> None:
        eloise.owner, eloise.company = bob, companies.named(alice, "Vasseur")
        people.edit(eloise, actor=alice)
        [changes] = said("person", eloise)
        assert changes["owner"] == [alice.name, bob.name]
        assert changes["company"][1] == "Vasseur"

    def test_a_custom_value_is_told_by_its_key(self, alice: User, eloise: Person) -> None:
        eloise.custom = {"floor": "3"}
        people.edit(eloise, actor=alice)
        assert said("person", eloise) == [{"custom.floor": ["", "3"]}]

    def test_deleting_and_bringing_back_are_told(self, alice: User, meunier: Company) -> None:
        journal.undo(companies.delete(alice, meunier).pk, alice)
        verbs = [change.verb for change in history.lines({"company": [meunier.pk]})]
        assert verbs == [history.RESTORED, history.DELETED]


class TestDeals:
    def test_a_move_is_told_and_dates_the_stage(self, alice: User, quays: Deal) -> None:
        assert history.in_stage_since(quays) == quays.created_at
        second = Stage.objects.filter(kind="open")[1]
        before = quays.stage.name

        deals.move_to_stage(alice, quays, second)

        [changes] = said("deal", quays)
        assert changes == {"stage": [before, second.name]}
        assert history.in_stage_since(quays) > quays.created_at

    def test_a_loss_keeps_its_reason_until_it_is_undone(self, alice: User, quays: Deal) -> None:
        lost = Stage.objects.get(kind="lost")
        entry = deals.move_to_stage(alice, quays, lost, reason="Too expensive")
        quays.refresh_from_db()
        assert quays.lost_reason == "Too expensive"

        journal.undo(entry.pk, alice)
        quays.refresh_from_db()
        assert (quays.lost_reason, quays.stage.kind) == ("", "open")
        assert said("deal", quays)[0]["lost_reason"] == ["Too expensive", ""]

    def test_an_amount_is_told_with_its_currency(self, alice: User, quays: Deal) -> None:
        quays.amount, quays.currency = Decimal("600.5"), "CHF"
        deals.edit(alice, quays)
        assert said("deal", quays) == [{"amount": ["500.00 EUR", "600.50 CHF"]}]

    def test_who_takes_part_is_told(self, alice: User, quays: Deal, eloise: Person) -> None:
        deals.set_contacts(alice, quays, [deals.Part(eloise, "Buyer")])
        [changes] = said("deal", quays)
        assert changes["people"][1] == f"{eloise.name} (Buyer)"


class TestBulk:
    def test_each_record_is_told_and_so_is_the_way_back(
        self, alice: User, bob: User, eloise: Person
    ) -> None:
        entry = bulk.assign(alice, Person.objects.all(), bob)
        journal.undo(entry.pk, alice)
        back, there = said("person", eloise)
        assert there == {"owner": [alice.name, bob.name]}
        assert back == {"owner": [bob.name, alice.name]}

    def test_teams_tags_and_deletion_too(self, alice: User, eloise: Person) -> None:
        rows = Person.objects.filter(pk=eloise.pk)
        bulk.set_team(alice, rows, Team.objects.create(name="North"))
        bulk.tag(alice, rows, "VIP")
        bulk.delete(alice, rows)
        deleted, tagged, team = history.lines({"person": [eloise.pk]})
        assert deleted.verb == history.DELETED
        assert tagged.changes == {"tags": ["", "VIP"]}
        assert team.changes == {"team": ["", "North"]}


class TestUndoing:
    def test_every_field_of_an_edit_comes_back(
        self, alice: User, bob: User, quays: Deal, meunier: Company
    ) -> None:
        quays.amount, quays.closes_on = None, date(2028, 2, 29)
        quays.owner, quays.company, quays.custom = bob, None, {"floor": "3"}
        entry = edits.save(alice, quays)
        assert entry is not None

        journal.undo(entry.pk, alice)

        quays.refresh_from_db()
        assert (quays.amount, quays.closes_on) == (Decimal(500), date(2027, 1, 1))
        assert (quays.owner, quays.custom) == (alice, {})
        assert Change.objects.filter(entity="deal").count() == 2

    def test_what_is_gone_since_is_left_out(self, alice: User, eloise: Person) -> None:
        north = Team.objects.create(name="North")
        eloise.team = north
        edits.save(alice, eloise)
        eloise.team = None
        entry = edits.save(alice, eloise)
        assert entry is not None
        north.delete()

        journal.undo(entry.pk, alice)

        eloise.refresh_from_db()
        assert eloise.team is None

    def test_a_lead_that_was_converted_is_left_as_it_is(self, alice: User, eloise: Person) -> None:
        eloise.title = "Director"
        entry = edits.save(alice, eloise)
        assert entry is not None
        Person.objects.filter(pk=eloise.pk).update(converted_at=eloise.created_at)
        with pytest.raises(journal.CannotUndo):
            journal.undo(entry.pk, alice)

    def test_nothing_changed_is_nothing_to_undo(self, alice: User, eloise: Person) -> None:
        assert edits.save(alice, eloise) is None
