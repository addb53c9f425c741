"""Connecting, disconnecting, mending (ACC-01, 08, 10; D10, D48)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import connection

from relance.live.models import Event
from relance.mail import accounts
from relance.mail.models import MailAccount, MessageCopy
from relance.users.models import Organisation, User
from tests.mail.local import letter, local

pytestmark = pytest.mark.django_db
SETTINGS = accounts.Settings(
    address="Camille@Clarte.example",
    imap_host="IMAP.clarte.example",
    imap_port=993,
    imap_security="tls",
    imap_username="camille",
    imap_password="très secret",
    smtp_host="smtp.clarte.example",
    smtp_port=465,
    smtp_security="tls",
    sharing="private",
    excluded_domains=("clarte.example",),
)


def test_a_mailbox_is_kept_normalised_and_wanted_at_once(owner: User) -> None:
    account = accounts.connect(owner, SETTINGS)
    account.refresh_from_db()
    assert (account.address, account.imap_host) == ("camille@clarte.example", "imap.clarte.example")
    assert (account.state, account.is_default) == (MailAccount.State.PENDING, True)
    assert account.wanted_at is not None
    assert account.excluded_domains == ["clarte.example"]
    assert accounts.smtp_server(account).username == "camille"


def test_the_password_is_unreadable_in_the_database_and_never_shown(owner: User) -> None:
    account = accounts.connect(owner, SETTINGS)
    with connection.cursor() as cursor:
        cursor.execute("SELECT imap_password FROM mail_mailaccount")
        (stored,) = cursor.fetchone()
    assert "secret" not in stored
    assert MailAccount.objects.get().imap_password == "très secret"
    assert "secret" not in repr(SETTINGS) + repr(accounts.imap_server(account)) + repr(account)


@pytest.mark.parametrize("change", [{"sharing": ""}, {"sharing": "all"}, {"address": "nobody"}])
def test_nothing_is_saved_without_an_address_and_a_choice(
    owner: User, change: dict[str, str]
) -> None:
    with pytest.raises(ValueError, match="needed"):
        accounts.connect(owner, replace(SETTINGS, **change))  # type: ignore[arg-type]
    assert not MailAccount.objects.exists()


def test_the_same_mailbox_comes_back_with_its_mail_and_is_not_doubled(owner: User) -> None:
    account = accounts.connect(owner, SETTINGS)
    copies = MessageCopy.objects.filter(account=account)
    account.folders.create(path="INBOX", special_use="inbox", uidvalidity=1)
    copies.create(
        account=account,
        folder=account.folders.get(),
        uid=1,
        key=1,
        received_at=account.created_at,
    )
    accounts.disconnect(account)
    account.refresh_from_db()
    assert (account.state, account.imap_password, account.is_default) == ("disconnected", "", False)
    again = accounts.connect(owner, replace(SETTINGS, imap_password="new", sharing="public"))
    assert again.pk == account.pk
    assert (again.state, again.sharing, again.imap_password) == ("pending", "public", "new")
    assert again.disconnected_at is None
    assert copies.count() == 1


def test_only_the_first_mailbox_is_the_default(owner: User) -> None:
    accounts.connect(owner, SETTINGS)
    accounts.connect(owner, replace(SETTINGS, address="second@clarte.example"))
    assert list(MailAccount.objects.filter(is_default=True).values_list("address", flat=True)) == [
        "camille@clarte.example"
    ]


def test_two_users_may_connect_the_same_address(owner: User) -> None:
    other = User.objects.create_user("bruno@clarte.example")
    assert accounts.connect(owner, SETTINGS).pk != accounts.connect(other, SETTINGS).pk


def test_a_new_password_starts_the_mailbox_again_and_tells_the_page(owner: User) -> None:
    account = accounts.connect(owner, SETTINGS)
    account.state, account.error_code, account.attempts = "auth_error", "wrong_password", 4
    account.save()
    accounts.change_password(account, "right", smtp_password="ignored")
    account.refresh_from_db()
    assert (account.state, account.error_code, account.attempts) == ("pending", "", 0)
    assert accounts.smtp_server(account).password == "right", "the login is the same for both"
    event = Event.objects.get(kind="sync.state", user_id=owner.pk)
    assert event.payload == {"account": account.pk, "state": "pending", "error": ""}


def test_another_login_for_sending_has_its_own_password(owner: User) -> None:
    own = replace(SETTINGS, smtp_same_login=False, smtp_username="out", smtp_password="s")
    account = accounts.connect(owner, own)
    accounts.change_password(account, "in", smtp_password="out!")
    account.refresh_from_db()
    server = accounts.smtp_server(account)
    assert (server.username, server.password) == ("out", "out!")


def test_all_addresses_of_an_owner_are_hers(owner: User) -> None:
    accounts.connect(owner, SETTINGS)
    accounts.disconnect(accounts.connect(owner, replace(SETTINGS, address="old@clarte.example")))
    accounts.connect(
        User.objects.create_user("b@x.example"), replace(SETTINGS, address="b@x.example")
    )
    assert accounts.own_addresses(owner.pk) == {"camille@clarte.example", "old@clarte.example"}


def test_the_guard_lets_through_what_the_administrator_lists(owner: User) -> None:
    assert accounts.guard().lists("127.0.0.1", 143)
    Organisation.objects.update(allowed_hosts=[])
    assert not accounts.guard().lists("127.0.0.1", 143)


def test_a_folder_that_is_missing_is_not_the_folder_of_its_use(owner: User) -> None:
    here = local(owner)
    here.one(letter("a@x"))
    folder = accounts.folder_for(here.account, "archive")
    assert folder is not None
    folder.missing_at = here.day
    folder.save()
    assert accounts.folder_for(here.account, "archive") is None


@pytest.mark.parametrize(("provider", "saves"), [("gmail", True), ("custom", False)])
def test_only_some_providers_file_sent_mail_by_themselves(
    owner: User, provider: str, saves: bool
) -> None:
    account = accounts.connect(owner, replace(SETTINGS, provider=provider))
    assert accounts.saves_sent(account) is saves
