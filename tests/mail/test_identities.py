"""Sender addresses: whose, proven how, used when (ACC-07, ACC-18, CMP-20)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from relance.lib import clock
from relance.mail import accounts, drafts, identities, proving
from relance.mail.models import Identity, MailAccount, OrganisationAddress, Outgoing
from relance.mime.parse import parse
from relance.users.models import Organisation, User
from tests.mail.local import letter, local
from tests.servers.smtp import SmtpServer

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> User:
    Organisation.objects.create(name="Clarté", allowed_hosts=["127.0.0.1"])
    return User.objects.create_user(
        "me@clarte.example", first_name="Camille", last_name="Laurent", language="en"
    )


@pytest.fixture
def account(owner: User, smtp_server: SmtpServer) -> MailAccount:
    found = local(owner).account
    _through(found, smtp_server)
    return found


def _through(account: MailAccount, server: SmtpServer) -> None:
    account.smtp_host, account.smtp_port, account.smtp_security = "127.0.0.1", server.port, "none"
    account.smtp_same_login = False
    account.smtp_username, account.smtp_password = "alice", "secret"
    account.save()


def code_in(server: SmtpServer) -> str:
    found = re.search(r"The code is (\d{6})\.", parse(server.received[-1].data).text)
    assert found
    return found[1]


def later(row: Identity | OrganisationAddress, **by: float) -> None:
    """As if the code had been sent that much earlier."""
    assert row.code_sent_at
    row.code_sent_at -= timedelta(**by)
    row.save(update_fields=["code_sent_at"])


def test_an_address_counts_as_mine_once_the_code_mailed_to_it_came_back(
    owner: User, account: MailAccount, smtp_server: SmtpServer
) -> None:
    row = proving.add_identity(account, "Devis@Clarte.example", "Devis  Clarté")
    assert (row.address, row.name) == ("devis@clarte.example", "Devis Clarté")
    assert len(identities.senders_for(owner)) == 1
    proving.send_code(row, account, owner)
    received = smtp_server.received[-1]
    assert received.rcpt_to == ["devis@clarte.example"]
    assert received.mail_from == account.address
    assert b"Auto-Submitted: auto-generated" in received.data
    assert "devis@clarte.example" not in accounts.own_addresses(owner.pk)
    proving.confirm(row, f" {code_in(smtp_server)[:3]} {code_in(smtp_server)[3:]} ")
    row.refresh_from_db()
    assert row.is_confirmed
    assert row.code_digest == ""
    assert "devis@clarte.example" in accounts.own_addresses(owner.pk)
    assert [s.address for s in identities.senders_for(owner)] == [
        "me@clarte.example",
        "devis@clarte.example",
    ]


def test_the_code_is_nowhere_to_be_read_here(
    owner: User, account: MailAccount, smtp_server: SmtpServer
) -> None:
    row = proving.add_identity(account, "devis@clarte.example")
    proving.send_code(row, account, owner)
    code = code_in(smtp_server)
    row.refresh_from_db()
    assert code not in row.code_digest
    assert len(row.code_digest) == 64
    assert not Outgoing.objects.exists(), "no copy in Sent, where whoever asked could read it"


def test_ten_wrong_codes_end_it_and_the_right_one_then_comes_too_late(
    owner: User, account: MailAccount, smtp_server: SmtpServer
) -> None:
    row = proving.add_identity(account, "devis@clarte.example")
    proving.send_code(row, account, owner)
    code = code_in(smtp_server)
    wrong = "000000" if code != "000000" else "111111"
    for n in range(9, -1, -1):
        with pytest.raises(proving.Refused) as caught:
            proving.confirm(row, wrong)
        assert caught.value.left == n
    with pytest.raises(proving.Refused, match="exhausted"):
        proving.confirm(row, code)
    assert not Identity.objects.get().is_confirmed
    later(row, minutes=3)
    with pytest.raises(proving.Wait):
        proving.send_code(row, account, owner)
    later(row, hours=1)
    proving.send_code(row, account, owner)
    proving.confirm(row, code_in(smtp_server))


def test_asking_for_another_code_does_not_give_ten_more_attempts(
    owner: User, account: MailAccount, smtp_server: SmtpServer
) -> None:
    row = proving.add_identity(account, "devis@clarte.example")
    proving.send_code(row, account, owner)
    for _ in range(4):
        with pytest.raises(proving.Refused):
            proving.confirm(row, "12345")
    later(row, minutes=3)
    proving.send_code(row, account, owner)
    assert Identity.objects.get().code_attempts == 4


def test_a_code_lives_fifteen_days(
    owner: User, account: MailAccount, smtp_server: SmtpServer
) -> None:
    row = proving.add_identity(account, "devis@clarte.example")
    proving.send_code(row, account, owner)
    later(row, days=15, seconds=1)
    assert not proving.is_waiting(row)
    with pytest.raises(proving.Refused, match="expired"):
        proving.confirm(row, code_in(smtp_server))
    later(row, days=-1)
    proving.confirm(row, code_in(smtp_server))


def test_only_the_last_code_sent_counts(
    owner: User, account: MailAccount, smtp_server: SmtpServer
) -> None:
    row = proving.add_identity(account, "devis@clarte.example")
    proving.send_code(row, account, owner)
    first = code_in(smtp_server)
    with pytest.raises(proving.Wait) as caught:
        proving.send_code(row, account, owner)
    assert 100 < caught.value.seconds <= 120
    later(row, minutes=2)
    proving.send_code(row, account, owner)
    if code_in(smtp_server) != first:
        with pytest.raises(proving.Refused, match="wrong"):
            proving.confirm(row, first)
    proving.confirm(row, code_in(smtp_server))


def test_a_code_that_cannot_be_sent_leaves_the_one_before(
    owner: User, account: MailAccount, smtp_server: SmtpServer
) -> None:
    row = proving.add_identity(account, "devis@clarte.example")
    proving.send_code(row, account, owner)
    code = code_in(smtp_server)
    later(row, minutes=2)
    smtp_server.at["rcpt"] = "550 5.1.1 no such user"
    with pytest.raises(proving.NotSent) as caught:
        proving.send_code(row, account, owner)
    assert caught.value.code == "rejected"
    proving.confirm(row, code)


def test_the_code_goes_through_the_system_mailbox_where_there_is_one(
    owner: User, account: MailAccount, smtp_server: SmtpServer
) -> None:
    admin = User.objects.create_user("admin@clarte.example", role=User.Role.ADMIN)
    system = local(admin, "noreply@clarte.example").account
    _through(system, smtp_server)
    MailAccount.objects.filter(pk=system.pk).update(is_system=True)
    row = proving.add_identity(account, "devis@clarte.example")
    proving.send_code(row, account, owner)
    assert smtp_server.received[-1].mail_from == "noreply@clarte.example"


@pytest.mark.parametrize(
    "address", ["", "nonsense", "a@b, c@d", "a@b\r\nBcc: x@y", "<a@b>", "Name <a@b.example>", "@b"]
)
def test_what_is_no_address_cannot_be_added(account: MailAccount, address: str) -> None:
    with pytest.raises(proving.NotAnAddress):
        proving.add_identity(account, address)


@pytest.mark.parametrize(
    "address", ["me@clarte.example", "ME@clarte.example", "two@clarte.example"]
)
def test_an_address_is_there_once(account: MailAccount, address: str) -> None:
    proving.add_identity(account, "two@clarte.example")
    with pytest.raises(proving.Taken):
        proving.add_identity(account, address)


def proven(account: MailAccount, address: str, **fields: object) -> Identity:
    return Identity.objects.create(
        account=account, address=address, confirmed_at=clock.now(), **fields
    )


def test_the_default_address_begins_new_mails(owner: User, account: MailAccount) -> None:
    row = proven(account, "devis@clarte.example")
    other = proving.add_identity(account, "later@clarte.example")
    proving.make_default(account, row)
    first, *rest = identities.senders_for(owner)
    assert first.address == "devis@clarte.example"
    assert first.is_default
    assert not any(s.is_default for s in rest)
    assert identities.sender_of(drafts.start(owner)).key == f"identity:{row.pk}"
    proving.make_default(account, other)  # not proven: the mailbox's own address it is
    assert identities.default_of(owner).key == f"account:{account.pk}"
    proving.make_default(account, row)
    proving.make_default(account, None)
    assert identities.default_of(owner, account).key == f"account:{account.pk}"


def organisation(address: str, roles: list[str], account: MailAccount | None = None) -> None:
    OrganisationAddress.objects.create(
        address=address, name="Ventes", roles=roles, account=account, confirmed_at=clock.now()
    )


def test_an_address_of_the_organisation_is_open_to_its_roles_once_confirmed(
    owner: User, account: MailAccount
) -> None:
    organisation("ventes@clarte.example", ["member"], account)
    organisation("direction@clarte.example", ["manager", "admin"])
    OrganisationAddress.objects.create(address="new@clarte.example", roles=["member"])
    assert [s.address for s in identities.senders_for(owner)] == [
        "me@clarte.example",
        "ventes@clarte.example",
    ]
    bob = User.objects.create_user("bob@clarte.example", role=User.Role.MANAGER)
    his = local(bob, "bob@clarte.example").account
    shared = next(s for s in identities.senders_for(bob) if s.kind == "organisation")
    assert shared.address == "direction@clarte.example"
    assert shared.account == his
    MailAccount.objects.filter(pk=account.pk).update(state=MailAccount.State.DISCONNECTED)
    assert identities.senders_for(owner) == []


def test_who_has_left_writes_from_nowhere(owner: User, account: MailAccount) -> None:
    owner.is_active = False
    assert identities.senders_for(owner) == []


def test_mail_from_a_proven_address_is_mine_whatever_folder_it_lies_in(owner: User) -> None:
    box = local(owner)
    proven(box.account, "devis@clarte.example")
    sent = box.one(letter("a@x", sender="devis@clarte.example", to="alice@client.example"))
    assert sent.is_outgoing
    foreign = box.one(letter("b@x", sender="other@clarte.example", to="alice@client.example"))
    assert not foreign.is_outgoing


def test_an_address_that_mails_wait_to_leave_from_stays(owner: User, account: MailAccount) -> None:
    row = proven(account, "devis@clarte.example", is_default=True)
    draft = drafts.start(owner)
    Outgoing.objects.filter(pk=draft.pk).update(state=Outgoing.State.SCHEDULED)
    with pytest.raises(proving.InUse):
        proving.remove(row)
    Outgoing.objects.filter(pk=draft.pk).update(state=Outgoing.State.DRAFT)
    proving.remove(row)
    draft = Outgoing.objects.get()
    assert identities.sender_of(draft).address == "me@clarte.example"


def test_a_draft_leaves_somebody_elses_mailbox_with_the_address_it_was_begun_from(
    owner: User, account: MailAccount
) -> None:
    admin = User.objects.create_user("admin@clarte.example", role=User.Role.ADMIN)
    theirs = local(admin, "ventes@clarte.example").account
    organisation("ventes@clarte.example", ["member"], theirs)
    row = OrganisationAddress.objects.get()
    draft = drafts.start(owner)
    content = drafts.Content(sender=f"organisation:{row.pk}", html="<p>x</p>")
    draft = drafts.save(draft.pk, owner, content, version=draft.version)
    assert draft.account == theirs
    proving.remove(row)
    draft = Outgoing.objects.get()
    assert draft.account == account
    assert identities.sender_of(draft).address == "me@clarte.example"
