"""Sending from the composer: who may, what is asked, what leaves, how often, and the way back."""

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection, connections
from django.test import Client

from relance.addresses import suppression
from relance.crm.models import Deal, Person
from relance.inbox import writing
from relance.lib import clock
from relance.mail import outbox
from relance.mail.models import MailAccount, Outgoing
from relance.users.models import Organisation, User
from relance.web.compose import times
from tests.inbox import builders

HX = {"HX-Request": "true"}
JSON = {**HX, "Accept": "application/json"}
TO = {"name": "Éloïse Garnier", "address": "e.garnier@meunier.example", "record": ""}


@pytest.fixture(autouse=True)
def nothing_leaves(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Mails stay in the queue; what would have been woken is listed."""
    woken: list[int] = []
    monkeypatch.setattr("relance.mail.jobs.deliver_later", woken.append)
    return woken


@pytest.fixture
def mailbox(alice: User, make_account: Callable[..., MailAccount]) -> MailAccount:
    return make_account(alice)


@pytest.fixture
def draft(alice: User, mailbox: MailAccount) -> Outgoing:
    return writing.begin(alice, people={"to": [TO]}, subject="Devis", html="<p>Bonjour Éloïse,</p>")


def form(draft: Outgoing, **more: Any) -> dict[str, Any]:
    draft.refresh_from_db()
    values = {
        "version": draft.version,
        "people": json.dumps(draft.people),
        "subject": draft.subject,
        "html": draft.html,
        "sender": f"account:{draft.account_id}",
    }
    return values | more


def send(client: Client, draft: Outgoing, **more: Any) -> Any:
    return client.post(f"/compose/{draft.pk}/send/", form(draft, **more), headers=HX)


def state(draft: Outgoing) -> str:
    draft.refresh_from_db()
    return draft.state


def test_a_sound_mail_is_queued_with_the_time_to_undo(as_alice: Client, draft: Outgoing) -> None:
    before = clock.now()
    response = send(as_alice, draft)
    assert response.status_code == 204
    told = json.loads(response["HX-Trigger"])
    assert told["toast"]["text"] == "Message sent"
    assert told["toast"]["undo"] == f"/compose/{draft.pk}/undo/"
    assert told["toast"]["seconds"] == "10"
    assert told["compose:sent"] == {"id": draft.pk, "thread": None}
    assert state(draft) == Outgoing.State.QUEUED
    assert draft.next_try_at is not None
    assert timedelta(seconds=9) < draft.next_try_at - before < timedelta(seconds=15)


def test_what_the_form_holds_is_saved_before_it_leaves(as_alice: Client, draft: Outgoing) -> None:
    send(as_alice, draft, subject="Nouveau", html="<p>Le dernier mot</p>")
    draft.refresh_from_db()
    assert (draft.subject, draft.html) == ("Nouveau", "<p>Le dernier mot</p>")
    assert draft.text.strip() == "Le dernier mot"


def test_without_the_script_one_comes_back_to_the_inbox_with_a_toast(
    as_alice: Client, draft: Outgoing
) -> None:
    response = as_alice.post(f"/compose/{draft.pk}/send/", form(draft))
    assert response.status_code == 302
    page = as_alice.get(response.headers["Location"]).content.decode()
    assert "Message sent" in page and f"/compose/{draft.pk}/undo/" in page


def test_who_may_not_send_has_no_button_and_no_way(
    as_alice: Client, alice: User, draft: Outgoing
) -> None:
    alice.may_send = False
    alice.save()
    page = as_alice.get(f"/compose/{draft.pk}/").content.decode()
    assert "data-compose-send title" not in page and "data-compose-schedule" not in page
    assert send(as_alice, draft).status_code == 403
    later = {"date": "2030-01-01", "time": "10:00", "zone": "UTC"}
    scheduled = as_alice.post(f"/compose/{draft.pk}/schedule/", form(draft) | later, headers=HX)
    assert scheduled.status_code == 403
    assert state(draft) == Outgoing.State.DRAFT


def test_what_is_doubtful_is_asked_once_and_confirmed(as_alice: Client, draft: Outgoing) -> None:
    doubtful = {"html": "<p>Bonjour Marie,</p><p>Ci-joint le devis.</p>", "subject": ""}
    response = send(as_alice, draft, **doubtful)
    page = response.content.decode()
    assert response.status_code == 422
    assert "You mention an attachment, but there is none." in page
    assert "You greet Marie, but write to Éloïse Garnier." in page
    assert "The subject is empty." in page
    codes = "attachment_missing,empty_subject,greeting_differs"
    value = page.partition('name="confirmed" value="')[2].partition('"')[0]
    assert sorted(value.split(",")) == codes.split(",")
    draft.refresh_from_db()
    assert f'data-version="{draft.version}"' in page
    assert send(as_alice, draft, confirmed="empty_subject", **doubtful).status_code == 422
    assert send(as_alice, draft, confirmed=value, **doubtful).status_code == 204


def test_a_warning_may_be_turned_off_for_good_but_not_one_that_blocks(
    as_alice: Client, alice: User, draft: Outgoing
) -> None:
    page = send(as_alice, draft, subject="").content.decode()
    assert "/compose/silence/empty_subject/" in page
    as_alice.post("/compose/silence/empty_subject/", headers=HX)
    alice.refresh_from_db()
    assert alice.silenced_guards == ["empty_subject"]
    assert as_alice.post("/compose/silence/invalid/", headers=HX).status_code == 404
    assert as_alice.post("/compose/silence/opted_out/", headers=HX).status_code == 404
    assert send(as_alice, draft, subject="").status_code == 204


@pytest.mark.parametrize("role", ["to", "cc", "bcc"])
def test_an_address_that_does_not_exist_blocks_in_every_role(
    as_alice: Client, draft: Outgoing, role: str
) -> None:
    suppression.mark_invalid(builders.address("mort@client.example").pk)
    dead = {"name": "", "address": "Mort@Client.example", "record": ""}
    people = {"to": [TO], "cc": [], "bcc": []}
    people[role] = [*people[role], dead]
    response = send(as_alice, draft, people=json.dumps(people), confirmed="invalid")
    page = response.content.decode()
    assert response.status_code == 422
    assert "The e-mail address does not exist: Mort@Client.example" in page
    assert "data-compose-anyway" not in page
    assert state(draft) == Outgoing.State.DRAFT


def test_bnc_04_is_said_in_french_as_it_is_required(
    as_alice: Client, alice: User, draft: Outgoing
) -> None:
    alice.language = "fr"
    alice.save()
    suppression.mark_invalid(builders.address(TO["address"]).pk)
    told = as_alice.post(f"/compose/{draft.pk}/save/", form(draft), headers=JSON).json()
    assert told["verdicts"][TO["address"]]["words"] == "L’adresse e-mail n’existe pas"


def test_one_who_opted_out_is_written_to_only_on_purpose(
    as_alice: Client, draft: Outgoing, organisation: Organisation
) -> None:
    suppression.mark_opted_out(builders.address(TO["address"]).pk)
    page = send(as_alice, draft).content.decode()
    assert "asked for no more mail" in page and "Never ask this" not in page
    organisation.opt_out_blocks_all = True
    organisation.save()
    assert send(as_alice, draft, confirmed="opted_out").status_code == 422
    organisation.opt_out_blocks_all = False
    organisation.save()
    assert send(as_alice, draft, confirmed="opted_out").status_code == 204


def test_another_customers_name_is_noticed_and_the_recipients_own_is_not(
    as_alice: Client, alice: User, draft: Outgoing, eloise: Person
) -> None:
    vasseur = builders.company(alice, "Transports Vasseur")
    builders.person(alice, "marc@vasseur.example", company=vasseur)
    own = send(as_alice, draft, html="<p>Pour Meunier Logistique, comme convenu.</p>")
    assert own.status_code == 204
    other = writing.begin(alice, people={"to": [TO]}, subject="Devis")
    page = send(as_alice, other, html="<p>L’offre de Transports Vasseur est prête.</p>")
    assert page.status_code == 422
    assert "The text names another account: Transports Vasseur." in page.content.decode()


def test_the_first_outsider_in_a_conversation_of_colleagues_is_noticed(
    as_alice: Client, alice: User, bob: User, mailbox: MailAccount
) -> None:
    copy = builders.receive(mailbox, sender=bob.email, name="Bob Durand", subject="Marge")
    url = f"/compose/reply/{copy.thread_id}/{copy.pk}/reply/"
    as_alice.post(url, headers=HX)
    draft = Outgoing.objects.get()
    people = draft.people | {"cc": [TO]}
    response = send(as_alice, draft, people=json.dumps(people), html="<p>Bonjour Bob, oui.</p>")
    assert "Éloïse Garnier is not a colleague." in response.content.decode()
    assert send(as_alice, draft, people=json.dumps(draft.people | {"cc": []})).status_code == 204


def test_a_field_without_a_value_refuses_and_names_it(
    as_alice: Client, draft: Outgoing, thomas: Person
) -> None:
    people = json.dumps({"to": [{**TO, "name": "", "address": "t.leclerc@logis.example"}]})
    response = send(as_alice, draft, people=people, html="<p>Votre projet {Deal.name}</p>")
    page = response.content.decode()
    assert response.status_code == 422
    assert "t.leclerc@logis.example has no value for “Deal: name”." in page
    assert "data-compose-anyway" not in page
    assert send(as_alice, draft, html="<p>{Deal.nmae}</p>").status_code == 422
    assert state(draft) == Outgoing.State.DRAFT


def test_several_recipients_of_fields_get_a_mail_each_and_one_undo_brings_all_back(
    as_alice: Client, draft: Outgoing, eloise: Person, thomas: Person, warehouse: Deal
) -> None:
    to = [
        {"name": p.name, "address": a, "record": f"person:{p.pk}"}
        for p, a in ((eloise, "e.garnier@meunier.example"), (thomas, "t.leclerc@logis.example"))
    ]
    people = {"to": to, "cc": [], "bcc": [{"name": "", "address": "chef@clarte.example"}]}
    html = "<p>Bonjour {Person.firstName}, {Deal.name|votre projet} avance.</p>"
    response = send(as_alice, draft, people=json.dumps(people), html=html)
    assert json.loads(response["HX-Trigger"])["toast"]["text"] == "2 messages sent"
    mails = list(Outgoing.objects.order_by("pk"))
    assert [m.html for m in mails] == [
        "<p>Bonjour Éloïse, Entrepôt de Saint-Priest avance.</p>",
        "<p>Bonjour Thomas, votre projet avance.</p>",
    ]
    assert [[r.address.address for r in m.recipients.order_by("pk")] for m in mails] == [
        ["e.garnier@meunier.example", "chef@clarte.example"],
        ["t.leclerc@logis.example", "chef@clarte.example"],
    ]
    assert len({m.message_id for m in mails}) == 2
    as_alice.post(f"/compose/{draft.pk}/undo/", headers=HX)
    back = Outgoing.objects.get()
    assert back.html == html and back.state == Outgoing.State.DRAFT
    assert [p["name"] for p in back.people["to"]] == ["Éloïse Garnier", "Thomas Leclerc"]


def test_undo_of_several_of_which_one_has_left_keeps_the_others_as_drafts(
    as_alice: Client, draft: Outgoing, eloise: Person, thomas: Person
) -> None:
    to = [TO, {"name": "Thomas", "address": "t.leclerc@logis.example", "record": ""}]
    send(as_alice, draft, people=json.dumps({"to": to}), html="<p>Bonjour {Person.firstName}</p>")
    Outgoing.objects.filter(pk=draft.pk).update(state=Outgoing.State.SENT, sent_at=clock.now())
    response = as_alice.post(f"/compose/{draft.pk}/undo/", headers=HX)
    told = json.loads(response["HX-Trigger"])
    assert told["toast"]["text"] == "1 had left already; 1 is a draft again"
    other = Outgoing.objects.exclude(pk=draft.pk).get()
    assert other.state == Outgoing.State.DRAFT and "Thomas" in other.html


def test_a_second_click_is_answered_like_the_first_and_sends_nothing(
    as_alice: Client, draft: Outgoing, nothing_leaves: list[int]
) -> None:
    posted = form(draft)
    url = f"/compose/{draft.pk}/send/"
    answers = [as_alice.post(url, posted, headers=HX) for _ in range(2)]
    assert [a.status_code for a in answers] == [204, 204]
    assert nothing_leaves == [draft.pk]
    assert Outgoing.objects.count() == 1 and draft.recipients.count() == 1


def test_another_tabs_version_is_not_sent_unseen(as_alice: Client, draft: Outgoing) -> None:
    old = form(draft)
    as_alice.post(f"/compose/{draft.pk}/save/", {**old, "html": "<p>Ailleurs</p>"}, headers=JSON)
    response = as_alice.post(
        f"/compose/{draft.pk}/send/", {**old, "html": "<p>Ici</p>"}, headers=HX
    )
    assert response.status_code == 409 and response.json()["conflict"]
    assert state(draft) == Outgoing.State.DRAFT


def test_undo_opens_the_draft_again_and_too_late_says_so(as_alice: Client, draft: Outgoing) -> None:
    send(as_alice, draft)
    response = as_alice.post(f"/compose/{draft.pk}/undo/", headers=HX)
    told = json.loads(response["HX-Trigger"])
    assert told["compose:open"] == {"url": f"/compose/{draft.pk}/", "thread": None}
    assert state(draft) == Outgoing.State.DRAFT
    assert not draft.recipients.exists()
    send(as_alice, draft)
    Outgoing.objects.update(state=Outgoing.State.SENDING, lease_until=clock.seconds_from_now(60))
    response = as_alice.post(f"/compose/{draft.pk}/undo/", headers=HX)
    assert "left already" in response["HX-Trigger"] and "compose:open" not in response["HX-Trigger"]


def test_without_undo_seconds_the_toast_offers_none(
    as_alice: Client, alice: User, draft: Outgoing
) -> None:
    alice.undo_seconds = 0
    alice.save()
    told = json.loads(send(as_alice, draft)["HX-Trigger"])
    assert told["toast"]["undo"] == ""


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_the_same_instant_send_once(
    alice: User, mailbox: MailAccount, nothing_leaves: list[int]
) -> None:
    draft = writing.begin(alice, people={"to": [TO]}, subject="Devis", html="<p>Voici.</p>")
    start = threading.Barrier(6)
    answers: list[writing.Left | Exception] = []

    def click() -> None:
        start.wait()
        try:
            answers.append(writing.send(alice, draft.pk, version=draft.version))
        except Exception as failure:  # noqa: BLE001 (told below)
            answers.append(failure)
        finally:
            connections["default"].close()

    clicks = [threading.Thread(target=click) for _ in range(6)]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join()
    assert all(isinstance(a, writing.Left) and a.outgoing_id == draft.pk for a in answers), answers
    assert sum(not a.again for a in answers if isinstance(a, writing.Left)) == 1
    assert nothing_leaves == [draft.pk]
    assert Outgoing.objects.count() == 1 and draft.recipients.count() == 1
    connection.close()


# Scheduling


NOON = datetime(2026, 11, 19, 11, 0, tzinfo=UTC)  # a Thursday, noon in Paris


def codes(at: datetime, user: User) -> list[str]:
    return [preset.code for preset in times.presets(user, at)]


def test_the_presets_are_this_evening_tomorrow_and_monday(alice: User) -> None:
    assert codes(NOON, alice) == ["2026-11-19T18:00", "2026-11-20T08:00", "2026-11-23T08:00"]


@pytest.mark.parametrize(("minutes", "offered"), [(45, True), (46, False), (60 + 30, False)])
def test_this_evening_is_absent_when_less_than_a_quarter_of_an_hour_away(
    alice: User, minutes: int, offered: bool
) -> None:
    at = datetime(2026, 11, 19, 16, 0, tzinfo=UTC) + timedelta(minutes=minutes)
    assert ("2026-11-19T18:00" in codes(at, alice)) is offered


def test_on_sunday_tomorrow_is_monday_and_said_once(alice: User) -> None:
    assert codes(datetime(2026, 11, 22, 11, tzinfo=UTC), alice) == [
        "2026-11-22T18:00",
        "2026-11-23T08:00",
    ]


def test_the_evening_is_that_of_the_users_own_zone(alice: User) -> None:
    alice.time_zone = "America/New_York"
    assert codes(datetime(2026, 11, 20, 3, 0, tzinfo=UTC), alice)[0] == "2026-11-20T08:00"


def schedule(client: Client, draft: Outgoing, **more: Any) -> Any:
    return client.post(f"/compose/{draft.pk}/schedule/", form(draft, **more), headers=HX)


def test_a_date_a_time_and_a_zone_are_kept_as_chosen(as_alice: Client, draft: Outgoing) -> None:
    response = schedule(as_alice, draft, date="2027-01-04", time="09:00", zone="America/New_York")
    assert response.status_code == 204
    said = json.loads(response["HX-Trigger"])["toast"]["text"]
    assert said == "Scheduled: Monday 4 January 09:00 in New York, 15:00 for you"
    assert state(draft) == Outgoing.State.SCHEDULED
    assert draft.scheduled_at == datetime(2027, 1, 4, 14, 0, tzinfo=UTC)
    assert draft.time_zone == "America/New_York"


def test_an_hour_that_the_clocks_skip_becomes_the_next_one(
    as_alice: Client, draft: Outgoing
) -> None:
    schedule(as_alice, draft, date="2027-03-28", time="02:30", zone="Europe/Paris")
    draft.refresh_from_db()
    assert draft.scheduled_at == datetime(2027, 3, 28, 1, 0, tzinfo=UTC)


def test_a_preset_is_the_hour_its_button_showed(as_alice: Client, draft: Outgoing) -> None:
    with time_machine.travel(NOON, tick=False):
        assert schedule(as_alice, draft, preset="2026-11-20T08:00").status_code == 204
    draft.refresh_from_db()
    assert draft.scheduled_at == datetime(2026, 11, 20, 7, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ({"date": "2020-01-01", "time": "10:00", "zone": "Europe/Paris"}, "This hour is past"),
        ({"date": "", "time": "", "zone": "Europe/Paris"}, "Choose a date and a time"),
        ({"date": "2030-02-31", "time": "10:00", "zone": "UTC"}, "Choose a date and a time"),
        ({"date": "2030-02-01", "time": "25:00", "zone": "UTC"}, "Choose a date and a time"),
        ({"date": "2030-02-01", "time": "10:00", "zone": "../../etc/passwd"}, "not known"),
        ({"date": "2030-02-01", "time": "10:00", "zone": "Mars/Olympus"}, "not known"),
        ({"preset": "nonsense"}, "Choose a date and a time"),
        ({"date": "9999-12-31", "time": "23:59", "zone": "Etc/GMT+12"}, "Choose a date and a time"),
    ],
)
def test_an_hour_that_cannot_be_is_refused_in_words(
    as_alice: Client, draft: Outgoing, chosen: dict[str, str], words: str
) -> None:
    response = schedule(as_alice, draft, **chosen)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert state(draft) == Outgoing.State.DRAFT
    if "date" in chosen:
        told = as_alice.get("/compose/when/", chosen).json()
        assert words in told["error"] and not told["words"]


def test_the_guards_ask_before_scheduling_too_and_keep_the_hour(
    as_alice: Client, draft: Outgoing
) -> None:
    later = {"date": "2030-02-01", "time": "10:00", "zone": "Asia/Tokyo"}
    page = schedule(as_alice, draft, subject="", **later).content.decode()
    url = page.partition('formaction="/compose/')[2].partition('"')[0]
    retry = page.partition('value="empty_subject" formaction="')[2].partition('"')[0]
    assert url and "time=10%3A00" in retry and "zone=Asia%2FTokyo" in retry
    again = form(draft, subject="", confirmed="empty_subject")
    response = as_alice.post(retry.replace("&amp;", "&"), again, headers=HX)
    assert response.status_code == 204
    draft.refresh_from_db()
    assert draft.scheduled_at == datetime(2030, 2, 1, 1, 0, tzinfo=UTC)


def test_editing_a_scheduled_mail_says_so_and_its_hour_is_kept_with_one_press(
    as_alice: Client, alice: User, draft: Outgoing
) -> None:
    schedule(as_alice, draft, date="2030-02-01", time="10:00", zone="Asia/Tokyo")
    assert outbox.hold_for_editing(draft.pk, alice)
    page = as_alice.get(f"/compose/{draft.pk}/").content.decode()
    assert "It does not leave while you edit it." in page
    assert 'name="date" aria-label="Date" value="2030-02-01"' in page
    url = page.partition("composer__again")[2].partition('formaction="')[2].partition('"')[0]
    response = as_alice.post(url.replace("&amp;", "&"), form(draft, subject="Autre"), headers=HX)
    assert response.status_code == 204
    draft.refresh_from_db()
    assert (draft.state, draft.subject) == (Outgoing.State.SCHEDULED, "Autre")
    assert draft.scheduled_at == datetime(2030, 2, 1, 1, 0, tzinfo=UTC)


def test_all_zones_are_listed_with_their_distance(as_alice: Client) -> None:
    page = as_alice.get("/compose/zones/").content.decode()
    assert '<option value="Europe/Paris" selected>Europe/Paris (UTC+' in page
    assert "Asia/Kathmandu (UTC+5:45)" in page


# Answers


def test_an_answer_is_begun_once_and_gone_on_with(
    as_alice: Client, alice: User, mailbox: MailAccount
) -> None:
    copy = builders.receive(
        mailbox, sender="e.garnier@meunier.example", name="Éloïse Garnier", text="Bonjour Alice"
    )
    url = f"/compose/reply/{copy.thread_id}/{copy.pk}/reply/"
    assert as_alice.get(url).status_code == 405
    page = as_alice.post(url, {"text": "Merci <b>"}, headers=HX).content.decode()
    draft = Outgoing.objects.get()
    assert 'data-shape="reply"' in page and "Merci &lt;b&gt;" in draft.html
    assert draft.subject == "Re: Devis" and draft.source == copy
    assert "Bonjour Alice" in draft.quote_text
    as_alice.post(url, headers=HX)
    assert Outgoing.objects.count() == 1
    quoted = as_alice.get(f"/compose/{draft.pk}/quote/")
    assert "Bonjour Alice" in quoted.content.decode()
    assert "default-src 'none'" in quoted["Content-Security-Policy"]
    send(as_alice, draft)
    draft.refresh_from_db()
    assert draft.in_reply_to == copy.message.message_id  # type: ignore[union-attr]


def test_somebody_elses_message_cannot_be_answered_nor_one_of_another_thread(
    as_bob: Client, bob: User, alice: User, mailbox: MailAccount, make_account: Any
) -> None:
    make_account(bob)
    copy = builders.receive(mailbox, sender="e.garnier@meunier.example")
    for kind in ("reply", "reply_all", "forward"):
        url = f"/compose/reply/{copy.thread_id}/{copy.pk}/{kind}/"
        assert as_bob.post(url, headers=HX).status_code == 404
    assert not Outgoing.objects.exists()


def test_an_answer_belongs_to_the_thread_it_names(as_alice: Client, mailbox: MailAccount) -> None:
    copy = builders.receive(mailbox, sender="e.garnier@meunier.example")
    for url in (f"/compose/reply/{copy.thread_id + 1}/{copy.pk}/reply/",
                f"/compose/reply/{copy.thread_id}/{copy.pk}/shout/"):  # fmt: skip
        assert as_alice.post(url, headers=HX).status_code == 404
