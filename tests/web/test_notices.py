"""What a user is told."""

import re
from typing import Any

import pytest
from django.test import Client

from relance.mail.models import Outgoing
from relance.notices import tell, unread_count
from relance.users.models import User
from tests.inbox import builders


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


CASES = [
    ("mailbox_imported", {"address": "b@x.example", "count": 12600}, "12,600 messages were read"),
    ("mailbox_imported", {"address": "b@x.example", "count": 1}, "1 message was read"),
    ("mailbox_auth_error", {"address": "b@x.example", "code": "x"}, "Reconnect b@x.example"),
    ("outgoing_failed", {"addresses": ["a@x.example"], "answer": "550 no"}, "Not sent to a@x"),
    ("outgoing_failed", {"addresses": ["a@x.example"], "answer": "550 no"}, "said: 550 no"),
    ("outgoing_failed", {}, "Not sent to anybody"),
    ("outgoing_failed", {"addresses": ["a@x.example"], "code": "too_large"}, "finds it too large"),
    (
        "outgoing_failed",
        {"addresses": ["a@x.example"], "code": "wrong_password"},
        "login was refused",
    ),
    ("outgoing_waits_login", {"addresses": ["a@x.example"]}, "once the mailbox is reconnected"),
    (
        "outgoing_delayed",
        {"addresses": ["a@x.example"], "code": "timeout"},
        "did not answer in time",
    ),
    (
        "outgoing_held",
        {"addresses": ["a@x.example"], "code": "invalid", "params": {"address": "a@x.example"}},
        "Not sent: the address a@x.example does not exist",
    ),
    ("outgoing_held", {"addresses": ["a@x.example"], "code": "may_not_send"}, "no longer send"),
    ("outgoing_held", {"code": "author_inactive"}, "its author has been deactivated"),
    (
        "outgoing_held",
        {"code": "mailbox_disconnected", "params": {"address": "b@x"}},
        "b@x is disc",
    ),
    ("outgoing_held", {"code": "blocked", "params": {"address": "b@x"}}, "blocked after a bounce"),
    ("outgoing_held", {"code": "opted_out", "params": {"address": "b@x"}}, "b@x has unsubscribed"),
    (
        "outgoing_held",
        {"code": "record_deleted", "params": {"name": "Éloïse"}},
        "of Éloïse was del",
    ),
    ("outgoing_held", {"code": "missed", "params": {"at": "2026"}}, "more than a day ago"),
    ("outgoing_held", {"code": "file_missing"}, "one of its files is missing"),
    ("outgoing_held", {"code": "editing"}, "being changed when its hour came"),
    ("outgoing_held", {"code": "from_another_version"}, "something changed since"),
    ("outgoing_edited", {"addresses": ["a@x.example"]}, "Not sent while you were changing it"),
    (
        "mail_bounced",
        {"addresses": ["a@x.example"], "kind": "hard", "cause": "no_such_user", "subject": "Devis"},
        "“Devis” · The address does not exist",
    ),
    (
        "mail_bounced",
        {"addresses": ["a@x.example"], "kind": "soft", "cause": "mailbox_full"},
        "for now",
    ),
    (
        "mail_bounced",
        {"addresses": ["a@x.example"], "kind": "complaint", "cause": "x"},
        "as spam by a@",
    ),
    ("mailbox_synchronised", {"address": "b@x.example", "count": 3}, "3 messages are here"),
    ("operation_failed", {"kind": "move", "address": "b@x.example"}, "A move was undone"),
    ("operation_failed", {"kind": "append", "address": "b@x.example"}, "The copy for Sent"),
    ("operation_failed", {"kind": "seen", "address": "b@x.example"}, "Read or unread"),
    ("from_another_version", {}, "from_another_version"),
]


@pytest.mark.parametrize(("code", "params", "said"), CASES)
def test_each_is_worded(
    as_bob: Client, bob: User, code: str, params: dict[str, Any], said: str
) -> None:
    tell(bob.pk, code, params)
    assert said in text(as_bob.get("/notices/"))


def test_what_a_server_said_is_no_markup(as_bob: Client, bob: User) -> None:
    tell(bob.pk, "outgoing_failed", {"addresses": ["<i>"], "answer": "<script>alert(1)</script>"})
    page = text(as_bob.get("/notices/"))
    assert "<script>alert" not in page
    assert "<i>" not in page


def test_opening_one_marks_it_and_leads_on(as_bob: Client, bob: User) -> None:
    notice = tell(bob.pk, "mailbox_auth_error", {"address": "b@x.example"}, url="/mailboxes/7/")
    assert as_bob.get(f"/notices/{notice.pk}/")["Location"] == "/mailboxes/7/"
    assert unread_count(bob.pk) == 0


def test_one_about_a_mail_leads_to_it_while_there_is_one(
    as_bob: Client, bob: User, alice: User
) -> None:
    mail = Outgoing.objects.create(
        account=builders.account(bob), author=bob, message_id="m@x", state="held"
    )
    notice = tell(bob.pk, "outgoing_held", {"outgoing": mail.pk, "code": "missed"})
    assert as_bob.get(f"/notices/{notice.pk}/")["Location"] == f"/outgoing/{mail.pk}/"
    Outgoing.objects.update(author=alice)
    assert as_bob.get(f"/notices/{notice.pk}/")["Location"] == "/notices/"


@pytest.mark.parametrize("url", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_a_notice_leads_nowhere_else(as_bob: Client, bob: User, url: str) -> None:
    notice = tell(bob.pk, "mailbox_imported", url=url)
    assert as_bob.get(f"/notices/{notice.pk}/")["Location"] == "/notices/"


def test_all_are_marked_read(as_bob: Client, bob: User, alice: User) -> None:
    for user in (bob, bob, alice):
        tell(user.pk, "mailbox_imported", {"count": 1})
    as_bob.post("/notices/read/")
    assert unread_count(bob.pk) == 0
    assert unread_count(alice.pk) == 1


def test_another_users_notice_is_not_found(as_bob: Client, alice: User) -> None:
    notice = tell(alice.pk, "mailbox_imported", {"address": "alice@x.example", "count": 1})
    assert as_bob.get(f"/notices/{notice.pk}/").status_code == 404
    assert "alice@x.example" not in text(as_bob.get("/notices/"))
    assert unread_count(alice.pk) == 1


def test_the_drawer_is_a_dialog(as_bob: Client, bob: User) -> None:
    drawer = text(as_bob.get("/notices/", headers={"HX-Request": "true"}))
    assert "<dialog" in drawer
    assert "Nothing to tell" in drawer
    assert "<html" not in drawer
