"""Whose a conversation is."""

from __future__ import annotations

import pytest

from relance import journal
from relance.crm.models import CompanyAddress, Person, PersonAddress
from relance.inbox import links, recognition, references, related
from relance.inbox.context import context_of
from relance.inbox.conversation import conversation
from relance.inbox.links import Parent
from relance.inbox.models import RecordLink
from relance.inbox.parents import parent_of
from relance.inbox.related import Asked
from relance.lib.keys import short_hash
from relance.mail.models import (
    MailAccount,
    Message,
    MessageCopy,
    Outgoing,
    OutgoingRecipient,
    Participant,
    Thread,
)
from relance.users.models import Organisation, User
from tests.inbox import builders

pytestmark = pytest.mark.django_db
CLIENT = "alice@client.example"


def _parent(viewer: User, copy: MessageCopy) -> Parent | None:
    found = conversation(viewer, copy.thread_id or 0)
    who = context_of(viewer, found)
    return parent_of(viewer, found, who, links.of_thread(viewer, found.thread.pk, ()))


def _record(viewer: User, copy: MessageCopy) -> object:
    parent = _parent(viewer, copy)
    return parent.record if parent else None


def _arrive(copy: MessageCopy, **fields: str) -> MessageCopy:
    message = copy.message
    assert message is not None
    Message.objects.filter(pk=message.pk).update(
        message_id_hash=short_hash(message.message_id), **fields
    )
    copy.refresh_from_db()
    recognition.recognise([copy])
    return copy


def test_a_contact_stands_for_its_account_unless_customers_are_persons(
    mailbox: MailAccount, patricia: User
) -> None:
    company = builders.company(patricia, "Meunier")
    alice = builders.person(patricia, CLIENT, company=company)
    copy = builders.receive(mailbox, sender=CLIENT)
    parent = _parent(patricia, copy)
    assert parent == Parent(company, RecordLink.Origin.ADDRESS)
    Organisation.objects.create(name="Clarté", is_b2c=True)
    assert _record(patricia, copy) == alice


def test_without_an_account_it_is_the_contacts_own_and_a_leads_its_own(
    mailbox: MailAccount, patricia: User
) -> None:
    alice = builders.person(patricia, CLIENT)
    lead = builders.person(patricia, "david@lead.example", kind="lead")
    assert _record(patricia, builders.receive(mailbox, sender=CLIENT)) == alice
    assert _record(patricia, builders.receive(mailbox, sender="david@lead.example")) == lead
    assert _record(patricia, builders.receive(mailbox, sender="x@nobody.example")) is None


def test_an_address_of_an_account_alone_and_of_a_reply_to_count(
    mailbox: MailAccount, patricia: User
) -> None:
    company = builders.company(patricia, "Meunier")
    CompanyAddress.objects.create(
        company=company, address=builders.address("contact@meunier.example"), is_primary=True
    )
    copy = builders.receive(mailbox, sender="contact@meunier.example", subject="own")
    assert _record(patricia, copy) == company
    concern = related.concern_of(company)
    assert [m.copy for m in related.page(patricia, concern, Asked()).mails] == [copy]
    form = builders.receive(mailbox, sender="form@web.example")
    Participant.objects.create(
        message=form.message,
        role=Participant.Role.REPLY_TO,
        address=builders.address("contact@meunier.example"),
    )
    assert _record(patricia, form) == company


def test_a_converted_lead_stands_for_what_it_became(mailbox: MailAccount, patricia: User) -> None:
    company = builders.company(patricia, "Meunier")
    contact = builders.person(patricia, company=company)
    builders.person(
        patricia,
        CLIENT,
        kind="lead",
        status=Person.Status.CONVERTED,
        converted_into=contact,
    )
    copy = builders.receive(mailbox, sender=CLIENT)
    assert _record(patricia, copy) == company
    Organisation.objects.create(name="Clarté", is_b2c=True)
    assert _record(patricia, copy) == contact


def test_what_was_chosen_by_hand_stays_and_so_does_a_refusal(
    mailbox: MailAccount, patricia: User
) -> None:
    company = builders.company(patricia, "Meunier")
    other = builders.company(patricia, "Delmas")
    lead = builders.person(patricia, kind="lead", last_name="Petit")
    builders.person(patricia, CLIENT, company=company)
    copy = builders.receive(mailbox, sender=CLIENT)
    thread = copy.thread_id or 0
    refused = links.detach(patricia, thread, "company", company.pk)
    assert _record(patricia, copy) is None
    journal.undo(refused.pk, patricia)
    assert _record(patricia, copy) == company
    links.attach(patricia, thread, "company", other.pk)
    by_hand = links.attach(patricia, thread, "person", lead.pk)
    assert _parent(patricia, copy) == Parent(lead, RecordLink.Origin.MANUAL)
    assert RecordLink.objects.filter(is_removed=False).count() == 1
    PersonAddress.objects.all().delete()
    assert _record(patricia, copy) == lead
    journal.undo(by_hand.pk, patricia)
    assert _record(patricia, copy) == other


