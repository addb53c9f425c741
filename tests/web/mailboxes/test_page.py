"""A connected mailbox: its state, and what its owner can change."""

from __future__ import annotations

import pytest
from django.test import Client

from relance.lib import clock
from relance.mail.models import MailAccount, MessageCopy
from relance.users.models import User
from tests.inbox import builders
from tests.servers.fixtures import Mailbox
from tests.servers.smtp import SmtpServer

pytestmark = pytest.mark.django_db


def test_a_new_password_is_tried_before_it_is_kept(
    visitor: Client, account: MailAccount, mailbox: Mailbox
) -> None:
    url = f"/mailboxes/{account.pk}/password/"
    assert visitor.post(url, {"password": "wrong"}).status_code == 422
    account.refresh_from_db()
    assert account.imap_password == mailbox.password
    assert visitor.post(url, {"password": mailbox.password}).status_code == 302


def test_servers_can_be_changed_without_typing_the_passwords_again(
    visitor: Client, account: MailAccount, mailbox: Mailbox, smtp_server: SmtpServer
) -> None:
    page = visitor.get(f"/mailboxes/{account.pk}/servers/").content.decode()
    assert "secret" not in page
    answer = visitor.post(
        f"/mailboxes/{account.pk}/servers/",
        {
            "imap_host": "127.0.0.1",
            "imap_port": account.imap_port,
            "imap_security": "none",
            "imap_username": account.imap_username,
            "smtp_host": "127.0.0.1",
            "smtp_port": smtp_server.port,
            "smtp_security": "none",
            "smtp_username": "alice",
        },
    )
    assert answer.status_code == 302
    account.refresh_from_db()
    assert account.imap_password == mailbox.password
    assert account.smtp_password == "secret"


def test_disconnecting_asks_first_and_forgets_the_passwords(
    visitor: Client, account: MailAccount
) -> None:
    url = f"/mailboxes/{account.pk}/disconnect/"
    assert "Nothing is deleted on your mail server" in visitor.get(url).content.decode()
    visitor.post(url)
    account.refresh_from_db()
    assert (account.state, account.imap_password) == ("disconnected", "")
    assert visitor.get(f"/mailboxes/{account.pk}/").status_code == 404


def test_another_users_mailbox_does_not_exist(visitor: Client, account: MailAccount) -> None:
    charlie = User.objects.create_user("charlie@clarte.example", "a long password")
    visitor.force_login(charlie)
    for page in ("", "sync/", "servers/", "details/", "disconnect/"):
        assert visitor.get(f"/mailboxes/{account.pk}/{page}").status_code == 404
    for page in ("resync/", "password/", "disconnect/", "servers/", "details/"):
        assert visitor.post(f"/mailboxes/{account.pk}/{page}", {"password": "x"}).status_code == 404
    assert account.address not in visitor.get("/mailboxes/").content.decode()
    account.refresh_from_db()
    assert account.is_connected


def test_the_progress_counts_and_estimates(visitor: Client, account: MailAccount) -> None:
    MailAccount.objects.update(
        state="importing",
        import_done=300,
        import_total=1200,
        import_started_at=clock.seconds_from_now(-60),
    )
    page = visitor.get(f"/mailboxes/{account.pk}/sync/").content.decode()
    assert "300 messages of 1,200" in page
    assert "about 3 min" in page


def test_the_page_tells_the_state_the_folders_and_their_counts(
    visitor: Client, account: MailAccount
) -> None:
    MailAccount.objects.update(state="ok", synced_at=clock.now())
    account.folders.create(
        path="INBOX", special_use="inbox", is_monitored=True, total_count=1234, unread_count=7
    )
    account.folders.create(path="Newsletters")
    page = visitor.get(f"/mailboxes/{account.pk}/").content.decode()
    assert "Up to date" in page
    assert "1,234" in page
    assert "Newsletters" not in page, "only what is synchronised is listed"


@pytest.mark.parametrize(
    ("state", "code", "words"),
    [
        ("auth_error", "wrong_password", "Enter the password again"),
        ("degraded", "timeout", "did not answer in time"),
        ("degraded", "internal", "unexpected error"),
        ("pending", "", "Waiting for its first synchronisation"),
    ],
)
def test_the_page_says_what_is_wrong_and_what_to_do(
    visitor: Client, account: MailAccount, state: str, code: str, words: str
) -> None:
    MailAccount.objects.update(state=state, error_code=code)
    for answer in (
        visitor.get(f"/mailboxes/{account.pk}/"),
        visitor.get(f"/mailboxes/{account.pk}/", headers={"HX-Request": "true"}),
    ):
        assert words in answer.content.decode()


def test_what_is_asked_again_each_second_is_not_announced_each_time(
    visitor: Client, account: MailAccount
) -> None:
    MailAccount.objects.update(state="degraded", error_code="timeout")
    url = f"/mailboxes/{account.pk}/"
    assert 'role="alert"' in visitor.get(url).content.decode()
    fragment = visitor.get(url, headers={"HX-Request": "true"}).content.decode()
    assert 'role="alert"' not in fragment
    assert "<html" not in fragment


