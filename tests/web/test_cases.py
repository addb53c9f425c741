"""Cases: by hand, from a mail, and by the number in a subject."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest
from django.test import Client

from relance.crm import cases, tasks
from relance.crm.models import Case, Deal, Person, RecordFile, Task
from relance.inbox import arrivals, record_files
from relance.inbox.models import CaseSource, RecordLink
from relance.journal.models import Change, Entry
from relance.mail import sources
from relance.mail.models import Attachment, MailAccount, MessageCopy
from relance.users.models import User
from tests.inbox import builders

pytestmark = pytest.mark.django_db
HERS = "e.garnier@meunier.example"


@pytest.fixture
def mailbox(alice: User, make_account: Callable[..., MailAccount]) -> MailAccount:
    return make_account(alice)


@pytest.fixture
def case(alice: User, eloise: Person) -> Case:
    return cases.create(alice, Case(name="The light flickers", person=eloise))


def _sent(**more: str) -> dict[str, str]:
    return {"name": "Broken lamp", "status": "new", "priority": "high", **more}


def test_a_case_is_made_shown_changed_closed_and_deleted_with_a_way_back(
    as_alice: Client, alice: User, eloise: Person
) -> None:
    sent = _sent(person=eloise.name, owner=str(alice.pk))
    answer = as_alice.post("/cases/create/", sent)
    made = Case.objects.get()
    assert answer["Location"] == f"/cases/{made.pk}/"
    assert (made.number, made.person, made.company) == (1, eloise, eloise.company)
    page = as_alice.get(f"/cases/{made.pk}/").content.decode()
    assert "#1" in page
    assert "Close the case" in page
    assert f"/mails/case/{made.pk}/panel/" in page
    as_alice.post(f"/cases/{made.pk}/edit/", {**sent, "name": "Broken lamps"})
    as_alice.post(f"/cases/{made.pk}/status/", {"status": "closed"})
    made.refresh_from_db()
    assert (made.name, made.status) == ("Broken lamps", "closed")
    assert made.closed_at is not None
    as_alice.post(f"/undo/{Entry.objects.get(verb=cases.STATUS).pk}/")
    made.refresh_from_db()
    assert (made.status, made.closed_at) == ("new", None)
    as_alice.post(f"/cases/{made.pk}/delete/")
    assert as_alice.get(f"/cases/{made.pk}/").status_code == 404
    as_alice.post(f"/undo/{Entry.objects.get(verb=cases.DELETED).pk}/")
    assert as_alice.get(f"/cases/{made.pk}/").status_code == 200


def test_numbers_are_never_given_again(alice: User, case: Case) -> None:
    cases.delete(alice, case)
    assert cases.create(alice, Case(name="Next")).number == case.number + 1


def test_the_list_shows_open_cases_and_finds_them(
    as_alice: Client, alice: User, case: Case
) -> None:
    closed = cases.create(alice, Case(name="Old noise", status="closed"))
    page = as_alice.get("/cases/").content.decode()
    assert "The light flickers" in page
    assert closed.name not in page
    assert "The light flickers" not in as_alice.get("/cases/?q=nothing").content.decode()


def test_a_form_that_is_wrong_keeps_what_was_written(as_alice: Client) -> None:
    answer = as_alice.post("/cases/create/", _sent(name="", description="keep me"))
    assert answer.status_code in (200, 422)
    assert "keep me" in answer.content.decode()
    assert not Case.objects.exists()


def test_a_case_from_a_mail_is_linked_to_its_conversation(
    as_alice: Client, as_bob: Client, alice: User, bob: User, mailbox: MailAccount, eloise: Person
) -> None:
    copy = builders.receive(mailbox, sender=HERS, subject="It flickers")
    page = as_alice.get(f"/threads/{copy.thread_id}/").content.decode()
    link = page.split('href="/cases/create/')[1].split('"')[0].replace("&amp;", "&")
    dialog = as_alice.get(f"/cases/create/{link}", headers={"HX-Request": "true"}).content.decode()
    assert 'value="It flickers"' in dialog
    assert str(copy.message_id) in dialog
    sent = _sent(person=eloise.name, owner=str(alice.pk), mail=str(copy.message_id))
    as_alice.post("/cases/create/", sent, headers={"HX-Request": "true"})
    made = Case.objects.get()
    assert made.mail_key == copy.message_id
    assert (
        f'href="/cases/{made.pk}/"' in as_alice.get(f"/threads/{copy.thread_id}/").content.decode()
    )
    panel = as_alice.get(f"/mails/case/{made.pk}/panel/").content.decode()
    assert "It flickers" in panel
    assert "Origin of the case" in panel
    assert "It flickers" not in as_bob.get(f"/mails/case/{made.pk}/panel/").content.decode()
    as_bob.post("/cases/create/", {**sent, "owner": str(bob.pk)})
    assert Case.objects.latest("pk").mail_key is None


@pytest.mark.parametrize(
    ("sender", "subject", "is_linked"),
    [
        (HERS, "Re: [#1] The light", True),
        (HERS, "Re: [#2] The light", False),
        (HERS, "Re: #1 The light", False),
        ("stranger@other.example", "[#1] Me too", False),
    ],
)
def test_the_number_in_a_subject_links_the_mails_of_those_concerned(
    mailbox: MailAccount, case: Case, sender: str, subject: str, is_linked: bool
) -> None:
    copy: MessageCopy = builders.receive(mailbox, sender=sender, subject=subject)
    arrivals.arrived(mailbox.pk, [copy.pk])
    found = RecordLink.objects.filter(thread=copy.thread, entity="case", record_id=case.pk)
    assert found.exists() == is_linked


def test_a_case_shows_its_mails_on_the_page_of_its_deal(
    as_alice: Client, alice: User, mailbox: MailAccount, warehouse: Deal
) -> None:
    made = cases.create(alice, Case(name="Late", deal=warehouse))
    copy = builders.receive(mailbox, sender="x@other.example", subject="Where is it?")
    RecordLink.objects.create(
        thread=copy.thread, entity="case", record_id=made.pk, origin=RecordLink.Origin.MANUAL
    )
    assert "Where is it?" in as_alice.get(f"/mails/deal/{warehouse.pk}/panel/").content.decode()


def test_records_show_their_cases_and_accounts_those_of_their_people(
    as_alice: Client, eloise: Person, case: Case, warehouse: Deal
) -> None:
    assert case.company is not None
    for place in (f"person/{eloise.pk}", f"company/{case.company_id}"):
        assert "The light flickers" in as_alice.get(f"/cases/related/{place}/").content.decode()
    assert "No case." in as_alice.get(f"/cases/related/deal/{warehouse.pk}/").content.decode()
    for record in (eloise, case.company, warehouse):
        assert "/cases/related/" in as_alice.get(record.get_absolute_url()).content.decode()
    assert as_alice.get(f"/cases/related/case/{case.pk}/").status_code == 404
    assert as_alice.get("/cases/related/person/999999/").status_code == 404


def test_what_is_not_there_is_not_found(as_alice: Client, case: Case) -> None:
    assert as_alice.get("/cases/999999/").status_code == 404
    assert as_alice.post(f"/cases/{case.pk}/status/", {"status": "x"}).status_code == 404
    assert as_alice.get(f"/cases/{case.pk}/status/").status_code == 405
    assert as_alice.get(f"/cases/{case.pk}/delete/").status_code == 405
    assert Client().get(f"/cases/{case.pk}/").status_code == 302


def test_a_task_about_a_case_leads_to_it(as_alice: Client, alice: User, case: Case) -> None:
    task = tasks.create(alice, Task(name="Order a lamp", case=case))
    assert f'href="/cases/{case.pk}/"' in as_alice.get(f"/tasks/{task.pk}/").content.decode()
    related = as_alice.get(f"/tasks/related/case/{case.pk}/").content.decode()
    assert "Order a lamp" in related


def test_the_files_of_the_mail_come_along(
    as_alice: Client, alice: User, mailbox: MailAccount, eloise: Person
) -> None:
    source = (
        b"From: e.garnier@meunier.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
        b"--x\r\nContent-Type: text/plain\r\n\r\nBonjour\r\n"
        b"--x\r\nContent-Type: application/pdf\r\n\r\n%PDF-plan\r\n--x--\r\n"
    )
    copy = builders.receive(mailbox, sender=HERS, subject="It flickers")
    digest = hashlib.sha256(source).digest()
    sources.keep([(digest, source, None)])
    MessageCopy.objects.filter(pk=copy.pk).update(raw=digest)
    for part, name, is_inline in (("2", "plan.pdf", False), ("9", "gone.pdf", False)):
        Attachment.objects.create(
            message=copy.message,
            part=part,
            content_type="application/pdf",
            filename=name,
            size=9,
            sha256="0" * 64,
            is_inline=is_inline,
        )
    sent = _sent(person=eloise.name, owner=str(alice.pk), mail=str(copy.message_id))
    answer = as_alice.post("/cases/create/", sent, headers={"HX-Request": "true"})
    made = Case.objects.get()
    file = RecordFile.objects.get()
    assert (file.case, file.company, file.name) == (made, eloise.company, "plan.pdf")
    assert "with 1 file of the mail, 1 could not be copied" in answer["HX-Trigger"]
    assert record_files.take_all(alice, copy.message_id or 0, made).count == 1
    assert RecordFile.objects.count() == 1
    page = as_alice.get(f"/cases/{made.pk}/").content.decode()
    assert f'href="/threads/{copy.thread_id}/"' in page


def test_what_was_changed_is_in_the_history(alice: User, case: Case) -> None:
    case.name = "The lights flicker"
    cases.edit(case, actor=alice)
    cases.set_status(alice, case, "closed")
    changes = Change.objects.filter(entity="case", record_id=case.pk).order_by("pk")
    assert [c.changes for c in changes] == [
        {"name": ["The light flickers", "The lights flicker"]},
        {"status": ["new", "closed"]},
    ]


def test_ones_mailboxes_open_cases_by_themselves_when_one_says_so(
    as_alice: Client, as_bob: Client, alice: User, bob: User, mailbox: MailAccount
) -> None:
    page = as_alice.get("/cases/automatic/").content.decode()
    assert mailbox.address in page
    place = f"/cases/automatic/{mailbox.pk}/"
    wrong = as_alice.post(place, {"is_on": "on", "addresses": "not an address"})
    assert "is no e-mail address" in wrong.content.decode()
    assert not CaseSource.objects.exists()
    sent = {"is_on": "on", "addresses": "Support@Clarte.example", "assignee": str(bob.pk)}
    assert as_bob.post(place, sent).status_code == 404
    assert mailbox.address not in as_bob.get("/cases/automatic/").content.decode()
    assert as_alice.post(place, sent).status_code == 302
    source = CaseSource.objects.get()
    assert (source.is_on, source.addresses, source.assignee) == (
        True,
        ["support@clarte.example"],
        bob,
    )


def test_the_page_of_a_case_shows_the_others_of_its_account_and_writes_under_its_number(
    as_alice: Client, alice: User, case: Case, eloise: Person
) -> None:
    other = cases.create(alice, Case(name="Broken glass", person=eloise))
    page = as_alice.get(f"/cases/{case.pk}/").content.decode()
    assert str(other) in page
    assert "subject=%5B%231%5D%20The%20light%20flickers" in page
    assert f"record=case%3A{case.pk}" in page
