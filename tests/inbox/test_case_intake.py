"""Cases opened by themselves."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest

from relance.crm.models import Case, RecordFile
from relance.inbox import arrivals, jobs
from relance.inbox.models import CaseSource, RecordLink
from relance.mail import sources
from relance.mail.models import Attachment, MailAccount, Message, MessageCopy, Participant
from relance.notices.models import Notice
from relance.users.models import User
from tests.inbox import builders

pytestmark = pytest.mark.django_db
CLIENT = "alice@client.example"
CaptureCallbacks = Callable[..., AbstractContextManager[list[Callable[[], Any]]]]


@pytest.fixture
def source(mailbox: MailAccount) -> CaseSource:
    return CaseSource.objects.create(account=mailbox, is_on=True)


def _arrived(copy: MessageCopy, **fields: object) -> MessageCopy:
    Message.objects.filter(pk=copy.message_id).update(**fields)
    arrivals.arrived(copy.account_id, [copy.pk])
    return copy


def test_the_first_mail_of_a_conversation_opens_a_case_and_its_answers_join_it(
    source: CaseSource, mailbox: MailAccount, patricia: User
) -> None:
    company = builders.company(patricia, "Meunier")
    alice = builders.person(patricia, CLIENT, company=company)
    copy = _arrived(builders.receive(mailbox, sender=CLIENT, subject="It flickers"))
    case = Case.objects.get()
    assert (case.name, case.person, case.company) == ("It flickers", alice, company)
    assert (case.owner, case.mail_key) == (patricia, copy.message_id)
    _arrived(builders.receive(mailbox, sender=CLIENT, thread=copy.thread))
    assert Case.objects.count() == 1
    assert RecordLink.objects.get().record_id == case.pk


@pytest.mark.parametrize(
    ("fields", "changes"),
    [
        ({}, {"is_auto": True}),
        ({}, {"is_bulk": True}),
        ({}, {"in_reply_to": "gone@x.example"}),
        ({}, {"references": "gone@x.example"}),
        ({"folder": "spam"}, {}),
        ({"folder": "archive"}, {}),
        ({"authentication": "fail"}, {}),
        ({"sender": "pierre@zylker.example"}, {}),
        ({"sender": "patricia@zylker.example", "outgoing": True, "folder": "sent"}, {}),
    ],
)
def test_what_is_no_request_from_outside_opens_none(
    source: CaseSource, mailbox: MailAccount, fields: dict[str, str], changes: dict[str, object]
) -> None:
    _arrived(builders.receive(mailbox, **{"sender": CLIENT, **fields}), **changes)
    assert not Case.objects.exists()


def test_only_chosen_mailboxes_and_addresses_open_cases(
    mailbox: MailAccount, patricia: User
) -> None:
    _arrived(builders.receive(mailbox, sender=CLIENT))
    assert not Case.objects.exists()
    CaseSource.objects.create(account=mailbox, is_on=True, addresses=["support@zylker.example"])
    _arrived(builders.receive(mailbox, sender=CLIENT))
    assert not Case.objects.exists()
    copy = builders.receive(mailbox, sender=CLIENT, subject="Help")
    Participant.objects.create(
        message=copy.message,
        role=Participant.Role.CC,
        address=builders.address("support@zylker.example"),
    )
    _arrived(copy)
    assert Case.objects.get().name == "Help"


def test_whoever_settles_them_is_told(source: CaseSource, mailbox: MailAccount) -> None:
    marc = builders.user("marc@zylker.example")
    source.assignee = marc
    source.save()
    _arrived(builders.receive(mailbox, sender=CLIENT, subject=""), snippet="")
    case = Case.objects.get()
    assert (case.owner, case.name) == (marc, "…")
    notice = Notice.objects.get()
    assert (notice.user, notice.code) == (marc, "case_opened")


def test_the_same_mail_in_two_mailboxes_opens_one_case(
    source: CaseSource, mailbox: MailAccount
) -> None:
    other = builders.account(builders.user("jean@zylker.example"))
    CaseSource.objects.create(account=other, is_on=True)
    copy = _arrived(builders.receive(mailbox, sender=CLIENT))
    again = builders.receive(other, sender=CLIENT)
    MessageCopy.objects.filter(pk=again.pk).update(message=copy.message)
    _arrived(again)
    case = Case.objects.get()
    assert RecordLink.objects.filter(entity="case", record_id=case.pk).count() == 2


def test_a_mail_that_names_a_case_opens_no_other(
    source: CaseSource, mailbox: MailAccount, patricia: User
) -> None:
    builders.person(patricia, CLIENT)
    _arrived(builders.receive(mailbox, sender=CLIENT))
    _arrived(builders.receive(mailbox, sender=CLIENT, subject="[#1] once more"))
    assert Case.objects.count() == 1


def test_its_attachments_come_along_by_a_job(
    source: CaseSource,
    mailbox: MailAccount,
    patricia: User,
    django_capture_on_commit_callbacks: CaptureCallbacks,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[int, int]] = []
    monkeypatch.setattr(jobs, "take_files", lambda *keys: asked.append(keys))
    copy = builders.receive(mailbox, sender=CLIENT, attachments=1)
    data = (
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nBonjour\r\n"
        b"--x\r\nContent-Type: application/pdf\r\n\r\n%PDF-plan\r\n--x--\r\n"
    )
    digest = hashlib.sha256(data).digest()
    sources.keep([(digest, data, None)])
    MessageCopy.objects.filter(pk=copy.pk).update(raw=digest)
    Attachment.objects.create(
        message_id=copy.message_id or 0,
        part="2",
        content_type="application/pdf",
        filename="plan.pdf",
        size=9,
        sha256="0" * 64,
    )
    with django_capture_on_commit_callbacks(execute=True):
        _arrived(copy)
    case = Case.objects.get()
    assert asked == [(case.pk, patricia.pk)]
    monkeypatch.undo()
    for _ in range(2):
        jobs.take_files.call_local(case.pk, patricia.pk)
    assert [(f.name, f.case) for f in RecordFile.objects.all()] == [("plan.pdf", case)]
    jobs.take_files.call_local(case.pk + 1, patricia.pk)