def test_unreadable_mails_are_counted(visitor: Client, account: MailAccount) -> None:
    folder = account.folders.create(path="INBOX", special_use="inbox", is_monitored=True)
    account.copies.create(
        folder=folder, uid=1, key=1, received_at=clock.now(), stage=MessageCopy.Stage.QUARANTINED
    )
    page = visitor.get(f"/mailboxes/{account.pk}/").content.decode()
    assert "1 message could not be read." in page


def test_synchronising_now_wakes_the_mailbox(visitor: Client, account: MailAccount) -> None:
    MailAccount.objects.update(wanted_at=None, next_try_at=clock.seconds_from_now(3600))
    visitor.post(f"/mailboxes/{account.pk}/resync/")
    account.refresh_from_db()
    assert account.wanted_at is not None
    assert account.next_try_at is None
    assert visitor.get(f"/mailboxes/{account.pk}/resync/").status_code == 405


def test_the_name_and_the_sharing_can_be_changed(visitor: Client, account: MailAccount) -> None:
    url = f"/mailboxes/{account.pk}/details/"
    values = {"sender_name": "Léa", "sharing": "public", "domains": "banque.example"}
    assert visitor.post(url, {**values, "sharing": ""}).status_code == 422
    assert visitor.post(url, {**values, "domains": "not one"}).status_code == 422
    account.refresh_from_db()
    assert account.sharing == "private"
    assert visitor.post(url, values).status_code == 302
    account.refresh_from_db()
    assert account.sender_name == "Léa"
    assert (account.sharing, account.excluded_domains) == ("public", ["banque.example"])


def test_servers_that_refuse_change_nothing(
    visitor: Client, account: MailAccount, smtp_server: SmtpServer
) -> None:
    values = {
        "imap_host": "10.1.2.3",
        "imap_port": 993,
        "imap_security": "tls",
        "imap_username": "x",
        "smtp_host": "127.0.0.1",
        "smtp_port": smtp_server.port,
        "smtp_security": "none",
        "smtp_username": "alice",
    }
    page = visitor.post(f"/mailboxes/{account.pk}/servers/", values)
    assert page.status_code == 422
    assert 'value="10.1.2.3"' in page.content.decode()
    account.refresh_from_db()
    assert account.imap_host == "127.0.0.1"


def test_the_password_of_the_outgoing_server_may_stay(
    visitor: Client, account: MailAccount, mailbox: Mailbox
) -> None:
    url = f"/mailboxes/{account.pk}/password/"
    wrong = visitor.post(url, {"password": mailbox.password, "smtp_password": "no"})
    assert wrong.status_code == 422
    assert "Outgoing server, SMTP" in wrong.content.decode()
    assert visitor.post(url, {"password": mailbox.password, "smtp_password": ""}).status_code == 302
    account.refresh_from_db()
    assert account.smtp_password == "secret"


def test_a_finished_import_is_asked_about_no_more(visitor: Client, account: MailAccount) -> None:
    url = f"/mailboxes/{account.pk}/sync/"
    assert 'hx-trigger="every 1s"' in visitor.get(url).content.decode()
    MailAccount.objects.update(imported_at=clock.now(), state="ok")
    page = visitor.get(url, headers={"HX-Request": "true"}).content.decode()
    assert "hx-trigger" not in page
    assert "This mailbox is empty" in page


def test_an_import_whose_login_is_refused_stops_asking(
    visitor: Client, account: MailAccount
) -> None:
    MailAccount.objects.update(state="auth_error", error_code="wrong_password")
    page = visitor.get(f"/mailboxes/{account.pk}/sync/").content.decode()
    assert "hx-trigger" not in page
    assert "refused this user name or password" in page


def test_several_mailboxes_stand_in_one_list(
    visitor: Client, account: MailAccount, owner: User
) -> None:
    other = builders.account(owner, "second@clarte.example")
    page = visitor.get("/mailboxes/").content.decode()
    assert account.address in page
    assert other.address in page


def test_another_mailbox_becomes_the_default(
    visitor: Client, owner: User, account: MailAccount
) -> None:
    alone = visitor.get(f"/mailboxes/{account.pk}/").content.decode()
    assert "Make it the default" not in alone
    assert "Default mailbox" not in alone
    second = builders.account(owner, "second@clarte.example")
    MailAccount.objects.filter(pk=account.pk).update(is_default=True)
    page = visitor.get(f"/mailboxes/{second.pk}/").content.decode()
    assert "Make it the default" in page
    visitor.post(f"/mailboxes/{second.pk}/default/")
    assert list(MailAccount.objects.filter(is_default=True)) == [second]
    assert "Default mailbox" in visitor.get(f"/mailboxes/{second.pk}/").content.decode()
