"""Scenes 1 to 4, 7, 8 and 16: whose mail it is, and in which column."""

from __future__ import annotations

from decimal import Decimal

import pytest

from relance.addresses.models import EmailAddress
from relance.criteria import sql
from relance.criteria.asking import Asking
from relance.criteria.conditions import parse
from relance.crm import deals, people
from relance.crm.models import Deal, DealContact, Person, PersonAddress
from relance.inbox import columns, links, recipients, related
from relance.inbox.context import context
from relance.inbox.models import RecordLink, Stream
from relance.inbox.related import Asked
from relance.lib.money import Money
from relance.mail.models import MessageCopy
from relance.users.models import User
from tests.inbox import builders
from tests.scenes.conftest import Zylker

pytestmark = pytest.mark.django_db
ALICE, BRUNO = "alice@client.example", "bruno@client.example"


def _subjects(viewer: User, person: Person) -> list[str]:
    page = related.page(viewer, related.concern_of(person), Asked())
    return [mail.message.subject for mail in page.mails]


def _alice(zylker: Zylker) -> tuple[Person, Deal, Deal]:
    """Alice, with two open deals: 12,500 € and 40,000 USD."""
    alice = builders.person(zylker.patricia, ALICE, first_name="Alice")
    one = builders.deal(zylker.patricia, alice, name="Lamps", amount=12_500)
    two = builders.deal(
        zylker.patricia,
        alice,
        name="Sensors",
        amount=40_000,
        currency="USD",
        closes_on="2027-01-15",
    )
    return alice, one, two


def test_scene_1_two_open_deals_show_two_amounts_and_are_suggested_never_chosen(
    zylker: Zylker,
) -> None:
    _person, one, two = _alice(zylker)
    copy = zylker.receives("patricia", sender=ALICE, subject="Quote")
    card = columns.cards_for(zylker.patricia, [copy.thread_id or 0])[0]
    assert card.stream == Stream.POTENTIALS
    assert card.ribbon is not None
    assert card.ribbon.amounts == [Money(Decimal(12_500), "EUR"), Money(Decimal(40_000), "USD")]
    who = context(zylker.patricia, copy.thread_id or 0)
    found = links.of_thread(zylker.patricia, copy.thread_id or 0, who.open_deals)
    assert found.linked is None
    assert set(found.suggested) == {one, two}
    large = parse(
        {"field": "amount", "op": "gt", "value": {"amount": "30000", "currency": "USD"}}, "Deal"
    )
    rates = {"EUR": Decimal(1), "USD": Decimal("0.9")}
    assert list(sql.select(Deal.objects.all(), large, Asking(rates=rates))) == [two]
    page = zylker.as_("patricia").get(f"/threads/{copy.thread_id}/").content.decode()
    assert "2 open deals with Alice Martin: which one is it about?" in page


def test_scene_2_won_and_lost_deals_leave_her_among_contacts(zylker: Zylker) -> None:
    _person, one, two = _alice(zylker)
    copy = zylker.receives("patricia", sender=ALICE)
    assert zylker.column_of("patricia", copy) == Stream.POTENTIALS
    deals.move_to_stage(zylker.patricia, one, builders.stage("won"))
    assert zylker.column_of("patricia", copy) == Stream.POTENTIALS
    deals.move_to_stage(zylker.patricia, two, builders.stage("lost"))
    assert zylker.column_of("patricia", copy) == Stream.PEOPLE
    assert zylker.receives("patricia", sender=ALICE).thread is not None
    assert not RecordLink.objects.filter(thread=zylker.receives("patricia", sender=ALICE).thread)


def test_scene_3_a_secondary_address_is_matched_and_the_primary_one_written_to(
    zylker: Zylker,
) -> None:
    bruno = builders.person(zylker.patricia, BRUNO, "bruno@home.example", first_name="Bruno")
    copy = zylker.receives("patricia", sender="bruno@home.example", subject="From home")
    assert zylker.column_of("patricia", copy) == Stream.PEOPLE
    assert context(zylker.patricia, copy.thread_id or 0).person == bruno
    assert _subjects(zylker.patricia, bruno) == ["From home"]
    writing = recipients.of_record(zylker.patricia, bruno)
    assert writing.first is not None
    assert writing.first.address == BRUNO
    assert [r.address for r in writing.others] == ["bruno@home.example"]


def test_scene_4_a_contact_comes_before_a_lead_of_the_same_address(zylker: Zylker) -> None:
    chloe = "chloe@client.example"
    lead = builders.person(zylker.jean, chloe, kind="lead", first_name="Chloé")
    contact = builders.person(zylker.patricia, chloe, first_name="Chloé")
    copy = zylker.receives("jean", sender=chloe)
    who = context(zylker.jean, copy.thread_id or 0)
    assert who.person == contact
    assert who.other_people == [lead]
    found = people.find_duplicates(zylker.jean, addresses=[chloe])
    assert {(one.person, one.reason) for one in found} == {
        (lead, "same_address"),
        (contact, "same_address"),
    }
    for person in (lead, contact):
        assert _subjects(zylker.jean, person) == ["Devis"]


