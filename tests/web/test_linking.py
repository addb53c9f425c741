"""The deal in the head of a conversation."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from relance.crm import cases
from relance.crm.models import Case, Deal, Person
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
    chosen = {"record": f"deal:{other.pk}"}
    answer = as_alice.post(place, chosen, headers={"HX-Request": "true"})
    assert answer.status_code == 204
    assert "panel-changed" in answer["HX-Trigger"]
    assert "About the deal Éclairage du port" in _page(as_alice, copy)
    assert as_bob.post(place, chosen).status_code == 404
    for nonsense in ("", "x", "deal:", "deal:" + "9" * 30, "deal:0", "user:1", "deal:é"):
        assert as_alice.post(place, {"record": nonsense}).status_code == 404


def test_it_belongs_to_the_account_until_another_record_is_chosen(
    as_alice: Client, as_bob: Client, alice: User, copy: MessageCopy, eloise: Person, thomas: Person
) -> None:
    chip = _chip(as_alice, copy)
    assert "Belongs to Meunier Logistique, change" in chip
    assert "By the address of the correspondent" in chip
    choose = f"/threads/{copy.thread_id}/deal/choose/"
    place = f"/threads/{copy.thread_id}/deal/link/"
    found = as_alice.get(f"{choose}?kind=lead&q=leclerc").content.decode()
    assert f'value="person:{thomas.pk}"' in found
    assert "Thomas Leclerc" not in as_alice.get(f"{choose}?kind=contact").content.decode()
    assert "Éloïse Garnier" in as_alice.get(f"{choose}?kind=contact").content.decode()
    assert "Meunier Logistique" in as_alice.get(f"{choose}?kind=account").content.decode()
    as_alice.post(place, {"record": f"person:{thomas.pk}"})
    chip = _chip(as_alice, copy)
    assert "Belongs to Thomas Leclerc, change" in chip
    assert "Plans" in as_alice.get(f"/mails/person/{thomas.pk}/panel/").content.decode()
    assert "Plans" not in as_bob.get(f"/mails/person/{thomas.pk}/panel/").content.decode()
    away = f"/threads/{copy.thread_id}/records/person/{thomas.pk}/unlink/"
    assert as_bob.post(away).status_code == 404
    assert as_alice.post(away.replace("person", "user")).status_code == 404
    answer = as_alice.post(away, headers={"HX-Request": "true"})
    assert "Belongs to Meunier Logistique, change" in answer.content.decode()


def test_a_case_is_linked_beside_others_and_unlinked(
    as_alice: Client, alice: User, copy: MessageCopy, eloise: Person
) -> None:
    made = [cases.create(alice, Case(name=f"Case {n}", person=eloise)) for n in (1, 2)]
    listed = as_alice.get(f"/threads/{copy.thread_id}/deal/choose/?kind=case").content.decode()
    place = f"/threads/{copy.thread_id}/deal/link/"
    for case in made:
        assert f'value="case:{case.pk}"' in listed
        as_alice.post(place, {"record": f"case:{case.pk}"})
    chip = _chip(as_alice, copy)
    assert "About the case #1 Case 1, change" in chip
    assert "About the case #2 Case 2, change" in chip
    as_alice.post(f"/threads/{copy.thread_id}/records/case/{made[0].pk}/unlink/")
    assert "Case 1" not in _chip(as_alice, copy)
