"""Personal data: told in full, erased for good, never written to again."""

import json
from typing import Any

import pytest

from relance import journal
from relance.addresses import book, suppression
from relance.addresses.models import EmailAddress, Erased
from relance.crm import access, conversion, dossier, edits, erasure, history, merging, notes, people
from relance.crm.conversion import Wanted
from relance.crm.erasure import What
from relance.crm.models import Note, Person, RecordFile, Tag, Task
from relance.files import blobs
from relance.files.models import Blob
from relance.inbox import erasure as erasing
from relance.inbox.models import Placement, Stream
from relance.journal.models import Change, Entry
from relance.mail import outbox
from relance.mail.models import MailAccount, Outgoing, OutgoingRecipient
from relance.users.models import User
from tests.inbox import builders

pytestmark = pytest.mark.django_db
SECRET = "eloise@secret.example"


@pytest.fixture
def admin(patricia: User) -> User:
    patricia.role = User.Role.ADMIN
    patricia.save()
    return patricia


@pytest.fixture
def eloise(admin: User) -> Person:
    made = Person(
        kind=Person.Kind.CONTACT, first_name="Éloïse", last_name="Garnier", phone="0472000041"
    )
    people.create_person(admin, made, addresses=[SECRET, "shared@secret.example"])
    made.tags.add(Tag.objects.create(name="Salon"))
    return made


def everything_stored() -> str:
    """What is left of the CRM's tables, as one text."""
    parts: list[Any] = []
    for model in (Person, Note, Task, Change, Entry, EmailAddress, Erased):
        parts += model._default_manager.values()
    return json.dumps(parts, default=str, ensure_ascii=False).casefold()


def test_nothing_of_her_is_left(admin: User, eloise: Person) -> None:
    eloise.first_name = "Héloïse"
    edits.save(admin, eloise)
    people.set_addresses(eloise, [SECRET, "former@secret.example"], actor=admin)
    notes.create(admin, Note(person=eloise, text="Garnier likes green"))
    Task.objects.create(name="Call Garnier", owner=admin, person=eloise)

    counts = erasing.erase(admin, eloise, What())

    assert counts["addresses"] == 2
    assert (counts["notes"], counts["tasks"]) == (1, 1)
    left = everything_stored()
    for word in ("garnier", "loïse", "0472000041", SECRET, "former@", "green"):
        assert word not in left
    assert eloise not in access.people_for(admin)
    eloise.refresh_from_db()
    assert eloise.erased_at
    assert str(eloise) == "Erased person"
    assert eloise.search_text == ""
    [line] = erasure.erasures()
    assert (line.user, line.changes["notes"]) == (admin, "1")


def test_nothing_brings_her_back(admin: User, eloise: Person) -> None:
    entry = people.delete(admin, eloise)
    journal.undo(entry.pk, admin)
    erasing.erase(admin, eloise, What())
    assert not Entry.objects.exists()


def test_her_address_is_never_written_to_again(admin: User, eloise: Person) -> None:
    erasing.erase(admin, eloise, What())
    assert not EmailAddress.objects.filter(address=SECRET).exists()
    assert suppression.verdicts([SECRET.upper()])[SECRET.upper()].code == "erased"

    again = book.row_for(SECRET)
    verdict = suppression.verdict_of(again)
    assert verdict
    assert verdict.code == "erased"


def test_what_waits_to_leave_is_held(admin: User, eloise: Person, mailbox: MailAccount) -> None:
    mail = Outgoing.objects.create(
        account=mailbox, author=admin, state=Outgoing.State.QUEUED, message_id="x@test.example"
    )
    row = EmailAddress.objects.get(address=SECRET)
    OutgoingRecipient.objects.create(outgoing=mail, address=row, name="Éloïse Garnier")
    erasing.erase(admin, eloise, What())
    found = Outgoing.objects.select_related("account", "author").get()
    reason = outbox.screening.reason_to_hold(found)
    assert reason
    assert reason.code == "erased"


def test_an_administrator_may_free_it_again(admin: User, eloise: Person) -> None:
    erasing.erase(admin, eloise, What())
    row = book.row_for(SECRET)
    assert suppression.may_lift(admin, row)
    suppression.lift(admin, row)
    assert suppression.verdicts([SECRET]) == {}
    assert not Erased.objects.filter(digest=book.digest_of(SECRET)).exists()


