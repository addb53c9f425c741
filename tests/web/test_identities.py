"""The page of a mailbox's sender addresses (ACC-07)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from relance.lib import clock
from relance.mail import drafts
from relance.mail.models import Identity, MailAccount, Outgoing
from relance.mime.parse import parse
from relance.users.models import Organisation, User
from tests.servers.smtp import SmtpServer


@pytest.fixture
def account(
    alice: User, organisation: Organisation, make_account: Callable[..., MailAccount],
    smtp_server: SmtpServer,
) -> MailAccount:  # fmt: skip
    organisation.allowed_hosts = ["127.0.0.1"]
    organisation.save()
    made = make_account(alice)
    made.smtp_host, made.smtp_port, made.smtp_security = "127.0.0.1", smtp_server.port, "none"
    made.smtp_same_login = False
    made.smtp_username, made.smtp_password = "alice", "secret"
    made.is_default = True
    made.save()
    return made


def url(account: MailAccount, rest: str = "") -> str:
    return f"/mailboxes/{account.pk}/addresses/{rest}"


def add(client: Client, account: MailAccount, **fields: str) -> Identity:
    data = {"address": "quotes@clarte.example", "name": "Quotes", **fields}
    response = client.post(url(account, "new/"), data)
    assert response.status_code == 302, response.content.decode()
    return Identity.objects.latest("pk")


def code_in(server: SmtpServer) -> str:
    found = re.search(r"\b(\d{6})\b", parse(server.received[-1].data).subject)
    assert found
    return found[1]


def proven(account: MailAccount, address: str = "quotes@clarte.example") -> Identity:
    return Identity.objects.create(account=account, address=address, confirmed_at=clock.now())


def test_an_address_is_added_proven_and_chosen(
    as_alice: Client, account: MailAccount, smtp_server: SmtpServer
) -> None:
    row = add(as_alice, account)
    page = as_alice.get(url(account)).content.decode()
    assert "valid for 15 days" in page
    assert "A code was mailed to quotes@clarte.example." in page
    assert "Nothing before the proof" in page
    response = as_alice.post(url(account, f"{row.pk}/confirm/"), {"code": code_in(smtp_server)})
    assert response.status_code == 302
    page = as_alice.get(url(account)).content.decode()
    assert "Code received on" in page
    assert "Enter the code" not in page
    as_alice.post(url(account, "default/"), {"default": str(row.pk)})
    assert Identity.objects.get().is_default
    as_alice.post(url(account, "default/"), {"default": ""})
    assert not Identity.objects.get().is_default


def test_a_wrong_code_says_how_many_attempts_are_left(
    as_alice: Client, account: MailAccount, smtp_server: SmtpServer
) -> None:
    row = add(as_alice, account)
    wrong = "000000" if code_in(smtp_server) != "000000" else "111111"
    response = as_alice.post(url(account, f"{row.pk}/confirm/"), {"code": wrong})
    assert response.status_code == 422
    assert "9 attempts are left" in response.content.decode()
    Identity.objects.update(code_attempts=10)
    response = as_alice.post(url(account, f"{row.pk}/confirm/"), {"code": code_in(smtp_server)})
    assert "Too many wrong codes" in response.content.decode()
    assert not Identity.objects.get().is_confirmed


def test_an_expired_code_is_said_to_be(
    as_alice: Client, account: MailAccount, smtp_server: SmtpServer
) -> None:
    row = add(as_alice, account)
    Identity.objects.update(code_sent_at=clock.now() - timedelta(days=16))
    assert "The code has expired" in as_alice.get(url(account)).content.decode()
    response = as_alice.post(url(account, f"{row.pk}/confirm/"), {"code": code_in(smtp_server)})
    assert response.status_code == 422
    as_alice.post(url(account, f"{row.pk}/code/"))
    assert "valid for 15 days" in as_alice.get(url(account)).content.decode()


def test_another_code_is_not_sent_at_once(
    as_alice: Client, account: MailAccount, smtp_server: SmtpServer
) -> None:
    row = add(as_alice, account)
    response = as_alice.post(url(account, f"{row.pk}/code/"), follow=True)
    assert "Another may follow in 2 minutes" in response.content.decode()
    assert len(smtp_server.received) == 1


def test_a_server_that_refuses_is_quoted_and_the_address_kept(
    as_alice: Client, account: MailAccount, smtp_server: SmtpServer
) -> None:
    smtp_server.at["rcpt"] = "550 5.1.1 nobody here"
    add(as_alice, account)
    page = as_alice.get(url(account)).content.decode()
    assert "nobody here" in page
    assert "No code was sent yet" in page


@pytest.mark.parametrize(
    ("address", "said"),
    [("nonsense", "not an e-mail address"), ("alice@clarte.example", "in the list already")],
)
def test_what_cannot_be_added_comes_back_with_the_reason(
    as_alice: Client, account: MailAccount, address: str, said: str
) -> None:
    response = as_alice.post(url(account, "new/"), {"address": address, "name": "Kept"})
    assert response.status_code == 422
    assert said in response.content.decode()
    assert 'value="Kept"' in response.content.decode()
    assert not Identity.objects.exists()


def test_the_form_is_a_dialog_over_the_page_or_a_page(
    as_alice: Client, account: MailAccount
) -> None:
    whole = as_alice.get(url(account, "new/")).content.decode()
    part = as_alice.get(url(account, "new/"), headers={"HX-Request": "true"}).content.decode()
    assert "<html" in whole
    assert part.lstrip().startswith("<dialog")
    done = as_alice.post(
        url(account, "new/"),
        {"address": "a@clarte.example"},
        headers={"HX-Request": "true"},
    )
    assert (done.status_code, done["HX-Redirect"]) == (204, url(account))


def test_an_address_is_renamed_and_removed(as_alice: Client, account: MailAccount) -> None:
    row = proven(account)
    as_alice.post(url(account, f"{row.pk}/name/"), {"name": "  Quotes   team "})
    assert Identity.objects.get().name == "Quotes team"
    as_alice.post(url(account, f"{row.pk}/remove/"))
    assert not Identity.objects.exists()


def test_an_address_in_use_stays_and_says_why(
    as_alice: Client, alice: User, account: MailAccount
) -> None:
    row = proven(account)
    draft = drafts.start(alice)
    Outgoing.objects.filter(pk=draft.pk).update(state="scheduled", identity=row)
    response = as_alice.post(url(account, f"{row.pk}/remove/"))
    assert response.status_code == 409
    assert "1 mail waits to leave from this address" in response.content.decode()
    assert Identity.objects.exists()


@pytest.mark.parametrize(
    ("method", "rest"),
    [
        ("get", ""),
        ("get", "new/"),
        ("post", "new/"),
        ("post", "default/"),
        ("post", "{row}/code/"),
        ("post", "{row}/confirm/"),
        ("post", "{row}/name/"),
        ("post", "{row}/remove/"),
    ],
)
def test_somebody_elses_mailbox_is_not_there(
    as_bob: Client, account: MailAccount, method: str, rest: str
) -> None:
    row = proven(account)
    response = getattr(as_bob, method)(url(account, rest.format(row=row.pk)))
    assert response.status_code == 404
    assert Identity.objects.filter(pk=row.pk, is_default=False).exists()


def test_an_address_of_another_mailbox_is_not_reached_through_this_one(
    as_bob: Client, bob: User, account: MailAccount, make_account: Callable[..., MailAccount]
) -> None:
    row = proven(account)
    mine = make_account(bob)
    for rest in (f"{row.pk}/remove/", f"{row.pk}/confirm/", f"{row.pk}/code/"):
        assert as_bob.post(url(mine, rest)).status_code == 404
    assert as_bob.post(url(mine, "default/"), {"default": str(row.pk)}).status_code == 404


def test_the_mailbox_page_leads_there(as_alice: Client, account: MailAccount) -> None:
    page = as_alice.get(f"/mailboxes/{account.pk}/").content.decode()
    assert url(account) in page


def test_the_rail_counts_each_draft_once(
    as_alice: Client, alice: User, account: MailAccount
) -> None:
    first, second = drafts.start(alice), drafts.start(alice)
    folder = account.folders.get(special_use="drafts")
    Outgoing.objects.filter(pk=first.pk).update(
        draft_folder=folder, draft_uidvalidity=1, draft_uid=5
    )
    assert second.draft_uid is None
    counts = as_alice.get("/preferences/").content.decode()
    assert re.search(r'Drafts</span>\s*<span class="rail__n[^"]*"[^>]*>2<', counts), counts[:5000]
