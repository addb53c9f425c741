"""The panel beside a conversation, through the door."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from relance import journal
from relance.crm import access
from relance.crm.models import Deal, Person, Task
from relance.inbox.models import AddressOverride, VacationResponse
from relance.journal.models import Entry
from relance.lib import clock
from relance.mail import sources
from relance.mail.models import Attachment, MailAccount, MessageCopy, Participant
from relance.users.models import User
from tests.inbox import builders
from tests.web.conftest import LogIn

pytestmark = pytest.mark.django_db
HX = {"HX-Request": "true"}
HERS = "e.garnier@meunier.example"


@pytest.fixture
def mailbox(alice: User, make_account: Callable[..., MailAccount]) -> MailAccount:
    return make_account(alice)


@pytest.fixture
def copy(mailbox: MailAccount, eloise: Person) -> MessageCopy:
    return builders.receive(mailbox, sender=HERS, name="Éloïse Garnier", subject="Plans")


@pytest.fixture
def stranger(mailbox: MailAccount) -> MessageCopy:
    text = "Bonjour\n-- \nMarion Petit\nDirectrice technique, Hôtel Belle-Rive\n04 00 00 00 77"
    return builders.receive(
        mailbox, sender="marion@belle-rive.example", name="Marion Petit", text=text
    )


def panel(client: Client, copy: MessageCopy, query: str = "") -> str:
    answer = client.get(f"/threads/{copy.thread_id}/panel/{query}", headers=HX)
    assert answer.status_code == 200
    return str(answer.content.decode())


def also_to(copy: MessageCopy, address: str, name: str = "") -> int:
    row = builders.address(address)
    assert copy.message
    Participant.objects.create(
        message=copy.message, role=Participant.Role.CC, position=1, address=row, name=name
    )
    return row.pk


def test_the_info_of_a_contact_is_complete(
    as_alice: Client, copy: MessageCopy, eloise: Person, warehouse: Deal
) -> None:
    eloise.phone, eloise.time_zone, eloise.city = "04 00 00 00 41", "Europe/Paris", "Lyon"
    eloise.save()
    eloise.phones.create(kind="home", number="04 11 11 11 11")
    builders.address("eloise@home.example")
    link = eloise.address_links.get(address__address="eloise@home.example")
    link.address.invalid_at = clock.now()
    link.address.save()
    html = panel(as_alice, copy)
    for words in ("Contact", "Meunier Logistique", "04 00 00 00 41", "04 11 11 11 11", "Lyon, "):
        assert words in html
    assert html.index(HERS) < html.index("eloise@home.example") < html.index("does not exist")
    assert "Entrepôt de Saint-Priest" in html and "€48,000" in html
    for name in ("tasks", "calls", "meetings", "notes"):
        address = reverse(f"{name}:create")
        assert f'"{address}?person={eloise.pk}&amp;mail={copy.message_id}"' in html


def test_the_tab_and_the_closed_panel_are_remembered(as_alice: Client, copy: MessageCopy) -> None:
    assert 'id="tab-info" role="tab"' in panel(as_alice, copy)
    assert 'aria-labelledby="tab-timeline"' in panel(as_alice, copy, "?tab=timeline")
    page = as_alice.get(f"/threads/{copy.thread_id}/").content.decode()
    assert 'aria-labelledby="tab-timeline"' in page and "is-wide" not in page
    assert 'aria-labelledby="tab-timeline"' in panel(as_alice, copy, "?tab=nothing")
    assert as_alice.post("/panel/state/", {"closed": "1"}).status_code == 204
    assert "is-wide" in as_alice.get(f"/threads/{copy.thread_id}/").content.decode()
    as_alice.post("/panel/state/", {"closed": "0"})
    assert "is-wide" not in as_alice.get(f"/threads/{copy.thread_id}/").content.decode()


def test_conversations_are_mine_or_everybodys_and_never_those_one_may_not_see(
    as_alice: Client,
    copy: MessageCopy,
    bob: User,
    make_account: Callable[..., MailAccount],
) -> None:
    builders.receive(make_account(bob), sender=HERS, subject="With Bob alone")
    builders.receive(copy.account, sender=HERS, subject="Another", thread=None)
    html = panel(as_alice, copy, "?tab=conversations")
    assert "Plans" in html and "Another" in html and "2 conversations" in html
    everybody = panel(as_alice, copy, "?tab=conversations&whose=all")
    assert "With Bob alone" not in everybody and "2 conversations" in everybody
    assert "Nobody shares a mailbox with you" in everybody


def test_the_timeline_shows_both_directions_and_what_waits(
    as_alice: Client, copy: MessageCopy, mailbox: MailAccount
) -> None:
    builders.receive(
        mailbox, sender=mailbox.address, to=HERS, subject="Our offer", folder="sent", outgoing=True
    )
    html = panel(as_alice, copy, "?tab=timeline")
    assert html.index("Our offer") < html.index("Plans")
    assert "alice@clarte.example sent" in html and "Éloïse Garnier wrote" in html
    assert f'data-open-mail="{copy.pk}"' in html


def test_a_stranger_has_a_history_too(as_alice: Client, stranger: MessageCopy) -> None:
    assert "Marion Petit wrote" in panel(as_alice, stranger, "?tab=timeline")
    assert "1 conversation<" in panel(as_alice, stranger, "?tab=conversations")


def test_one_chooses_whom_the_panel_is_about(
    as_alice: Client, copy: MessageCopy, thomas: Person
) -> None:
    key = also_to(copy, "t.leclerc@logis.example", "Thomas")
    assert "Éloïse Garnier, one of 2" in panel(as_alice, copy)
    html = panel(as_alice, copy, f"?with={key}")
    assert "Thomas Leclerc" in html and "Logis Ouest" in html
    assert f'data-panel-url="/threads/{copy.thread_id}/panel/?with={key}"' in html
    assert "Éloïse" in panel(as_alice, copy, "?with=999999") and "Thomas, one" not in html


def test_one_of_several_records_is_chosen_once_for_a_conversation(
    as_alice: Client, alice: User, copy: MessageCopy
) -> None:
    other = builders.person(alice, HERS, kind="lead", first_name="E", last_name="Twin")
    assert "2 records have this address" in panel(as_alice, copy)
    chosen = panel(as_alice, copy, f"?person={other.pk}")
    assert f'<h2><a href="/people/{other.pk}/">' in chosen or "E Twin" in chosen
    again = as_alice.get(f"/threads/{copy.thread_id}/").content.decode()
    assert re.search(r'ctxstrip__t"><span class="strong ellip">E Twin', again)


def test_a_locked_record_tells_its_owner_and_offers_nothing(
    as_alice: Client,
    bob: User,
    mailbox: MailAccount,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    builders.person(bob, "secret@client.example", last_name="Secret", title="Director")
    copy = builders.receive(mailbox, sender="secret@client.example", name="S.")
    monkeypatch.setattr(access, "people_for", lambda user: Person.objects.filter(owner=user))
    html = panel(as_alice, copy)
    assert "Bob Durand owns it" in html
    assert "Secret" not in html and "Director" not in html and "Add as lead" not in html
    assert as_alice.get(f"/threads/{copy.thread_id}/add/lead/", headers=HX).status_code == 404


def test_a_colleague_has_a_phone_and_an_absence(
    as_alice: Client, bob: User, mailbox: MailAccount, make_account: Callable[..., MailAccount]
) -> None:
    bob.phone = "04 22 22 22 22"
    bob.save()
    today = clock.now().date()
    VacationResponse.objects.create(
        account=make_account(bob),
        is_on=True,
        starts_on=today - timedelta(days=1),
        ends_on=today + timedelta(days=3),
        time_zone="UTC",
    )
    html = panel(as_alice, builders.receive(mailbox, sender=bob.email))
    assert "04 22 22 22 22" in html and "Away until" in html and "Colleague" in html


def test_the_phone_strip_says_amounts_and_what_comes_next(
    as_alice: Client, alice: User, copy: MessageCopy, eloise: Person, warehouse: Deal
) -> None:
    builders.deal(alice, eloise, amount=12500)
    builders.deal(alice, eloise, amount=900, currency="USD")
    page = as_alice.get(f"/threads/{copy.thread_id}/").content.decode()
    assert "Éloïse Garnier, Meunier Logistique" in page
    assert "3 deals" in page and "€60,500" in page and "$900" in page
    Task.objects.create(
        owner=alice, name="Call", person=eloise, due_on=clock.now().date() + timedelta(days=1)
    )
    url = f"/threads/{copy.thread_id}/panel/next/?person={eloise.pk}"
    assert as_alice.get(url).content.decode() == "task tomorrow"


def test_others_find_no_panel(
    copy: MessageCopy, bob: User, eloise: Person, logged_in: LogIn
) -> None:
    client = logged_in(bob)
    for path in ("panel/", f"panel/next/?person={eloise.pk}", f"messages/{copy.pk}/people/"):
        assert client.get(f"/threads/{copy.thread_id}/{path}", headers=HX).status_code == 404


def test_everybody_of_a_message_is_named_and_the_unknown_can_be_added(
    as_alice: Client, bob: User, copy: MessageCopy, thomas: Person
) -> None:
    also_to(copy, "t.leclerc@logis.example", "Tom")
    new = also_to(copy, "bruno@new.example", "Bruno Astier")
    also_to(copy, bob.email)
    html = as_alice.get(
        f"/threads/{copy.thread_id}/messages/{copy.pk}/people/", headers=HX
    ).content.decode()
    assert "Thomas Leclerc" in html and "Bob Durand" in html and "Bruno Astier" in html
    assert html.count("data-dialog") == 1
    add = f"/threads/{copy.thread_id}/add/contact/?address={new}"
    assert add in html
    dialog = as_alice.get(add, headers=HX).content.decode()
    assert 'value="Bruno"' in dialog and "bruno@new.example" in dialog
    values = {"first_name": "Bruno", "last_name": "Astier", "company": "New"}
    assert as_alice.post(add, values, headers=HX).status_code == 204
    made = Person.objects.get(last_name="Astier")
    assert made.addresses.get().address == "bruno@new.example"


def test_nobody_outside_the_conversation_is_added_through_it(
    as_alice: Client, copy: MessageCopy
) -> None:
    other = builders.address("elsewhere@x.example").pk
    for text in (other, "abc", "9" * 30):
        url = f"/threads/{copy.thread_id}/add/lead/?address={text}"
        assert as_alice.get(url, headers=HX).status_code == 404


def test_adding_proposes_what_the_signature_says_and_can_be_undone(
    as_alice: Client, alice: User, bob: User, stranger: MessageCopy
) -> None:
    url = f"/threads/{stranger.thread_id}/add/lead/"
    dialog = as_alice.get(url, headers=HX).content.decode()
    assert "Directrice technique" in dialog and "Read in the signature" in dialog
    values = {"first_name": "Marion", "last_name": "Petit", "owner": bob.pk, "source": "Fair"}
    assert as_alice.post(url, values, headers=HX).status_code == 204
    made = Person.objects.get(last_name="Petit")
    assert (made.owner, made.source, made.mail_key) == (bob, "Fair", stranger.message_id)
    journal.undo(Entry.objects.latest("pk").pk, alice)
    made.refresh_from_db()
    assert made.deleted_at
    assert "Add as lead" in panel(as_alice, stranger)


def test_joining_and_colleagues_are_undone(
    as_alice: Client, alice: User, stranger: MessageCopy, eloise: Person
) -> None:
    base = f"/threads/{stranger.thread_id}"

    def act(path: str) -> Any:
        answer = as_alice.post(f"{base}/{path}/", headers=HX)
        assert answer.status_code == 204 and "/undo/" in answer["HX-Trigger"]
        return Entry.objects.latest("pk")

    entry = act(f"join/{eloise.pk}")
    assert eloise.address_links.count() == 3
    journal.undo(entry.pk, alice)
    assert eloise.address_links.count() == 2
    assert eloise.address_links.get(is_primary=True).address.address == HERS
    entry = act("colleague")
    assert AddressOverride.objects.count() == 1
    entry_back = act("colleague/remove")
    assert not AddressOverride.objects.exists()
    journal.undo(entry_back.pk, alice)
    assert AddressOverride.objects.count() == 1
    journal.undo(entry.pk, alice)
    assert not AddressOverride.objects.exists()


def test_the_page_asks_the_database_little(
    as_alice: Client,
    copy: MessageCopy,
    warehouse: Deal,
    django_assert_max_num_queries: Callable[[int], Any],
) -> None:
    as_alice.get(f"/threads/{copy.thread_id}/")
    for tab, most in (("info", 23), ("conversations", 22), ("timeline", 22)):
        as_alice.get(f"/threads/{copy.thread_id}/?tab={tab}")
        with django_assert_max_num_queries(most):
            as_alice.get(f"/threads/{copy.thread_id}/")


def test_two_who_add_somebody_at_once_make_one_record(
    as_alice: Client, eloise: Person, copy: MessageCopy
) -> None:
    url = f"/threads/{copy.thread_id}/add/contact/"
    values = {"first_name": "Éloïse", "last_name": "Garnier"}
    answer = as_alice.post(url, values, headers=HX)
    assert answer.status_code == 204 and "is known already" in answer["HX-Trigger"]
    assert Person.objects.count() == 1
    assert "make another record" in as_alice.get(url, headers=HX).content.decode()
    as_alice.post(url, {**values, "again": "on"}, headers=HX)
    assert Person.objects.count() == 2


def test_all_files_of_a_mail_go_to_the_record_of_its_sender(
    as_alice: Client, alice: User, bob: User, copy: MessageCopy, eloise: Person, logged_in: LogIn
) -> None:
    source = (
        b"From: x@y.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
        b"--x\r\nContent-Type: text/plain\r\n\r\nBonjour\r\n"
        b"--x\r\nContent-Type: application/pdf\r\n\r\nONE\r\n"
        b"--x\r\nContent-Type: application/pdf\r\n\r\nTWO\r\n--x--\r\n"
    )
    digest = hashlib.sha256(source).digest()
    sources.keep([(digest, source, None)])
    MessageCopy.objects.filter(pk=copy.pk).update(raw=digest)
    assert copy.message
    for part, name, data in (("2", "one.pdf", b"ONE"), ("3", "two.pdf", b"TWO")):
        Attachment.objects.create(
            message=copy.message,
            part=part,
            content_type="application/pdf",
            filename=name,
            size=3,
            sha256=hashlib.sha256(data).hexdigest(),
        )
    page = as_alice.get(f"/threads/{copy.thread_id}/").content.decode()
    assert "Add all to the record" in page
    url = f"/threads/{copy.thread_id}/messages/{copy.pk}/keep/"
    assert logged_in(bob).post(url).status_code == 404
    for _time in (1, 2):
        answer = as_alice.post(url, headers=HX)
        assert "2 files are on the record" in answer["HX-Trigger"]
    kept = access.record_files_for(bob).filter(person=eloise)
    assert sorted(file.name for file in kept) == ["one.pdf", "two.pdf"]
    page = as_alice.get(f"/threads/{copy.thread_id}/").content.decode()
    assert page.count("It is in the files of a record") == 2
    assert "Add all to the record" not in page


def test_other_deals_of_the_account_are_shown_apart(
    as_alice: Client, alice: User, copy: MessageCopy, eloise: Person, warehouse: Deal
) -> None:
    builders.deal(alice, name="Somebody else’s", company=eloise.company)
    builders.deal(alice, name="Over", kind="won", company=eloise.company)
    assert eloise.company
    url = f"/panel/accounts/{eloise.company.pk}/without/{eloise.pk}/"
    assert url in panel(as_alice, copy)
    html = as_alice.get(url, headers=HX).content.decode()
    assert "Somebody else’s" in html and "Over" not in html and "Entrepôt" not in html
    empty = f"/panel/accounts/{eloise.company.pk}/without/0/"
    assert as_alice.get(empty, headers=HX).status_code == 200
    assert as_alice.get("/panel/accounts/999/without/1/", headers=HX).status_code == 404


def test_older_conversations_and_lines_come_by_themselves(
    as_alice: Client, copy: MessageCopy, mailbox: MailAccount
) -> None:
    for number in range(22):
        builders.receive(mailbox, sender=HERS, subject=f"n{number}")
    for tab in ("conversations", "timeline"):
        html = panel(as_alice, copy, f"?tab={tab}")
        found = re.search(r'hx-get="([^"]+)&amp;part=older"', html)
        assert found and "Plans" not in html
        address = found[1].replace("&amp;", "&")
        older = as_alice.get(f"{address}&part=older", headers=HX).content.decode()
        assert "<aside" not in older and "n21" not in older and 'role="tab"' not in older
        page = as_alice.get(address.replace("panel/", "")).content.decode()
        assert "<html" in page and "n21" not in page.split('id="ctx"')[1]
