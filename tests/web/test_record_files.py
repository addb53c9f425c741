"""Files of records: uploaded, taken over from a mail, opened by colleagues."""

from __future__ import annotations

import hashlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from relance.crm.models import Person, RecordFile
from relance.journal.models import Entry
from relance.mail import sources
from relance.mail.models import Attachment, MessageCopy
from relance.users.models import Organisation, User
from tests.inbox import builders

pytestmark = pytest.mark.django_db
HX = {"HX-Request": "true"}
SOURCE = (
    b"From: e.garnier@meunier.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
    b"--x\r\nContent-Type: text/plain\r\n\r\nBonjour\r\n"
    b"--x\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment\r\n\r\n"
    b"%PDF-plan\r\n--x--\r\n"
)


@pytest.fixture
def letter(alice: User) -> MessageCopy:
    """A mail of Alice's with a plan."""
    copy = builders.receive(builders.account(alice), sender="e.garnier@meunier.example")
    digest = hashlib.sha256(SOURCE).digest()
    sources.keep([(digest, SOURCE, None)])
    MessageCopy.objects.filter(pk=copy.pk).update(raw=digest)
    Attachment.objects.create(
        message=copy.message,
        part="2",
        content_type="application/pdf",
        filename="../plan-quais-v4.pdf",
        size=9,
        sha256="0" * 64,
    )
    return copy


def take(copy: MessageCopy) -> str:
    return f"/record-files/from/{copy.pk}/{Attachment.objects.get().pk}/"


def test_an_attachment_becomes_a_file_that_colleagues_open_without_the_mail(
    as_alice: Client, as_bob: Client, letter: MessageCopy, eloise: Person
) -> None:
    dialog = as_alice.get(f"{take(letter)}?person={eloise.pk}", headers=HX).content.decode()
    assert "without access to your message" in dialog
    values = {"person": "Éloïse Garnier <e.garnier@meunier.example>"}
    assert as_alice.post(take(letter), values, headers=HX).status_code == 204
    file = RecordFile.objects.get()
    assert (file.person, file.name, file.mail_key) == (
        eloise,
        "plan-quais-v4.pdf",
        letter.message_id,
    )
    assert as_bob.get(take(letter)).status_code == 404
    letter.delete()
    answer = as_bob.get(f"/record-files/{file.pk}/")
    assert answer.content == b"%PDF-plan"
    assert answer["Content-Type"] == "application/octet-stream"
    assert "sandbox" in answer["Content-Security-Policy"]
    card = as_bob.get(f"/record-files/related/person/{eloise.pk}/").content.decode()
    assert "plan-quais-v4.pdf" in card
    assert "from a message" in card


def test_the_same_file_twice_is_asked_about(
    as_alice: Client, letter: MessageCopy, eloise: Person
) -> None:
    values = {"person": "Éloïse Garnier"}
    as_alice.post(take(letter), values, headers=HX)
    page = as_alice.post(take(letter), values, headers=HX).content.decode()
    assert "The same file is there already" in page
    assert RecordFile.objects.count() == 1
    assert as_alice.post(take(letter), {**values, "again": "1"}, headers=HX).status_code == 204
    assert RecordFile.objects.count() == 2


def test_a_mail_that_is_not_here_whole_says_so(
    as_alice: Client, letter: MessageCopy, eloise: Person
) -> None:
    MessageCopy.objects.filter(pk=letter.pk).update(is_partial=True)
    page = as_alice.post(take(letter), {"person": "Éloïse Garnier"}, headers=HX)
    assert "Load it first" in page.content.decode()
    assert not RecordFile.objects.exists()


def test_files_are_uploaded_deleted_and_brought_back(as_alice: Client, eloise: Person) -> None:
    card = f"/record-files/related/person/{eloise.pk}/"
    files = [SimpleUploadedFile("a.pdf", b"A"), SimpleUploadedFile("empty.txt", b"")]
    answer = as_alice.post(f"{card}add/", {"file": files}, headers=HX)
    page = answer.content.decode()
    assert "a.pdf" in page
    assert "empty.txt: The file is empty." in page
    file = RecordFile.objects.get()
    as_alice.post(f"/record-files/{file.pk}/delete/", headers=HX)
    assert as_alice.get(f"/record-files/{file.pk}/").status_code == 404
    as_alice.post(f"/undo/{Entry.objects.get().pk}/", headers=HX)
    assert as_alice.get(f"/record-files/{file.pk}/").status_code == 200


def test_a_full_storage_takes_no_file_and_says_how_full(
    as_alice: Client, organisation: Organisation, letter: MessageCopy, eloise: Person
) -> None:
    organisation.storage_quota_mb = 1
    organisation.save()
    card = f"/record-files/related/person/{eloise.pk}/"
    large = SimpleUploadedFile("large.bin", b"x" * 1_000_001)
    page = as_alice.post(f"{card}add/", {"file": [large]}, headers=HX).content.decode()
    assert "The storage is full" in page
    assert not RecordFile.objects.exists()


def test_a_record_one_may_not_read_takes_no_file(as_alice: Client, eloise: Person) -> None:
    file = SimpleUploadedFile("a.pdf", b"A")
    url = f"/record-files/related/person/{eloise.pk + 9}/add/"
    assert as_alice.post(url, {"file": [file]}).status_code == 404


def test_each_attachment_of_a_conversation_can_be_put_on_its_writer(
    as_alice: Client, letter: MessageCopy, eloise: Person
) -> None:
    page = as_alice.get(f"/threads/{letter.thread_id}/").content.decode()
    assert take(letter) in page
    dialog = as_alice.get(take(letter), headers=HX).content.decode()
    assert "Éloïse Garnier &lt;e.garnier@meunier.example&gt;" in dialog
