"""The calendar, and the events in it."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from relance.crm import calls, meetings, tasks
from relance.crm.models import Call, Meeting, Person, Task
from relance.mail.models import Outgoing
from relance.users.models import User
from relance.web.meetings import grid
from tests.inbox import builders

pytestmark = pytest.mark.django_db
HX = {"HX-Request": "true"}
MONDAY = date(2026, 11, 23)


def event(owner: User, name: str, hour: int, **fields: object) -> Meeting:
    starts = datetime(2026, 11, 26, hour, tzinfo=UTC)
    values = {"starts_at": starts, "ends_at": starts + timedelta(hours=1), **fields}
    return meetings.create(owner, Meeting(name=name, **values))


def values(alice: User, **changes: object) -> dict[str, object]:
    return {
        "name": "Visite",
        "start_day": "2026-11-26",
        "start_hour": "06:00",
        "end_day": "2026-11-26",
        "end_hour": "07:30",
        "time_zone": "Europe/Paris",
        "owner": alice.pk,
        **changes,
    }


def test_an_event_stands_in_the_hours_of_its_zone(
    as_alice: Client, alice: User, eloise: Person
) -> None:
    page = as_alice.get(f"/calendar/create/?person={eloise.pk}", headers=HX).content.decode()
    assert "e.garnier@meunier.example</textarea>" in page
    sent = values(
        alice,
        time_zone="America/New_York",
        guests="e.garnier@meunier.example, Bob <bob@other.example>",
        person="Éloïse Garnier",
    )
    assert as_alice.post("/calendar/create/", sent, headers=HX).status_code == 204
    meeting = Meeting.objects.get()
    assert meeting.starts_at == datetime(2026, 11, 26, 11, tzinfo=UTC)
    guests = list(meeting.attendees.order_by("pk").values_list("address", "person"))
    assert guests == [("e.garnier@meunier.example", eloise.pk), ("bob@other.example", None)]
    assert "12:00 to 13:30" in as_alice.get(f"/calendar/{meeting.pk}/").content.decode()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"end_hour": "06:00"}, "The end must come after the beginning."),
        ({"end_day": "2026-11-25"}, "The end must come after the beginning."),
        ({"end_hour": ""}, "Say the hour, or choose all day."),
        ({"guests": "nobody"}, "is no e-mail address"),
        ({"time_zone": "Mars/Olympus"}, "Select a valid choice"),
        ({"is_all_day": "on", "end_day": "2026-11-25"}, "The end must come after the beginning."),
    ],
)
def test_an_impossible_event_is_refused_in_words(
    as_alice: Client, alice: User, changes: dict[str, str], words: str
) -> None:
    page = as_alice.post("/calendar/create/", values(alice, **changes), headers=HX)
    assert page.status_code == 200
    assert words in page.content.decode()
    assert not Meeting.objects.exists()


def test_whole_days_stay_the_same_days_in_every_zone(as_alice: Client, alice: User) -> None:
    sent = values(alice, is_all_day="on", end_day="2026-11-27", start_hour="", end_hour="")
    assert as_alice.post("/calendar/create/", sent, headers=HX).status_code == 204
    for zone in ("Europe/Paris", "Pacific/Auckland", "America/Los_Angeles"):
        alice.time_zone = zone
        week = grid.week(alice, MONDAY)
        on = [day.on.day for day in week.days if day.whole]
        assert on == [26, 27], zone


def test_the_week_shows_mine_and_what_i_am_invited_to(
    as_alice: Client, alice: User, bob: User
) -> None:
    event(alice, "Point équipe", 8)
    event(bob, "Privé de Bob", 9)
    shared = event(bob, "Pipeline", 10)
    meetings.set_guests(shared, [alice.email])
    calls.create(alice, Call(name="Appel Sorel", starts_at=datetime(2026, 11, 25, 13, tzinfo=UTC)))
    at = datetime(2026, 11, 24, 10, tzinfo=UTC)
    tasks.create(alice, Task(name="Finir le devis", due_on=at.date(), due_at=at))
    page = as_alice.get("/calendar/?on=2026-11-25").content.decode()
    for name in ("Point équipe", "Pipeline", "Appel Sorel", "Finir le devis"):
        assert name in page
    assert "Privé de Bob" not in page
    assert "Point équipe" not in as_alice.get("/calendar/?on=2026-12-02").content.decode()
    month = as_alice.get("/calendar/month/?on=2026-11-02").content.decode()
    assert "Point équipe" in month
    assert "November 2026" in month


def test_what_overlaps_stands_side_by_side(alice: User) -> None:
    event(alice, "A", 8)
    event(alice, "B", 8)
    event(alice, "C", 12)
    thursday = grid.week(alice, MONDAY).days[3]
    places = [(b.title, b.lane, b.lanes) for b in thursday.blocks]
    assert places == [("A", 0, 2), ("B", 1, 2), ("C", 0, 1)]


def test_early_and_nightly_events_widen_the_scale(alice: User) -> None:
    event(alice, "Quai", 5)
    assert grid.week(alice, MONDAY).hours == range(6, 18)  # six in Paris
    night = datetime(2026, 11, 26, 21, tzinfo=UTC)
    meetings.create(
        alice, Meeting(name="Pose", starts_at=night, ends_at=night + timedelta(hours=6))
    )
    week = grid.week(alice, MONDAY)
    assert week.hours == range(0, 24)
    blocks = {day.on.day: [b.title for b in day.blocks] for day in week.days}
    assert blocks[26] == ["Quai", "Pose"]
    assert blocks[27] == ["Pose"]


@time_machine.travel("2026-11-24T09:00:00Z", tick=False)
def test_a_new_hour_is_a_new_version_to_answer_again(alice: User) -> None:
    meeting = event(alice, "Point", 8)
    meetings.set_guests(meeting, ["bob@other.example"])
    meeting.attendees.update(answer="accepted")
    meeting.name = "Point d’équipe"
    meetings.edit(meeting)
    assert (meeting.sequence, meeting.attendees.get().answer) == (0, "accepted")
    meeting.starts_at += timedelta(minutes=30)
    meetings.edit(meeting)
    assert (meeting.sequence, meeting.attendees.get().answer) == (1, "none")


def test_nonsense_in_the_address_is_today(as_alice: Client) -> None:
    for asked in ("0001-01-01", "9999-12-31", "x", "2026-02-31", ""):
        assert as_alice.get(f"/calendar/?on={asked}").status_code == 200
        assert as_alice.get(f"/calendar/month/?on={asked}").status_code == 200
        assert as_alice.get(f"/calendar/create/?at={asked}T99").status_code == 200


def test_a_full_week_costs_few_queries(as_alice: Client, alice: User, eloise: Person) -> None:
    for n in range(20):
        event(alice, f"Point {n}", 6 + n % 10, person=eloise)
        tasks.create(alice, Task(name=f"Tâche {n}", person=eloise))
    as_alice.get("/calendar/?on=2026-11-25")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        as_alice.get("/calendar/?on=2026-11-25")
    assert len(queries) <= 12


def test_the_card_of_a_record_shows_what_comes_then_what_was(
    as_alice: Client, alice: User, eloise: Person
) -> None:
    event(alice, "Visite du site", 5, person=eloise)
    long_ago = datetime(2020, 11, 9, 9, tzinfo=UTC)
    calls.create(
        alice,
        Call(name="Budget", person=eloise, starts_at=long_ago, seconds=720, status="held"),
    )
    card = as_alice.get(f"/calendar/related/person/{eloise.pk}/").content.decode()
    assert "Visite du site" in card
    assert "12 min" in card
    assert as_alice.get(f"/calendar/related/deal/{eloise.pk + 99}/").status_code == 404


def test_an_event_of_another_is_read_and_a_deleted_one_is_gone(as_bob: Client, alice: User) -> None:
    meeting = event(alice, "Point", 8)
    assert as_bob.get(f"/calendar/{meeting.pk}/").status_code == 200
    assert as_bob.post(f"/calendar/{meeting.pk}/cancelled/").status_code == 302
    meeting.refresh_from_db()
    assert meeting.status == Meeting.Status.CANCELLED
    as_bob.post(f"/calendar/{meeting.pk}/delete/")
    assert as_bob.get(f"/calendar/{meeting.pk}/").status_code == 404


def test_guests_are_invited_by_mail_when_that_is_asked(
    as_alice: Client, as_bob: Client, alice: User
) -> None:
    assert (
        'type="checkbox" name="invites"' not in as_alice.get("/calendar/create/").content.decode()
    )
    builders.account(alice)
    assert 'type="checkbox" name="invites"' in as_alice.get("/calendar/create/").content.decode()
    far = values(alice, start_day="2099-11-26", end_day="2099-11-26", guests="x@client.example")
    answer = as_alice.post("/calendar/create/", {**far, "invites": "on"}, headers=HX)
    assert "Sent to 1 guest" in answer["HX-Trigger"]
    outgoing = Outgoing.objects.get()
    assert outgoing.subject == "Invitation: Visite"
    assert "06:00 to 07:30" in outgoing.text
    page = as_alice.get(f"/calendar/{Meeting.objects.get().pk}/").content.decode()
    assert "Invited, no answer yet" in page
    assert "/tell/" not in page
    as_alice.post("/calendar/create/", {**far, "name": "Sans mail"}, headers=HX)
    later = Meeting.objects.latest("pk")
    assert "/tell/" in as_alice.get(f"/calendar/{later.pk}/").content.decode()
    assert "/tell/" not in as_bob.get(f"/calendar/{later.pk}/").content.decode()
    as_bob.post(f"/calendar/{later.pk}/tell/")
    assert Outgoing.objects.count() == 1
    as_alice.post(f"/calendar/{later.pk}/tell/")
    assert Outgoing.objects.count() == 2
