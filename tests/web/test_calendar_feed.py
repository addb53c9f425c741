"""A calendar that other programs read."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from relance.crm import meetings, tasks
from relance.crm.models import CalendarFeed, Meeting, Task
from relance.lib import clock
from relance.users.models import User

pytestmark = pytest.mark.django_db
HX = {"HX-Request": "true"}


def address(client: Client) -> str:
    page = client.post("/calendar/feed/make/", headers=HX).content.decode()
    found = re.search(r"http://testserver(/calendar/feed/[^\"]+\.ics)", page)
    assert found
    return found[1]


def test_a_secret_address_shows_the_calendar_without_a_login(
    as_alice: Client, alice: User, bob: User
) -> None:
    now = clock.now()
    point = Meeting(name="Point, équipe", starts_at=now, ends_at=now + timedelta(hours=1))
    meetings.create(alice, point, guests=["someone@client.example"])
    meetings.create(bob, Meeting(name="À Bob", starts_at=now, ends_at=now + timedelta(hours=1)))
    tasks.create(alice, Task(name="Chiffrer", due_on=now.date(), due_at=now))
    answer = Client().get(address(as_alice))
    text = answer.content.decode().replace("\r\n ", "")
    assert answer["Content-Type"].startswith("text/calendar")
    assert "no-store" in answer["Cache-Control"]
    assert "SUMMARY:Point\\, équipe" in text
    assert f"UID:{point.uid}" in text
    assert "SUMMARY:Chiffrer" in text
    assert f"URL:http://testserver/calendar/{point.pk}/" in text
    assert "À Bob" not in text
    assert "someone@client.example" not in text


def test_another_address_ends_the_former_and_stopping_ends_both(as_alice: Client) -> None:
    former = address(as_alice)
    latter = address(as_alice)
    assert Client().get(former).status_code == 404
    assert Client().get(latter).status_code == 200
    as_alice.post("/calendar/feed/stop/")
    assert Client().get(latter).status_code == 404


def test_the_secret_is_not_kept_and_not_shown_again(as_alice: Client) -> None:
    secret = address(as_alice).rpartition("/")[2].removesuffix(".ics")
    assert secret not in CalendarFeed.objects.get().token_digest
    assert secret not in as_alice.get("/calendar/feed/").content.decode()


def test_who_has_left_has_no_calendar_elsewhere(as_alice: Client, alice: User) -> None:
    url = address(as_alice)
    alice.is_active = False
    alice.save()
    assert Client().get(url).status_code == 404
    assert Client().get("/calendar/feed/nonsense.ics").status_code == 404
    assert Client().get("/calendar/feed/").status_code == 302
