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


def _chip(client: Client, copy: MessageCopy) -> str:
    """What of the page is the chip, with its menu."""
    page = _page(client, copy)
    return page.split('id="deal-chip"')[1].split("ctxstrip")[0]


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
    page = _chip(as_alice, copy)
    assert "About the deal" not in page
    assert "Link to a deal" not in page  # both were looked at and refused


def test_without_a_deal_there_is_no_chip(as_alice: Client, copy: MessageCopy) -> None:
    assert "Link to a deal" not in _chip(as_alice, copy)


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


def test_any_readable_deal_is_found_and_chosen(
    as_alice: Client, as_bob: Client, alice: User, copy: MessageCopy, warehouse: Deal
) -> None:
    other = builders.deal(alice, name="Éclairage du port", search_text="eclairage du port")
    choose = f"/threads/{copy.thread_id}/deal/choose/"
    assert "Entrepôt" in as_alice.get(choose).content.decode()
    found = as_alice.get(f"{choose}?part=candidates&q=ECLAIR", headers={"HX-Request": "true"})
    assert "Éclairage du port" in found.content.decode()
    assert "Entrepôt" not in found.content.decode()
    assert "<dialog" in as_alice.get(choose, headers={"HX-Request": "true"}).content.decode()
    assert as_bob.get(choose).status_code == 404
    place = f"/threads/{copy.thread_id}/deal/link/"
    answer = as_alice.post(place, {"deal": other.pk}, headers={"HX-Request": "true"})
    assert answer.status_code == 204
    assert "panel-changed" in answer["HX-Trigger"]
    assert "About the deal Éclairage du port" in _page(as_alice, copy)
    assert as_bob.post(place, {"deal": other.pk}).status_code == 404
    for nonsense in ("", "x", "9" * 30, "0"):
        assert as_alice.post(place, {"deal": nonsense}).status_code == 404
