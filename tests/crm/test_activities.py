"""Tasks, calls and notes on records: who may, where they show, and the way back."""

from datetime import timedelta

import pytest
import time_machine

from relance import journal
from relance.crm import (
    access,
    activities,
    calls,
    meetings,
    merging,
    notes,
    people,
    record_files,
    tasks,
)
from relance.crm.models import Call, Company, Meeting, Note, Person, RecordFile, Task
from relance.files.models import Blob
from relance.lib import clock
from relance.notices.models import Notice
from relance.users.models import User
from tests.crm.conftest import deal, person

pytestmark = pytest.mark.django_db


def test_a_task_goes_to_its_maker_and_to_the_account_of_its_person(
    alice: User, eloise: Person
) -> None:
    company = Company.objects.create(name="Meunier", owner=alice)
    eloise.company = company
    eloise.save()
    task = tasks.create(alice, Task(name="Devis", person=eloise))
    assert (task.owner, task.created_by, task.company) == (alice, alice, company)
    for field, record in (("person", eloise), ("company", company)):
        subject = activities.subject(alice, field, record.pk)
        assert subject
        assert list(activities.about(access.tasks_for(alice), subject)) == [task]


def test_whoever_is_given_a_task_is_told_and_its_giver_is_not(alice: User, bob: User) -> None:
    task = tasks.create(alice, Task(name="Devis", owner=bob))
    told = Notice.objects.get()
    assert (told.user, told.code, told.params["name"]) == (bob, "task_assigned", "Devis")
    task.owner = alice
    tasks.edit(alice, task)
    assert Notice.objects.count() == 1


def test_a_finished_task_comes_back_as_it_was(alice: User) -> None:
    task = tasks.create(alice, Task(name="Devis", status=Task.Status.STARTED))
    entry = tasks.finish(alice, task)
    task.refresh_from_db()
    assert task.is_done
    assert task.done_at
    journal.undo(entry.pk, alice)
    task.refresh_from_db()
    assert (task.status, task.done_at) == ("started", None)


def test_what_was_deleted_is_gone_until_it_is_undone(alice: User) -> None:
    task = tasks.create(alice, Task(name="Devis"))
    entry = activities.delete(alice, task)
    assert not access.tasks_for(alice).exists()
    journal.undo(entry.pk, alice)
    assert access.tasks_for(alice).get() == task


def test_who_has_left_reads_no_activity(alice: User, bob: User, eloise: Person) -> None:
    tasks.create(alice, Task(name="Devis"))
    notes.create(alice, Note(text="Un mot", person=eloise))
    assert access.notes_for(bob).exists()
    bob.is_active = False
    assert not access.tasks_for(bob).exists()
    assert not access.notes_for(bob).exists()


@time_machine.travel("2026-11-24T22:30:00Z", tick=False)
def test_a_day_ends_with_the_clock_of_its_reader(alice: User) -> None:
    """In Paris it is half past eleven in the evening; in Auckland the next day has begun."""
    task = tasks.create(alice, Task(name="Devis", due_on=clock.now().date()))
    assert not tasks.is_late(task, alice)
    alice.time_zone = "Pacific/Auckland"
    assert tasks.is_late(task, alice)
    assert list(tasks.late(Task.objects.all(), alice)) == [task]


@time_machine.travel("2026-11-24T09:00:00Z", tick=False)
def test_tasks_stand_by_their_urgency(alice: User, bob: User) -> None:
    today = clock.now().date()
    for name, days in (("hier", -1), ("ce jour", 0), ("demain", 1)):
        tasks.create(alice, Task(name=name, due_on=today + timedelta(days=days)))
    tasks.create(alice, Task(name="un jour"))
    tasks.create(bob, Task(name="à Bob", due_on=today))
    tasks.create(alice, Task(name="fini", due_on=today, status=Task.Status.DONE))
    found = tasks.agenda(alice)
    names = [[t.name for t in part] for part in (found.late, found.today, found.coming)]
    assert names == [["hier"], ["ce jour"], ["demain"]]
    assert [t.name for t in found.undated] == ["un jour"]
    assert len(found) == 4