def test_an_address_somebody_else_has_too_is_written_to(admin: User, eloise: Person) -> None:
    other = Person(kind=Person.Kind.CONTACT, last_name="Astier")
    people.create_person(admin, other, addresses=["shared@secret.example"])
    erasing.erase(admin, eloise, What())
    assert suppression.verdict("shared@secret.example") is None
    assert other.addresses.count() == 1


def test_her_mail_stays_and_is_nobodys(admin: User, eloise: Person, mailbox: MailAccount) -> None:
    copy = builders.receive(mailbox, sender=SECRET)
    assert Placement.objects.get().stream == Stream.PEOPLE
    erasing.erase(admin, eloise, What())
    copy.refresh_from_db()
    assert copy.message
    assert Placement.objects.get().stream == Stream.NOT_IN_CRM
    assert suppression.verdict(SECRET)


def test_the_lead_she_was_and_what_was_merged_go_too(admin: User, eloise: Person) -> None:
    lead = Person(kind=Person.Kind.LEAD, first_name="Éloïse", last_name="Garnier")
    people.create_person(admin, lead, addresses=["lead@secret.example"])
    twin = Person(kind=Person.Kind.CONTACT, first_name="Éloïse", last_name="Garnier-Roux")
    people.create_person(admin, twin, addresses=["twin@secret.example"])
    conversion.convert(admin, lead, Wanted(contact=eloise))
    merging.merge(admin, eloise, twin)

    erasing.erase(admin, eloise, What())

    assert "garnier" not in everything_stored()
    assert Person.objects.filter(erased_at=None).count() == 0


def test_what_is_on_a_deal_stays_and_what_is_not_ticked_too(admin: User, eloise: Person) -> None:
    deal = builders.deal(admin, eloise)
    Task.objects.create(name="Offer", owner=admin, person=eloise, deal=deal)
    notes.create(admin, Note(person=eloise, text="hello"))
    erasing.erase(admin, eloise, What(notes=False))
    assert Task.objects.exists()
    assert Note.objects.exists()
    assert deal.contacts.get().person.name == "Erased person"


def test_the_history_of_her_deal_goes_on_without_her_name(admin: User, eloise: Person) -> None:
    deal = builders.deal(admin, eloise)
    history.record(admin, "deal", deal, {"contacts": ""}, {"contacts": "Éloïse Garnier, Bruno"})
    erasing.erase(admin, eloise, What())
    assert Change.objects.get(entity="deal").changes == {"contacts": ["", "…, Bruno"]}


def test_photo_and_files_leave_the_storage(admin: User, eloise: Person) -> None:
    eloise.photo = blobs.put(b"face")
    eloise.save()
    RecordFile.objects.create(person=eloise, blob=blobs.put(b"plan"), name="plan.pdf")
    erasing.erase(admin, eloise, What())
    assert not RecordFile.objects.exists()
    assert not Blob.objects.exists()


def test_only_administrators_erase(patricia: User) -> None:
    made = Person(kind=Person.Kind.CONTACT, last_name="Garnier")
    people.create_person(patricia, made, addresses=[SECRET])
    with pytest.raises(erasure.NotAllowed):
        erasing.erase(patricia, made, What())
    assert made in access.people_for(patricia)


def test_everything_is_told(admin: User, eloise: Person, mailbox: MailAccount) -> None:
    builders.receive(mailbox, sender=SECRET, subject="Devis")
    builders.deal(admin, eloise, name="Entrepôt")
    notes.create(admin, Note(person=eloise, text="hello"))
    history.note(admin, "person", eloise, "merged", name="Eloise")
    data = dossier.data_of(eloise)
    json.dumps(data)
    [record] = data["records"]
    assert record["last_name"] == "Garnier"
    assert record["tags"] == ["Salon"]
    assert [a["address"] for a in record["addresses"]] == [SECRET, "shared@secret.example"]
    assert [d["name"] for d in data["deals"]] == ["Entrepôt"]
    assert [n["text"] for n in data["notes"]] == ["hello"]
    assert data["history"]
    [mail] = erasing.mails_of(admin, eloise)
    assert mail["subject"] == "Devis"


def test_mail_of_other_mailboxes_is_not_told(admin: User, eloise: Person) -> None:
    other = builders.user("bob@zylker.example")
    builders.receive(builders.account(other), sender=SECRET)
    assert erasing.mails_of(admin, eloise) == []
