"""Leads made of mails, and mails that follow a converted lead."""

import hashlib
from datetime import date

import pytest

from relance import journal
from relance.crm import access
from relance.crm.conversion import Wanted
from relance.crm.models import Deal, Person, RecordFile
from relance.inbox import conversion, related
from relance.inbox.conversion_from_mail import add_from_mail, description_of
from relance.inbox.models import Placement, RecordLink, Stream
from relance.mail import sources
from relance.mail.models import Attachment, MailAccount, MessageCopy
from relance.users.models import User
from tests.inbox import builders

pytestmark = pytest.mark.django_db
SOURCE = (
    b"From: thomas@logis.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
    b"--x\r\nContent-Type: text/plain\r\n\r\nBonjour\r\n"
    b"--x\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment\r\n\r\n"
    b"%PDF-plan\r\n--x--\r\n"
)


def new_lead() -> Person:
    return Person(kind=Person.Kind.LEAD, first_name="Thomas", last_name="Leclerc")


def new_deal() -> Deal:
    return Deal(name="Stockage", stage=builders.stage(), closes_on=date(2027, 2, 26))


def wanted(deal: Deal | None = None) -> Wanted:
    return Wanted(Person(kind=Person.Kind.CONTACT, last_name="Leclerc"), deal=deal)


@pytest.fixture
def letter(mailbox: MailAccount) -> MessageCopy:
    copy = builders.receive(mailbox, sender="thomas@logis.example", subject="Stockage  4 000 m²")
    digest = hashlib.sha256(SOURCE).digest()
    sources.keep([(digest, SOURCE, None)])
    MessageCopy.objects.filter(pk=copy.pk).update(raw=digest)
    assert copy.message
    Attachment.objects.create(
        message=copy.message, part="2", content_type="application/pdf", filename="plan.pdf", size=9
    )
    copy.refresh_from_db()
    return copy


def test_a_lead_of_a_mail_has_its_files_and_leads_back_to_it(
    patricia: User, letter: MessageCopy
) -> None:
    assert description_of(letter) == "Stockage 4 000 m²"
    lead = new_lead()
    entry = add_from_mail(
        patricia,
        letter,
        lead,
        addresses=["thomas@logis.example"],
        attachments=Attachment.objects.all(),
    )
    assert lead.mail_key == letter.message_id
    assert lead.description == "Stockage 4 000 m²"
    assert RecordFile.objects.get(person=lead).name == "plan.pdf"
    assert conversion.original_thread(patricia, lead) == letter.thread_id
    assert Placement.objects.get().stream == Stream.PEOPLE
    assert related.concern_of(lead).threads == {letter.thread_id}

    journal.undo(entry.pk, patricia)

    assert not access.people_for(patricia).exists()
    assert not RecordLink.objects.exists()
    assert Placement.objects.get().stream == Stream.NOT_IN_CRM


def test_the_way_back_is_for_whom_sees_the_mail(patricia: User, letter: MessageCopy) -> None:
    lead = new_lead()
    add_from_mail(patricia, letter, lead, addresses=["thomas@logis.example"])
    other = builders.user("hugo@zylker.example")
    assert conversion.original_thread(other, lead) is None


def test_the_mails_of_a_lead_are_those_of_its_deal(patricia: User, letter: MessageCopy) -> None:
    lead = new_lead()
    add_from_mail(patricia, letter, lead, addresses=["thomas@logis.example"])
    done = conversion.convert(patricia, lead, wanted(new_deal()))

    deal = done.converted.deal
    assert deal
    assert related.concern_of(deal).threads == {letter.thread_id}
    page = related.page(patricia, related.concern_of(done.converted.contact), related.Asked())
    assert [mail.copy.pk for mail in page.mails] == [letter.pk]
    assert related.concern_of(lead).is_nothing

    journal.undo(done.entry.pk, patricia)
    assert related.concern_of(lead).threads == {letter.thread_id}
    assert related.concern_of(deal).is_nothing


def test_what_somebody_put_on_another_deal_stays_there(patricia: User, letter: MessageCopy) -> None:
    lead = new_lead()
    add_from_mail(patricia, letter, lead, addresses=["thomas@logis.example"])
    other = builders.deal(patricia)
    RecordLink.objects.create(
        thread=letter.thread, entity="deal", record_id=other.pk, origin="manual"
    )
    RecordLink.objects.filter(entity="person").delete()
    conversion.convert(patricia, lead, wanted(new_deal()))
    assert related.concern_of(other).threads == {letter.thread_id}
    assert RecordLink.objects.count() == 1


def test_what_goes_along_is_counted(patricia: User, letter: MessageCopy) -> None:
    lead = new_lead()
    add_from_mail(
        patricia, letter, lead, addresses=["thomas@logis.example"],
        attachments=Attachment.objects.all(),
    )  # fmt: skip
    found = conversion.following(patricia, lead)
    assert (found.mails, found.files, found.tasks, found.notes) == (1, 1, 0, 0)
