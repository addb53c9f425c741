"""The deal in the head of a conversation."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from relance.crm.models import Deal, Person
from relance.inbox.models import RecordLink
from relance.mail.models import MailAccount, MessageCopy
from relance.users.models import User
from tests.inbox import builders

pytestmark = pytest.mark.django_db
HERS = "e.garnier@meunier.example"


@pytest.fixture
def copy(alice: User, make_account: Callable[..., MailAccount], eloise: Person) -> MessageCopy:
    return builders.receive(make_account(alice), sender=HERS, subject="Plans")


def _page(client: Client, copy: MessageCopy) -> str:
    return client.get(f"/threads/{copy.thread_id}/").content.decode()


def _act(client: Client, copy: MessageCopy, deal: Deal, verb: str, **headers: str) -> object:
    address = f"/threads/{copy.thread_id}/deal/{deal.pk}/{verb}/"
    return client.post(address, headers=headers)


def test_an_open_deal_is_proposed_linked_changed_and_unlinked(
    as_alice: Client, alice: User, copy: MessageCopy, warehouse: Deal, eloise: Person
) -> None:
    sensors = builders.deal(alice, eloise, name="Détecteurs", amount=None)
    page = _page(as_alice, copy)
    assert "Link to a deal" in page
    assert "2 open deals with Éloïse Garnier: which one is it about?" in page
    answer = as_alice.post(
        f"/threads/{copy.thread_id}/deal/{warehouse.pk}/link/", headers={"HX-Request": "true"}
    )
    html = answer.content.decode()
    assert "Entrepôt de Saint-Priest · €48,000" in html
    assert "Linked by hand" in html
    assert "It is about another one" in html
    assert "undo" in answer["HX-Trigger"]
    _act(as_alice, copy, sensors, "link")
    assert "About the deal Détecteurs, change" in _page(as_alice, copy)
    assert RecordLink.objects.filter(is_removed=False).count() == 1
    _act(as_alice, copy, sensors, "unlink")
    page = _page(as_alice, copy)
    assert "About the deal" not in page
    assert "Link to a deal" not in page  # both were looked at and refused


def test_without_a_deal_there_is_no_chip(as_alice: Client, copy: MessageCopy) -> None:
    page = _page(as_alice, copy)
    assert "deal-chip" in page
    assert "Link to a deal" not in page


def test_a_linked_mail_shows_on_the_deal(
    as_alice: Client, copy: MessageCopy, warehouse: Deal
) -> None:
    before = as_alice.get(f"/mails/deal/{warehouse.pk}/panel/?scope=deal").content.decode()
    assert "Plans" not in before
    _act(as_alice, copy, warehouse, "link")
    assert "Plans" in as_alice.get(f"/mails/deal/{warehouse.pk}/panel/").content.decode()


def test_nobody_links_the_conversations_of_another(
    as_bob: Client, as_alice: Client, copy: MessageCopy, warehouse: Deal
) -> None:
    for verb in ("link", "unlink"):
        assert _act(as_bob, copy, warehouse, verb).status_code == 404  # type: ignore[attr-defined]
    assert as_bob.get(f"/threads/{copy.thread_id}/deal/").status_code == 404
    assert as_alice.post(f"/threads/{copy.thread_id}/deal/999999/link/").status_code == 404
    assert as_alice.get(f"/threads/{copy.thread_id}/deal/{warehouse.pk}/link/").status_code == 405
    assert not RecordLink.objects.exists()


def test_linking_is_undone_from_the_toast(
    as_alice: Client, alice: User, copy: MessageCopy, warehouse: Deal
) -> None:
    _act(as_alice, copy, warehouse, "link")
    from relance.journal.models import Entry

    entry = Entry.objects.get(verb="thread.link")
    assert as_alice.post(f"/undo/{entry.pk}/").status_code in (200, 204, 302)
    assert not RecordLink.objects.exists()
