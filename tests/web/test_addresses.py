"""Addresses of the organisation, and the system mailbox (CMP-20, ACC-09)."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client

from relance.lib import clock
from relance.mail import drafts, identities
from relance.mail.models import MailAccount, OrganisationAddress, Outgoing
from relance.mime.parse import parse
from relance.users.models import Organisation, User
from tests.servers.smtp import SmtpServer

URL = "/settings/addresses/"


@pytest.fixture
def account(
    alice: User,
    organisation: Organisation,
    make_account: Callable[..., MailAccount],
    smtp_server: SmtpServer,
) -> MailAccount:
    organisation.allowed_hosts = ["127.0.0.1"]
    organisation.save()
    made = make_account(alice)
    made.smtp_host, made.smtp_port, made.smtp_security = "127.0.0.1", smtp_server.port, "none"
    made.smtp_same_login, made.smtp_username, made.smtp_password = False, "alice", "secret"
    made.save()
    return made


def test_an_address_is_proven_and_opens_to_its_roles(
    as_alice: Client, bob: User, account: MailAccount, make_account: Callable[..., MailAccount],
    smtp_server: SmtpServer,
) -> None:  # fmt: skip
    make_account(bob)
    data = {"address": "Sales@clarte.example", "roles": ["member"], "account": str(account.pk)}
    assert as_alice.post(f"{URL}new/", data).status_code == 302
    row = OrganisationAddress.objects.get()
    assert (row.address, row.roles, row.account) == ("sales@clarte.example", ["member"], account)
    assert "A code was mailed to sales@clarte.example." in as_alice.get(URL).content.decode()
    assert not any(s.kind == "organisation" for s in identities.senders_for(bob))
    found = re.search(r"\b(\d{6})\b", parse(smtp_server.received[-1].data).subject)
    assert found
    wrong = as_alice.post(f"{URL}{row.pk}/confirm/", {"code": "1"})
    assert wrong.status_code == 422
    assert as_alice.post(f"{URL}{row.pk}/confirm/", {"code": found[1]}).status_code == 302
    shared = next(s for s in identities.senders_for(bob) if s.kind == "organisation")
    assert (shared.address, shared.account) == ("sales@clarte.example", account)


def test_the_address_is_edited_and_removed(as_alice: Client, account: MailAccount) -> None:
    row = OrganisationAddress.objects.create(address="sales@clarte.example", roles=["member"])
    page = as_alice.get(f"{URL}{row.pk}/", headers={"HX-Request": "true"})
    assert page.content.decode().lstrip().startswith("<dialog")
    as_alice.post(f"{URL}{row.pk}/", {"name": "Sales", "roles": ["admin"], "account": ""})
    row.refresh_from_db()
    assert (row.name, row.roles, row.account) == ("Sales", ["admin"], None)
    assert as_alice.post(f"{URL}{row.pk}/", {"name": "x", "roles": []}).status_code == 422
    as_alice.post(f"{URL}{row.pk}/remove/")
    assert not OrganisationAddress.objects.exists()


def test_an_address_that_mails_wait_to_leave_from_stays(
    as_alice: Client, alice: User, account: MailAccount
) -> None:
    row = OrganisationAddress.objects.create(
        address="sales@clarte.example", roles=["admin"], confirmed_at=clock.now()
    )
    draft = drafts.start(alice)
    Outgoing.objects.filter(pk=draft.pk).update(state="scheduled", organisation_address=row)
    response = as_alice.post(f"{URL}{row.pk}/remove/")
    assert response.status_code == 409
    assert OrganisationAddress.objects.exists()


def test_without_any_mailbox_the_code_cannot_leave(as_alice: Client) -> None:
    data = {"address": "sales@clarte.example", "roles": ["member"]}
    response = as_alice.post(f"{URL}new/", data, follow=True)
    assert "Connect a mailbox first" in response.content.decode()


def test_a_colleagues_own_mailbox_is_not_offered(
    as_alice: Client, bob: User, account: MailAccount, make_account: Callable[..., MailAccount]
) -> None:
    his = make_account(bob)
    page = as_alice.get(URL).content.decode()
    assert account.address in page
    assert his.address not in page
    assert as_alice.post(f"{URL}system/", {"account": str(his.pk)}).status_code == 404
    data = {"address": "sales@clarte.example", "roles": ["member"], "account": str(his.pk)}
    assert as_alice.post(f"{URL}new/", data).status_code == 422


def test_the_system_mailbox_is_chosen_and_let_go(as_alice: Client, account: MailAccount) -> None:
    as_alice.post(f"{URL}system/", {"account": str(account.pk)})
    assert MailAccount.objects.get(is_system=True) == account
    assert "In use" in as_alice.get(URL).content.decode()
    MailAccount.objects.update(state=MailAccount.State.AUTH_ERROR)
    assert "Out of order" in as_alice.get(URL).content.decode()
    as_alice.post(f"{URL}system/", {"account": ""})
    assert not MailAccount.objects.filter(is_system=True).exists()


@pytest.mark.parametrize("rest", ["", "new/", "{row}/"])
def test_others_may_not_look(as_bob: Client, account: MailAccount, rest: str) -> None:
    row = OrganisationAddress.objects.create(address="sales@clarte.example")
    assert as_bob.get(URL + rest.format(row=row.pk)).status_code == 403


@pytest.mark.parametrize("rest", ["new/", "system/", "{row}/", "{row}/code/", "{row}/confirm/",
                                  "{row}/remove/"])  # fmt: skip
def test_others_may_not_act(as_bob: Client, account: MailAccount, rest: str) -> None:
    row = OrganisationAddress.objects.create(address="sales@clarte.example")
    assert as_bob.post(URL + rest.format(row=row.pk)).status_code == 403
    assert OrganisationAddress.objects.filter(pk=row.pk, confirmed_at=None).exists()
