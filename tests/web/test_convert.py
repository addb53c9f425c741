"""Leads converted in one form."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from relance.crm.models import Company, Deal, Person
from relance.inbox.models import Placement, RecordLink, Stream
from relance.journal.models import Entry
from relance.mail.models import OutgoingRecipient
from relance.users.models import User
from tests.inbox import builders
from tests.web.conftest import stage

pytestmark = pytest.mark.django_db
HX = {"HX-Request": "true"}


def form(**values: Any) -> dict[str, Any]:
    return {
        "contact": "new",
        "first_name": "Thomas",
        "last_name": "Leclerc",
        "email": "t.leclerc@logis.example",
        "account": "new",
        "organisation": "Logis Ouest",
        "with_deal": "on",
        "deal_name": "Stockage 4 000 m²",
        "amount": "",
        "currency": "EUR",
        "stage": stage("open").pk,
        "closes_on": "2027-02-26",
        **values,
    }


def url(lead: Person) -> str:
    return f"/convert/{lead.pk}/"


def test_the_form_proposes_what_the_lead_says(as_alice: Client, thomas: Person) -> None:
    thomas.description = "Stockage 4 000 m²\nÀ rappeler"
    thomas.save()
    page = as_alice.get(url(thomas), headers=HX).content.decode()
    for words in ("Convert Thomas Leclerc", 'value="Leclerc"', "t.leclerc@logis.example"):
        assert words in page
    assert 'value="Logis Ouest"' in page
    assert 'value="Stockage 4 000 m²"' in page


def test_an_account_of_the_same_domain_comes_first(
    as_alice: Client, alice: User, thomas: Person
) -> None:
    builders.company(alice, "Logis de l’Ouest", domain="logis.example")
    page = as_alice.get(url(thomas)).content.decode()
    assert "Logis de l’Ouest" in page
    assert "same domain" in page


def test_it_makes_contact_account_and_deal_and_undoes_them(
    as_alice: Client, alice: User, thomas: Person
) -> None:
    mailbox = builders.account(alice)
    copy = builders.receive(mailbox, sender="t.leclerc@logis.example")
    assert Placement.objects.get(thread=copy.thread).stream == Stream.PEOPLE

    answer = as_alice.post(url(thomas), form(amount="48 000"))

    contact = Person.objects.get(kind=Person.Kind.CONTACT)
    assert answer["Location"] == contact.get_absolute_url()
    deal = Deal.objects.get()
    assert (deal.name, deal.company) == ("Stockage 4 000 m²", contact.company)
    assert deal.amount == 48000
    assert Placement.objects.get(thread=copy.thread).stream == Stream.POTENTIALS
    link = RecordLink.objects.get(thread=copy.thread, entity="deal")
    assert link.record_id == deal.pk

    undo = f"/convert/{thomas.pk}/undo/{Entry.objects.get().pk}/"
    assert as_alice.post(undo)["Location"] == thomas.get_absolute_url()
    assert as_alice.post(undo, headers=HX)["HX-Redirect"] == thomas.get_absolute_url()

    assert Placement.objects.get(thread=copy.thread).stream == Stream.PEOPLE
    assert not RecordLink.objects.exists()
    lead = Person.objects.get(pk=thomas.pk)
    assert not lead.is_converted
    assert lead.addresses.get().address == "t.leclerc@logis.example"
    assert Deal.objects.get().deleted_at
    assert Company.objects.get().deleted_at


def test_links_of_the_lead_go_to_its_account_when_there_is_no_deal(
    as_alice: Client, alice: User, thomas: Person
) -> None:
    copy = builders.receive(builders.account(alice), sender="other@logis.example")
    RecordLink.objects.create(
        thread=copy.thread, entity="person", record_id=thomas.pk, origin="manual"
    )
    values = form()
    del values["with_deal"]
    as_alice.post(url(thomas), values)
    link = RecordLink.objects.get()
    assert (link.entity, link.record_id) == ("company", Company.objects.get().pk)


def test_it_may_become_somebody_known(as_alice: Client, thomas: Person, eloise: Person) -> None:
    eloise.phone = thomas.phone = "04 72 00 00 41"
    eloise.first_name, eloise.last_name = "Thomas", "Leclerc"
    eloise.save()
    thomas.save()
    assert "existing contact" in as_alice.get(url(thomas)).content.decode()
    as_alice.post(url(thomas), form(contact=str(eloise.pk), account="none"))
    thomas.refresh_from_db()
    assert thomas.converted_into == eloise
    assert eloise.addresses.filter(address="t.leclerc@logis.example").exists()
    primary = eloise.address_links.get(is_primary=True)
    assert primary.address.address == "e.garnier@meunier.example"


def test_what_is_missing_is_said_and_nothing_is_lost(as_alice: Client, thomas: Person) -> None:
    answer = as_alice.post(url(thomas), form(last_name="", deal_name="", email="nonsense"))
    page = answer.content.decode()
    assert "A contact has a last name." in page
    assert "A deal needs it." in page
    assert "This is no e-mail address" in page
    assert 'value="nonsense"' in page
    assert not Deal.objects.exists()


def test_in_a_dialog_one_stays_or_goes_to_the_contact(as_alice: Client, thomas: Person) -> None:
    answer = as_alice.post(url(thomas), form(stay="1"), headers=HX)
    assert answer.status_code == 204
    assert "record-saved" in answer["HX-Trigger"]
    assert as_alice.get(url(thomas)).status_code == 302
    assert as_alice.post(url(thomas), form()).status_code == 302
    assert Deal.objects.count() == 1


def test_the_lead_is_read_and_no_more(as_alice: Client, thomas: Person) -> None:
    as_alice.post(url(thomas), form())
    page = as_alice.get(f"/convert/{thomas.pk}/history/").content.decode()
    assert "Converted on" in page
    assert "Stockage 4 000 m²" in page
    contact = Person.objects.get(kind=Person.Kind.CONTACT)
    lines = as_alice.get(f"/convert/{contact.pk}/origin/", headers=HX).content.decode()
    assert "Was a lead" in lines


def test_a_contact_is_not_converted(as_alice: Client, eloise: Person) -> None:
    assert as_alice.get(url(eloise)).status_code == 404


def test_who_left_converts_nothing(
    as_alice: Client, alice: User, thomas: Person, charlie: User, logged_in: Any
) -> None:
    charlie.is_active = False
    charlie.save()
    assert logged_in(charlie).get(url(thomas)).status_code != 200


def test_scheduled_mail_to_the_lead_follows(as_alice: Client, alice: User, thomas: Person) -> None:
    from relance.mail.models import Outgoing

    mail = Outgoing.objects.create(
        account=builders.account(alice), author=alice, state=Outgoing.State.SCHEDULED,
        message_id="x@test.example",
    )  # fmt: skip
    recipient = OutgoingRecipient.objects.create(
        outgoing=mail,
        address=builders.address("t.leclerc@logis.example"),
        record=f"person:{thomas.pk}",
    )
    values = form(account="none")
    del values["with_deal"]
    as_alice.post(url(thomas), values)
    contact = Person.objects.get(kind=Person.Kind.CONTACT)
    recipient.refresh_from_db()
    assert recipient.record == f"person:{contact.pk}"


def test_the_list_of_leads_leads_to_the_form(
    as_alice: Client, thomas: Person, eloise: Person
) -> None:
    leads = as_alice.get("/people/?kind=lead").content.decode()
    assert f"/convert/{thomas.pk}/?stay=1" in leads
    assert "/convert/" not in as_alice.get("/people/?kind=contact").content.decode()
    assert "/duplicates/" in leads
