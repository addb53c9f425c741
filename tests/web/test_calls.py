"""Calls, planned and logged."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from relance.crm import calls
from relance.crm.models import Call, Person
from relance.lib import clock
from relance.users.models import User

pytestmark = pytest.mark.django_db
HX = {"HX-Request": "true"}


def test_a_call_is_logged_with_its_duration_and_result(
    as_alice: Client, alice: User, eloise: Person
) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    values = {
        "name": "Budget",
        "direction": "out",
        "status": "held",
        "day": yesterday.isoformat(),
        "hour": "10:15",
        "minutes": "12",
        "result": "budget confirmé",
        "owner": alice.pk,
        "person": "Éloïse Garnier",
    }
    assert as_alice.post("/calls/create/", values, headers=HX).status_code == 204
    call = Call.objects.get()
    assert (call.seconds, call.person, call.result) == (720, eloise, "budget confirmé")
    page = as_alice.get(f"/calls/{call.pk}/").content.decode()
    assert "12 min" in page
    assert "budget confirmé" in as_alice.get("/calls/").content.decode()


def test_a_call_to_come_was_not_made(as_alice: Client, alice: User) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    values = {
        "name": "Budget",
        "direction": "out",
        "status": "held",
        "day": tomorrow.isoformat(),
        "hour": "10:15",
        "owner": alice.pk,
    }
    page = as_alice.post("/calls/create/", values, headers=HX).content.decode()
    assert "A call that was made is not to come." in page


def test_editing_keeps_the_seconds_a_form_does_not_show(as_alice: Client, alice: User) -> None:
    call = calls.create(alice, Call(name="Budget", seconds=725, starts_at=clock.now()))
    at = timezone.localtime(call.starts_at)
    values = {
        "name": "Budget 2027",
        "direction": "in",
        "status": "planned",
        "day": f"{at:%Y-%m-%d}",
        "hour": f"{at:%H:%M}",
        "minutes": "12",
        "owner": alice.pk,
    }
    assert as_alice.post(f"/calls/{call.pk}/edit/", values).status_code == 302
    call.refresh_from_db()
    assert (call.name, call.seconds) == ("Budget 2027", 725)


def test_a_planned_call_is_held_or_not(as_alice: Client, alice: User) -> None:
    call = calls.create(alice, Call(name="Budget", starts_at=clock.now()))
    as_alice.post(f"/calls/{call.pk}/not-held/")
    call.refresh_from_db()
    assert call.status == Call.Status.NOT_HELD
    assert as_alice.post(f"/calls/{call.pk}/lost/").status_code == 404
