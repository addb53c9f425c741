"""Connecting a mailbox; nothing is saved before both servers agree and one has chosen."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils.html import escape

from relance.mail import providers
from relance.mail.models import MailAccount
from relance.users.models import User
from relance.web.mailboxes.draft import Draft
from tests.web.mailboxes.conftest import Wizard

pytestmark = pytest.mark.django_db


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
    assert account.smtp_size_limit == 50_000_000, "as the server said when it was tried"


def test_no_page_of_the_wizard_shows_a_password_again(wizard: Wizard) -> None:
    secret = wizard.mailbox.password
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


def _login(visitor: Client, provider: str, address: str, password: str = "secret") -> str:
    """Chooses a tile and gives a login; returns the page that follows."""
    visitor.post("/mailboxes/new/provider/", {"provider": provider})
    values = {"sender_name": "C", "address": address, "password": password}
    answer = visitor.post("/mailboxes/new/credentials/", values, follow=True)
    return str(answer.content.decode())


def test_a_corrected_address_replaces_the_user_name_that_came_of_it(visitor: Client) -> None:
    assert 'value="camile@clarte.example"' in _login(visitor, "gmail", "camile@clarte.example")
    page = _login(visitor, "gmail", "camille@clarte.example")
    assert 'value="camille@clarte.example"' in page
    assert "camile@clarte.example" not in page


def test_a_server_that_was_edited_stays_when_only_the_password_is_typed_again(
    wizard: Wizard,
) -> None:
    wizard.credentials("wrong")
    wizard.servers(smtp_username="edited")
    values = {"sender_name": "C", "address": wizard.mailbox.user, "password": "another"}
    page = wizard.visitor.post("/mailboxes/new/credentials/", values, follow=True)
    assert 'value="edited"' in page.content.decode()


def test_the_spaces_of_a_pasted_app_password_are_left_out(visitor: Client) -> None:
    _login(visitor, "custom", "someone@gmail.com", "abcd efgh ijkl mnop")
    draft = Draft(visitor.session)
    assert draft.provider is not None, "found by the domain, though no tile was chosen"
    assert draft.settings().imap_password == "abcdefghijklmnop"


def test_the_spaces_of_an_ordinary_password_are_kept(visitor: Client) -> None:
    _login(visitor, "ovh-mxplan", "c@clarte.example", "abcd efgh ijkl mnop")
    assert Draft(visitor.session).settings().imap_password == "abcd efgh ijkl mnop"


def test_an_address_of_a_consent_screen_provider_is_refused_by_hand_too(visitor: Client) -> None:
    page = _login(visitor, "custom", "someone@outlook.com")
    assert "consent screen" in page
    assert visitor.get("/mailboxes/new/servers/").status_code == 302


@pytest.mark.parametrize("address", ["camille", "@clarte.example", "a b@clarte.example", "<x>"])
def test_what_is_no_address_is_refused_and_kept_to_be_corrected(
    visitor: Client, address: str
) -> None:
    page = _login(visitor, "custom", address)
    assert "This is not an e-mail address" in page
    assert escape(address) in page


@pytest.mark.parametrize("port", ["0", "65536", "-1", "imap", "1 000 000"])
def test_a_port_is_a_port(wizard: Wizard, port: str) -> None:
    wizard.credentials()
    page = wizard.servers(imap_port=port)
    assert page.status_code == 422
    assert f'value="{port}"' in page.content.decode()


@pytest.mark.parametrize("host", ["imap.example/path", "user@imap.example", "imap example", ""])
def test_a_host_is_a_name_alone(wizard: Wizard, host: str) -> None:
    wizard.credentials()
    assert wizard.servers(imap_host=host).status_code == 422


def test_another_tile_is_no_provider(visitor: Client) -> None:
    answer = visitor.post("/mailboxes/new/provider/", {"provider": "<script>"})
    assert answer.status_code == 200
    assert "<script>" not in answer.content.decode()


def test_a_public_domain_is_not_proposed_for_exclusion(visitor: Client) -> None:
    _login(visitor, "gmail", "someone@gmail.com")
    draft = Draft(session := visitor.session)
    draft.keep(servers_done=True, sharing="private", sharing_done=True)
    session.save()
    page = visitor.get("/mailboxes/new/domains/").content.decode()
    assert 'name="domains"' in page
    assert "gmail.com" not in page


@pytest.mark.parametrize("domains", ["clarte.example, <b>", "not a domain!", "-.example"])
def test_what_is_no_domain_is_refused_before_anything_is_saved(
    wizard: Wizard, domains: str
) -> None:
    wizard.credentials()
    wizard.servers()
    wizard.post("sharing", sharing="public")
    assert wizard.post("domains", domains=domains).status_code == 422
    assert not MailAccount.objects.exists()


def test_a_mailbox_that_is_connected_is_not_connected_twice(
    wizard: Wizard, account: MailAccount
) -> None:
    page = wizard.credentials()
    assert page.status_code == 422
    assert f'href="/mailboxes/{account.pk}/"' in page.content.decode()
    assert wizard.visitor.get("/mailboxes/new/servers/").status_code == 302


def test_a_disconnected_mailbox_comes_back_instead_of_a_second_one(
    wizard: Wizard, account: MailAccount
) -> None:
    wizard.visitor.post(f"/mailboxes/{account.pk}/disconnect/")
    wizard.credentials()
    wizard.servers()
    wizard.post("sharing", sharing="custom")
    wizard.post("domains", domains="")
    again = MailAccount.objects.get()
    assert (again.pk, again.state, again.sharing) == (account.pk, "pending", "custom")


def test_beginning_anew_forgets_what_was_typed(wizard: Wizard) -> None:
    wizard.credentials()
    wizard.visitor.get("/mailboxes/new/")
    assert not Draft(wizard.visitor.session).values
    assert wizard.visitor.get("/mailboxes/new/credentials/").status_code == 302


def test_strangers_are_led_to_the_door() -> None:
    for step in ("provider", "credentials", "servers", "sharing", "domains"):
        answer = Client().get(f"/mailboxes/new/{step}/")
        assert answer.headers["Location"].startswith("/login/")
