"""The demo's line: let a mail arrive, see it as somebody else, and neither outside the demo."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from relance.mail.models import MailAccount
from relance.users.models import Organisation, User
from tests.demo.conftest import in_folder, newest

MAIL, AS = reverse("demo:mail"), reverse("demo:become")


@pytest.fixture
def client(rows: None) -> Client:
    client = Client()
    client.force_login(User.objects.get(first_name="Camille"))
    return client


def test_a_mail_arrives_when_asked_and_the_mailbox_is_looked_at(data: Path, client: Client) -> None:
    MailAccount.objects.update(wanted_at=None)
    known = in_folder(data, "camille")
    assert client.post(MAIL, headers={"HX-Request": "true"}).status_code == 204
    assert len(newest(data, "camille", known)) == 1
    wanted = MailAccount.objects.exclude(wanted_at=None)
    assert [account.address for account in wanted] == ["camille@clarte.example"]


def test_one_sees_the_demo_as_a_colleague(client: Client) -> None:
    answer = client.post(AS, {"email": "sophie@clarte.example"})
    assert answer.status_code == 302
    page = client.get("/").content.decode()
    assert 'value="sophie@clarte.example" aria-pressed="true"' in page
    assert "Monde de démonstration" in page or "Demo world" in page


@pytest.mark.parametrize("email", ["", "nobody@clarte.example", "SOPHIE'--"])
def test_nobody_else_can_be_seen_as(client: Client, email: str) -> None:
    assert client.post(AS, {"email": email}).status_code == 404


def test_neither_exists_outside_the_demo(data: Path, client: Client) -> None:
    Organisation.objects.update(is_demo=False)
    known = in_folder(data, "camille")
    assert client.post(MAIL).status_code == 404
    assert client.post(AS, {"email": "sophie@clarte.example"}).status_code == 404
    assert newest(data, "camille", known) == []
    assert "demo/mail" not in client.get("/").content.decode()


def test_a_link_or_a_stranger_changes_nothing(client: Client) -> None:
    assert client.get(MAIL).status_code == 405
    assert client.get(AS).status_code == 405
    assert Client().post(AS, {"email": "sophie@clarte.example"}).status_code in (302, 403)
    assert Client(enforce_csrf_checks=True).post(AS, {"email": "x"}).status_code in (302, 403)