def test_only_its_author_changes_a_note(alice: User, bob: User, eloise: Person) -> None:
    note = notes.create(alice, Note(text="Pas avant 9 h 30", person=eloise))
    with pytest.raises(notes.NotTheAuthor):
        notes.edit(bob, note, "autre chose")
    with pytest.raises(notes.NotTheAuthor):
        notes.delete(bob, note)
    assert notes.edit(alice, note, "Pas avant 10 h").text == "Pas avant 10 h"


def test_a_call_takes_the_number_of_its_person(alice: User, eloise: Person) -> None:
    eloise.phone = "04 00 00 00 41"
    eloise.save()
    call = calls.create(alice, Call(name="Budget", person=eloise))
    assert call.phone == "04 00 00 00 41"


@time_machine.travel("2026-11-24T09:00:00Z", tick=False)
def test_next_with_somebody_is_what_is_late_then_what_comes_first(
    alice: User, eloise: Person
) -> None:
    assert activities.next_for(alice, eloise) is None
    now = clock.now()
    tasks.create(alice, Task(name="un jour", person=eloise))
    found = activities.next_for(alice, eloise)
    assert found and (found.kind, found.on) == ("task", None)
    soon = now + timedelta(days=2)
    visit = Meeting(name="Visite", starts_at=soon, ends_at=soon + timedelta(hours=1), person=eloise)
    meetings.create(alice, visit)
    found = activities.next_for(alice, eloise)
    assert found and (found.kind, found.record, found.at) == ("meeting", visit, soon)
    tasks.create(alice, Task(name="hier", person=eloise, due_on=(now - timedelta(days=1)).date()))
    found = activities.next_for(alice, eloise)
    assert found and (found.kind, found.is_late) == ("task", True)


def test_a_record_one_may_not_read_has_no_activities(alice: User, eloise: Person) -> None:
    warehouse = deal(alice, eloise)
    assert activities.subject(alice, "Deal", warehouse.pk)
    warehouse.deleted_at = clock.now()
    warehouse.save()
    assert activities.subject(alice, "deal", warehouse.pk) is None
    assert activities.subject(alice, "user", alice.pk) is None


def test_a_colleague_who_is_invited_is_told_once(alice: User, bob: User) -> None:
    now = clock.now()
    point = Meeting(name="Point", starts_at=now, ends_at=now + timedelta(hours=1))
    meetings.create(alice, point, guests=[bob.email, alice.email])
    meetings.set_guests(point, [bob.email, alice.email, "x@y.example"])
    told = Notice.objects.get()
    assert (told.user, told.code) == (bob, "meeting_invited")
    assert [m.name for m in meetings.calendar_of(bob)] == ["Point"]


def test_a_deleted_file_keeps_its_bytes_as_long_as_it_can_come_back(
    alice: User, eloise: Person
) -> None:
    file = record_files.add(alice, b"plan", "plan.pdf", RecordFile(person=eloise))
    with time_machine.travel(clock.now(), tick=False) as traveller:
        activities.delete(alice, file)
        traveller.shift(timedelta(days=29))
        assert record_files.sweep() == 0
        traveller.shift(timedelta(days=2))
        assert record_files.sweep() == 1
    assert not Blob.objects.exists()


def test_what_lies_on_a_deleted_record_alone_is_not_read(alice: User, eloise: Person) -> None:
    warehouse = deal(alice, eloise)
    alone = record_files.add(alice, b"a", "a.pdf", RecordFile(person=eloise))
    both = record_files.add(alice, b"b", "b.pdf", RecordFile(person=eloise, deal=warehouse))
    notes.create(alice, Note(text="Un mot", person=eloise))
    people.delete(alice, eloise)
    assert alone not in access.record_files_for(alice)
    assert both in access.record_files_for(alice)
    assert not access.notes_for(alice).exists()


def test_activities_go_with_a_merged_person_and_come_back(alice: User, eloise: Person) -> None:
    double = person(alice, "eg@meunier.example")
    task = tasks.create(alice, Task(name="Rappeler", person=double))
    hers = tasks.create(alice, Task(name="Devis", person=eloise))
    entry = merging.merge(alice, eloise, double)
    assert set(Task.objects.filter(person=eloise)) == {task, hers}
    journal.undo(entry.pk, alice)
    task.refresh_from_db()
    hers.refresh_from_db()
    assert (task.person, hers.person) == (double, eloise)