def test_scene_7_the_same_public_domain_makes_no_colleague(zylker: Zylker) -> None:
    mailbox = builders.account(zylker.patricia, "patricia.zylker@gmail.com")
    copy = builders.receive(mailbox, sender="emile@gmail.com")
    assert zylker.column_of("patricia", copy) == Stream.NOT_IN_CRM
    assert (
        zylker.column_of("patricia", zylker.receives("patricia", sender="jean@zylker.example"))
        == Stream.COLLEAGUES
    )


class TestScene8:
    """Émile becomes a contact."""

    EMILE = "emile@gmail.com"
    SENT = {
        "first_name": "Émile",
        "last_name": "Roux",
        "source": "Incoming e-mail",
    }

    def _mail(self, zylker: Zylker, name: str = "patricia") -> MessageCopy:
        return zylker.receives(name, sender=self.EMILE, name="Émile Roux")

    def test_old_and_new_mails_move(self, zylker: Zylker) -> None:
        old = self._mail(zylker)
        assert zylker.column_of("patricia", old) == Stream.NOT_IN_CRM
        place = f"/threads/{old.thread_id}/add/contact/"
        answer = zylker.as_("patricia").post(place, self.SENT)
        assert answer.status_code == 302
        person = Person.objects.get()
        assert (person.name, person.kind) == ("Émile Roux", Person.Kind.CONTACT)
        assert zylker.column_of("patricia", old) == Stream.PEOPLE
        assert zylker.column_of("patricia", self._mail(zylker)) == Stream.PEOPLE

    def test_looking_and_going_away_leaves_no_trace(self, zylker: Zylker) -> None:
        old = self._mail(zylker)
        page = zylker.as_("patricia").get(f"/threads/{old.thread_id}/add/contact/")
        assert "Émile" in page.content.decode()
        assert not Person.objects.exists()
        assert zylker.column_of("patricia", old) == Stream.NOT_IN_CRM

    def test_who_adds_him_a_moment_later_makes_no_second_record(self, zylker: Zylker) -> None:
        first, second = self._mail(zylker), self._mail(zylker, "jean")
        zylker.as_("patricia").post(f"/threads/{first.thread_id}/add/contact/", self.SENT)
        assert zylker.column_of("jean", second) == Stream.PEOPLE
        zylker.as_("jean").post(f"/threads/{second.thread_id}/add/contact/", self.SENT)
        assert Person.objects.count() == 1
        assert PersonAddress.objects.count() == 1


class TestScene16:
    """Alice's address is replaced."""

    NEW = "alice@new.example"

    def _alice(self, zylker: Zylker) -> tuple[Person, MessageCopy, EmailAddress]:
        alice = builders.person(zylker.jean, ALICE, first_name="Alice")
        copy = zylker.receives("jean", sender=ALICE, subject="Old")
        return alice, copy, EmailAddress.objects.get(address=ALICE)

    def test_with_the_former_one_kept_as_secondary_its_mails_stay(self, zylker: Zylker) -> None:
        alice, copy, _old = self._alice(zylker)
        people.set_addresses(alice, [self.NEW, ALICE], primary=self.NEW)
        zylker.receives("jean", sender=self.NEW, subject="New")
        assert _subjects(zylker.jean, alice) == ["New", "Old"]
        assert zylker.column_of("jean", copy) == Stream.PEOPLE
        first = recipients.of_record(zylker.jean, alice).first
        assert first is not None
        assert first.address == self.NEW

    def test_without_they_leave_the_record_but_neither_the_mailbox_nor_a_deal(
        self, zylker: Zylker
    ) -> None:
        alice, copy, _old = self._alice(zylker)
        deal = builders.deal(zylker.jean)
        DealContact.objects.create(deal=deal, person=alice, is_primary=True)
        links.link(zylker.jean, copy.thread_id or 0, deal.pk)
        people.set_addresses(alice, [self.NEW])
        zylker.receives("jean", sender=self.NEW, subject="New")
        assert _subjects(zylker.jean, alice) == ["New"]
        assert zylker.column_of("jean", copy) == Stream.NOT_IN_CRM
        page = related.page(zylker.jean, related.concern_of(deal), Asked())
        assert "Old" in [mail.message.subject for mail in page.mails]
        people.set_addresses(alice, [self.NEW, ALICE])
        assert _subjects(zylker.jean, alice) == ["New", "Old"]
        assert zylker.column_of("jean", copy) == Stream.POTENTIALS
