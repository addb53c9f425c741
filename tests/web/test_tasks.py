"""Tasks in the browser: the list, the dialog, ticking off, and the card of a record."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from relance.crm import tasks
from relance.crm.models import Company, Deal, Person, Task
from relance.journal.models import Entry
from relance.users.models import User
from tests.inbox import builders

pytestmark = pytest.mark.django_db
HX = {"HX-Request": "true"}


def test_the_list_begins_with_mine_that_are_to_be_done(
    as_alice: Client, alice: User, bob: User
) -> None:
    tasks.create(alice, Task(name="Rappeler Karim"))
    tasks.create(alice, Task(name="Fini", status=Task.Status.DONE))
    tasks.create(bob, Task(name="À Bob"))
    page = as_alice.get("/tasks/").content.decode()
    assert "Rappeler Karim" in page
    assert "Fini" not in page
    assert "À Bob" not in page
    assert "À Bob" in as_alice.get("/tasks/?view=all").content.decode()


def test_a_task_is_made_in_a_dialog_about_a_person_and_a_deal(
    as_alice: Client, alice: User, eloise: Person, warehouse: Deal, meunier: Company
) -> None:
    dialog = as_alice.get(f"/tasks/create/?person={eloise.pk}", headers=HX).content.decode()
    assert "<dialog" in dialog
    assert "e.garnier@meunier.example" in dialog
    assert "Entrepôt de Saint-Priest" in dialog
    values = {
        "name": "Envoyer le planning",
        "due_on": "2026-11-27",
        "due_hour": "14:00",
        "priority": "normal",
        "owner": alice.pk,
        "person": "Éloïse Garnier <e.garnier@meunier.example>",
        "deal": warehouse.pk,
    }
    answer = as_alice.post("/tasks/create/", values, headers=HX)
    assert answer.status_code == 204
    assert '"record-saved": {"kind": "task"' in answer["HX-Trigger"]
    task = Task.objects.get()
    assert (task.person, task.deal, task.company) == (eloise, warehouse, meunier)
    assert task.due_at
    assert task.due_at.astimezone(alice.zone).hour == 14


def test_an_hour_wants_its_day_and_nothing_typed_is_lost(as_alice: Client, alice: User) -> None:
    values = {"name": "Devis", "due_hour": "14:00", "priority": "high", "owner": alice.pk}
    page = as_alice.post("/tasks/create/", values, headers=HX).content.decode()
    assert "Say the day too." in page
    assert 'value="14:00"' in page
    assert not Task.objects.exists()


def test_a_mail_one_may_not_see_is_no_source_of_a_task(
    as_alice: Client, alice: User, bob: User
) -> None:
    hers = builders.receive(builders.account(alice))
    his = builders.receive(builders.account(bob))
    values = {"name": "Devis", "priority": "low", "owner": alice.pk}
    for copy, kept in ((hers, hers.message_id), (his, None)):
        as_alice.post("/tasks/create/", {**values, "mail": copy.message_id})
        assert Task.objects.latest("pk").mail_key == kept


def test_ticking_off_can_be_undone(as_alice: Client, alice: User) -> None:
    task = tasks.create(alice, Task(name="Devis"))
    answer = as_alice.post(f"/tasks/{task.pk}/done/", headers=HX)
    assert answer.status_code == 204
    task.refresh_from_db()
    assert task.is_done
    as_alice.post(f"/undo/{Entry.objects.get().pk}/", headers=HX)
    task.refresh_from_db()
    assert not task.is_done


def test_the_card_of_a_record_shows_its_tasks(
    as_alice: Client, alice: User, eloise: Person, meunier: Company
) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    tasks.create(alice, Task(name="Rappeler", person=eloise, due_on=yesterday))
    for where in (f"person/{eloise.pk}", f"company/{meunier.pk}"):
        card = as_alice.get(f"/tasks/related/{where}/", headers=HX).content.decode()
        assert "Rappeler" in card
        assert "yesterday" in card
    assert as_alice.get(f"/tasks/related/person/{eloise.pk + 99}/").status_code == 404
    assert as_alice.get(f"/tasks/related/user/{alice.pk}/").status_code == 404


def test_a_deleted_task_is_found_no_more(as_bob: Client, alice: User) -> None:
    task = tasks.create(alice, Task(name="Devis"))
    assert "Devis" in as_bob.get(f"/tasks/{task.pk}/").content.decode()
    assert as_bob.post(f"/tasks/{task.pk}/delete/").status_code == 302
    assert as_bob.get(f"/tasks/{task.pk}/").status_code == 404


def test_a_way_back_never_leaves_the_house(as_alice: Client, alice: User) -> None:
    task = tasks.create(alice, Task(name="Devis"))
    answer = as_alice.post(f"/tasks/{task.pk}/done/", {"next": "https://evil.example/"})
    assert answer["Location"] == f"/tasks/{task.pk}/"
    answer = as_alice.post(f"/tasks/{task.pk}/open/", {"next": "//evil.example/"})
    assert answer["Location"] == f"/tasks/{task.pk}/"


def test_the_rail_counts_what_is_to_be_done_and_the_list_marks_what_is_late(
    as_alice: Client, alice: User, bob: User
) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    tasks.create(alice, Task(name="Rappeler", due_on=yesterday))
    tasks.create(alice, Task(name="Fini", status=Task.Status.DONE))
    tasks.create(bob, Task(name="À Bob"))
    page = as_alice.get("/tasks/").content.decode()
    assert '<span class="rail__n" id="rail-tasks">1</span>' in page
    assert "yesterday" in page
    assert "(late)" in page


def test_a_list_of_tasks_costs_few_queries(as_alice: Client, alice: User, eloise: Person) -> None:
    for n in range(60):
        tasks.create(alice, Task(name=f"Tâche {n}", person=eloise))
    as_alice.get("/tasks/")
    with CaptureQueriesContext(connection) as queries:
        as_alice.get("/tasks/")
    assert len(queries) <= 12
    with CaptureQueriesContext(connection) as queries:
        as_alice.get(f"/tasks/related/person/{eloise.pk}/", headers=HX)
    assert len(queries) <= 8


def test_a_card_beside_a_mail_makes_tasks_from_it(
    as_alice: Client, alice: User, eloise: Person
) -> None:
    copy = builders.receive(builders.account(alice), sender="e.garnier@meunier.example")
    page = as_alice.get(f"/threads/{copy.thread_id}/").content.decode()
    assert f"/tasks/related/person/{eloise.pk}/?mail={copy.message_id}" in page
    url = f"/tasks/related/person/{eloise.pk}/?mail={copy.message_id}"
    card = as_alice.get(url, headers=HX).content.decode()
    assert f"/tasks/create/?person={eloise.pk}&amp;mail={copy.message_id}" in card
    dialog = as_alice.get(f"/tasks/create/?mail={copy.message_id}", headers=HX).content.decode()
    assert f'name="mail" value="{copy.message_id}"' in dialog