def test_nobody_links_what_she_may_not_see(mailbox: MailAccount, patricia: User) -> None:
    copy = builders.receive(mailbox, sender=CLIENT)
    company = builders.company(patricia, "Meunier")
    pierre = builders.user("pierre@zylker.example")
    with pytest.raises(Thread.DoesNotExist):
        links.attach(pierre, copy.thread_id or 0, "company", company.pk)
    links.attach(patricia, copy.thread_id or 0, "company", company.pk)
    company.deleted_at = company.created_at
    company.save()
    assert _record(patricia, copy) is None
    with pytest.raises(type(company).DoesNotExist):
        links.detach(patricia, copy.thread_id or 0, "company", company.pk)


def test_an_answer_in_another_mailbox_is_about_the_same_records(
    mailbox: MailAccount, patricia: User
) -> None:
    company = builders.company(patricia, "Meunier")
    deal = builders.deal(patricia)
    first = _arrive(builders.receive(mailbox, sender=CLIENT))
    for entity, record in (("company", company), ("deal", deal)):
        links.attach(patricia, first.thread_id or 0, entity, record.pk)
    pierre = builders.user("pierre@zylker.example")
    copy = builders.receive(builders.account(pierre), sender="someone@client.example")
    assert first.message is not None
    _arrive(copy, in_reply_to=first.message.message_id)
    rows = RecordLink.objects.filter(thread=copy.thread).order_by("entity")
    assert [(r.entity, r.record_id, r.origin) for r in rows] == [
        ("company", company.pk, "thread"),
        ("deal", deal.pk, "thread"),
    ]


def test_a_reference_says_better_whose_it_is_and_the_answered_mail_which_deal(
    mailbox: MailAccount, patricia: User
) -> None:
    one, two = (builders.company(patricia, name) for name in ("Meunier", "Delmas"))
    old, new = (builders.deal(patricia, name=name) for name in ("Lamps", "Sensors"))
    first = _arrive(builders.receive(mailbox, sender=CLIENT))
    assert first.message is not None
    links.attach(patricia, first.thread_id or 0, "company", one.pk)
    links.attach(patricia, first.thread_id or 0, "deal", old.pk)
    for record, expected in (
        (("company", two.pk), {("company", two.pk), ("deal", old.pk)}),
        (("deal", new.pk), {("company", one.pk), ("deal", old.pk)}),
    ):
        pierre = builders.user(f"{record[0]}@zylker.example")
        copy = builders.receive(builders.account(pierre), sender=CLIENT)
        token = references.make(record, "zylker.example")
        _arrive(copy, in_reply_to=first.message.message_id, references=token)
        rows = RecordLink.objects.filter(thread=copy.thread)
        assert set(rows.values_list("entity", "record_id")) == expected


def test_a_signed_reference_finds_its_record_and_a_written_one_too(
    mailbox: MailAccount, patricia: User
) -> None:
    deal = builders.deal(patricia)
    company = builders.company(patricia, "Meunier")
    token = references.make(("deal", deal.pk), "zylker.example")
    copy = builders.receive(mailbox, sender="assistant@client.example")
    _arrive(copy, references=f"gone@zylker.example {token}")
    found = links.of_thread(patricia, copy.thread_id or 0, ())
    assert found.linked is not None
    assert (found.linked.deal, found.linked.origin) == (deal, "reference")
    sent = builders.receive(mailbox, sender=patricia.email, to=CLIENT, outgoing=True, folder="sent")
    assert sent.message is not None
    outgoing = Outgoing.objects.create(
        account=mailbox, author=patricia, state="sent", message_id=sent.message.message_id
    )
    OutgoingRecipient.objects.create(
        outgoing=outgoing, address=builders.address(CLIENT), record=f"company:{company.pk}"
    )
    _arrive(sent)
    assert _parent(patricia, sent) == Parent(company, RecordLink.Origin.COMPOSED)


def test_a_reference_to_a_person_is_kept_only_where_no_address_of_hers_says_it(
    mailbox: MailAccount, patricia: User
) -> None:
    alice = builders.person(patricia, CLIENT)
    token = references.make(("person", alice.pk), "zylker.example")
    own = builders.receive(mailbox, sender=CLIENT)
    _arrive(own, references=token)
    assert not RecordLink.objects.exists()
    other = builders.receive(mailbox, sender="assistant@client.example", subject="for her")
    _arrive(other, references=token)
    assert _record(patricia, other) == alice
    mails = related.page(patricia, related.concern_of(alice), Asked()).mails
    assert [m.message.subject for m in mails] == ["for her", "Devis"]


def test_a_record_that_is_gone_or_a_mail_that_proves_nothing_links_nothing(
    mailbox: MailAccount, patricia: User
) -> None:
    deal = builders.deal(patricia)
    token = references.make(("deal", deal.pk), "zylker.example")
    _arrive(builders.receive(mailbox, sender=CLIENT, authentication="fail"), references=token)
    _arrive(builders.receive(mailbox, sender=CLIENT, folder="spam"), references=token)
    deal.deleted_at = deal.created_at
    deal.save()
    _arrive(builders.receive(mailbox, sender=CLIENT), references=token)
    assert not RecordLink.objects.exists()
