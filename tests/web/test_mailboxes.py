"""Connecting a mailbox; nothing is saved before both servers agree and one has chosen."""

from __future__ import annotations

import pytest
from django.test import Client

from relance.mail.models import MailAccount
from relance.users.models import Organisation, User
from tests.servers.fixtures import Mailbox
from tests.servers.smtp import SmtpServer

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> User:
    Organisation.objects.create(name="Clarté", allowed_hosts=["127.0.0.1"], language="en")
    return User.objects.create_user("owner@clarte.example", "a long password", language="en")


@pytest.fixture
def visitor(owner: User) -> Client:
    client = Client()
    client.force_login(owner)
    return client


class Wizard:
    """Walks the wizard against real servers."""

    def __init__(self, visitor: Client, mailbox: Mailbox, smtp: SmtpServer) -> None:
        self.visitor = visitor
        self.mailbox = mailbox
        self.smtp = smtp

    def post(self, step: str, **values: object):  # type: ignore[no-untyped-def]
        return self.visitor.post(f"/mailboxes/new/{step}/", values)

    def credentials(self, password: str = ""):  # type: ignore[no-untyped-def]
        self.visitor.get("/mailboxes/new/")
        self.post("provider", provider="custom")
        return self.post(
            "credentials",
            sender_name="Camille",
            address=self.mailbox.user,
            password=password or self.mailbox.password,
        )

    def servers(self, **changes: object):  # type: ignore[no-untyped-def]
        values = {
            "imap_host": "127.0.0.1",
            "imap_port": self.mailbox.server().port,
            "imap_security": "none",
            "imap_username": self.mailbox.user,
            "smtp_host": "127.0.0.1",
            "smtp_port": self.smtp.port,
            "smtp_security": "none",
            "smtp_username": "alice",
            "smtp_password": "secret",
        }
        return self.post("servers", **{**values, **changes})


@pytest.fixture
def wizard(visitor: Client, mailbox: Mailbox, smtp_server: SmtpServer) -> Wizard:
    return Wizard(visitor, mailbox, smtp_server)


def test_a_mailbox_is_connected_in_five_steps(wizard: Wizard, owner: User) -> None:
    assert wizard.credentials().headers["Location"] == "/mailboxes/new/servers/"
    assert wizard.servers().headers["Location"] == "/mailboxes/new/sharing/"
    assert wizard.post("sharing", sharing="private").status_code == 302
    page = wizard.visitor.get("/mailboxes/new/domains/").content.decode()
    assert 'value="clarte.example"' in page, "the own domain is entered already"
    assert not MailAccount.objects.exists()
    done = wizard.post("domains", domains="clarte.example, Banque.example")
    account = MailAccount.objects.get()
    assert done.headers["Location"] == f"/mailboxes/{account.pk}/sync/"
    assert account.owner == owner
    assert account.imap_password == wizard.mailbox.password
    assert account.smtp_login == ("alice", "secret")
    assert (account.sharing, account.state) == ("private", "pending")
    assert account.excluded_domains == ["clarte.example", "banque.example"]


def test_no_page_of_the_wizard_shows_a_password_again(wizard: Wizard) -> None:
    secret = wizard.mailbox.password.split()[0]
    wizard.credentials()
    failed = wizard.servers(smtp_password="not-the-secret")
    pages = [failed.content.decode()]
    pages += [
        wizard.visitor.get(f"/mailboxes/new/{step}/").content.decode()
        for step in ("credentials", "servers")
    ]
    for page in pages:
        assert secret not in page
        assert "not-the-secret" not in page
    session = wizard.visitor.session
    assert "not-the-secret" not in str(dict(session))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"imap_port": 1}, "Nobody listens on this port"),
        (
            {"imap_host": "no-such-host.invalid", "imap_security": "tls"},
            "No server has this name",
        ),
        ({"imap_host": "10.0.0.1", "imap_security": "tls"}, "belongs to a private network"),
        ({"imap_host": "imap.clarte.example"}, "could be read on its way"),
        ({"imap_security": "tls"}, "not the expected protocol"),
    ],
)
def test_each_trouble_has_its_own_words_and_saves_nothing(
    wizard: Wizard, changes: dict[str, object], message: str
) -> None:
    wizard.credentials()
    page = wizard.servers(**changes)
    assert page.status_code == 422
    assert message in page.content.decode().replace("&#x27;", "'")
    assert 'value="alice"' in page.content.decode(), "what was typed is kept"
    assert wizard.visitor.get("/mailboxes/new/sharing/").status_code == 302
    assert not MailAccount.objects.exists()


def test_a_wrong_password_says_so_and_so_does_a_wrong_smtp_password(wizard: Wizard) -> None:
    wizard.credentials("wrong")
    page = wizard.servers().content.decode()
    assert "refused this user name or password" in page
    wizard.credentials()
    assert "refused this user name" in wizard.servers(smtp_password="bad").content.decode()


def test_no_sharing_level_is_chosen_for_the_user(wizard: Wizard) -> None:
    wizard.credentials()
    wizard.servers()
    page = wizard.visitor.get("/mailboxes/new/sharing/").content.decode()
    assert " checked" not in page
    assert wizard.post("sharing").status_code == 422
    assert wizard.post("domains", domains="").headers["Location"] == "/mailboxes/new/sharing/"
    assert not MailAccount.objects.exists()


def test_a_provider_that_wants_its_consent_screen_is_refused_with_its_reason(
    visitor: Client,
) -> None:
    from relance.mail import providers

    refused = next(p for p in providers.tiles() if p.refusal)
    page = visitor.post("/mailboxes/new/provider/", {"provider": refused.id}).content.decode()
    assert "consent screen" in page
    assert visitor.get("/mailboxes/new/credentials/").status_code == 302


def test_choosing_another_provider_replaces_every_server(visitor: Client) -> None:
    for provider, host in (("gmail", "imap.gmail.com"), ("ovh-mxplan", "ovh")):
        visitor.post("/mailboxes/new/provider/", {"provider": provider})
        visitor.post(
            "/mailboxes/new/credentials/",
            {"sender_name": "C", "address": "c@clarte.example", "password": "abcd efgh ijkl mnop"},
        )
        page = visitor.get("/mailboxes/new/servers/").content.decode()
        assert host in page
    assert "imap.gmail.com" not in page


@pytest.fixture
def account(owner: User, mailbox: Mailbox, smtp_server: SmtpServer) -> MailAccount:
    from tests.mail.conftest import connected

    made = connected(owner, mailbox, smtp_server.port)
    made.smtp_same_login, made.smtp_username, made.smtp_password = False, "alice", "secret"
    made.save()
    return made


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
    for page in ("", "sync/", "servers/", "disconnect/"):
        assert visitor.get(f"/mailboxes/{account.pk}/{page}").status_code == 404
    for page in ("resync/", "password/", "disconnect/", "servers/"):
        assert visitor.post(f"/mailboxes/{account.pk}/{page}", {"password": "x"}).status_code == 404
    assert account.address not in visitor.get("/mailboxes/").content.decode()
    account.refresh_from_db()
    assert account.is_connected


def test_the_progress_counts_and_estimates(visitor: Client, account: MailAccount) -> None:
    from relance.lib import clock

    MailAccount.objects.update(
        state="importing",
        import_done=300,
        import_total=1200,
        import_started_at=clock.seconds_from_now(-60),
    )
    page = visitor.get(f"/mailboxes/{account.pk}/sync/").content.decode()
    assert "300 messages of 1,200" in page
    assert "about 3 min" in page
