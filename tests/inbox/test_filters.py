"""Filters on arriving mail: which act, in which order, once; and what their actions do (D13)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from relance.crm import access, custom_fields, tasks
from relance.crm.models import CustomField, Task
from relance.inbox import arrivals
from relance.inbox.filters import acting
from relance.inbox.models import (
    Filter,
    FilterHit,
    Label,
    RecordLink,
    Reminder,
    ThreadLabel,
    ThreadState,
)
from relance.mail.models import MailAccount, Message, MessageCopy, Operation
from relance.notices.models import Notice
from relance.users.models import User
from tests.criteria.test_conditions import condition
from tests.inbox import builders

DEVIS = {"all": [condition("subject", "contains", "devis")]}


def a_filter(owner: User | None, *actions: dict[str, Any], **fields: Any) -> Filter:
    values: dict[str, Any] = {"name": "Devis", "criteria": DEVIS, **fields}
    return Filter.objects.create(owner=owner, actions=list(actions), **values)


def label(name: str) -> dict[str, Any]:
    return {"kind": "label", "label": name}


def arrive(account: MailAccount, **fields: Any) -> MessageCopy:
    """A mail comes, and everything that follows."""
    copy = builders.receive(account, **fields)
    arrivals.arrived(account.pk, [copy.pk])
    return MessageCopy.objects.select_related("folder").get(pk=copy.pk)


def labels_of(copy: MessageCopy) -> list[str]:
    rows = ThreadLabel.objects.filter(thread=copy.thread).order_by("pk")
    return [str(row.label) for row in rows.select_related("label")]


def done(copy: MessageCopy) -> list[tuple[str, str, str]]:
    """What became of every action on that mail, in order."""
    hits = FilterHit.objects.filter(message=copy.message).order_by("pk")
    return [(d["kind"], d["outcome"], d["code"]) for hit in hits for d in hit.done]


def test_a_filter_acts_on_what_it_meets_and_on_nothing_else(
    mailbox: MailAccount, patricia: User
) -> None:
    made = a_filter(patricia, label("Clients/Entreprises"))
    met, other = arrive(mailbox, subject="Votre DEVIS"), arrive(mailbox, subject="Bonjour")
    assert labels_of(met) == ["Entreprises"]
    assert labels_of(other) == []
    entreprises = Label.objects.get(name="Entreprises")
    assert entreprises.owner == patricia
    assert str(entreprises.parent) == "Clients"
    made.refresh_from_db()
    assert (made.hit_count, FilterHit.objects.count()) == (1, 1)
    assert made.last_hit_at is not None


def test_a_filter_acts_once_on_a_mail_however_often_it_comes(
    mailbox: MailAccount, patricia: User
) -> None:
    a_filter(patricia, {"kind": "task", "name": "Rappeler", "days": 2})
    copy = arrive(mailbox)
    for _ in range(3):
        arrivals.arrived(mailbox.pk, [copy.pk])
    assert Task.objects.count() == 1
    assert FilterHit.objects.count() == 1


def test_when_another_worker_was_quicker_nothing_is_done_twice(
    mailbox: MailAccount, patricia: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = a_filter(patricia, {"kind": "task"}, {"kind": "archive"})
    create = tasks.create

    def meanwhile(actor: User, task: Task) -> Task:
        message = Message.objects.get(pk=task.mail_key or 0)
        FilterHit.objects.create(filter=made, account=mailbox, message=message)
        return create(actor, task)

    copy = builders.receive(mailbox)
    monkeypatch.setattr("relance.crm.tasks.create", meanwhile)
    arrivals.arrived(mailbox.pk, [copy.pk])
    copy.refresh_from_db()
    assert (Task.objects.count(), copy.folder.special_use) == (0, "inbox")


def test_the_organisation_comes_first_then_the_mailbox_then_oneself(
    mailbox: MailAccount, patricia: User
) -> None:
    a_filter(patricia, label("Mine 2"), position=2)
    a_filter(patricia, label("Mine 1"), position=1)
    a_filter(patricia, label("Mailbox"), account=mailbox, position=9)
    a_filter(None, label("Everybody"), position=9)
    copy = arrive(mailbox)
    assert labels_of(copy) == ["Everybody", "Mailbox", "Mine 1", "Mine 2"]
    assert Label.objects.get(name="Everybody").owner is None


def test_nobody_elses_filters_act_on_my_mail(mailbox: MailAccount) -> None:
    other = builders.user("bruno@zylker.example")
    a_filter(other, label("Bruno"))
    a_filter(other, label("Bruno, bound"), account=mailbox)
    assert labels_of(arrive(mailbox)) == []


def test_of_two_moves_the_first_wins_and_the_other_is_noted(
    mailbox: MailAccount, patricia: User
) -> None:
    a_filter(patricia, {"kind": "archive"}, position=1)
    a_filter(patricia, {"kind": "trash"}, {"kind": "star"}, label("After"), position=2)
    copy = arrive(mailbox)
    assert copy.folder.special_use == "archive"
    assert done(copy) == [
        ("archive", "done", ""),
        ("trash", "ignored", "moved_already"),
        ("star", "done", ""),
        ("label", "done", ""),
    ]
    assert [o.kind for o in Operation.objects.order_by("pk")] == ["move", "flag"]


@pytest.mark.parametrize("stops", [True, False])
def test_stop_ends(mailbox: MailAccount, patricia: User, stops: bool) -> None:
    first = a_filter(patricia, label("First"), stops=stops, position=1)
    if not stops:
        first.actions = [{"kind": "stop"}, *first.actions]
        first.save()
    a_filter(patricia, label("Second"), position=2)
    assert labels_of(arrive(mailbox)) == ["First"]


def test_conditions_see_the_mail_as_it_came(mailbox: MailAccount, patricia: User) -> None:
    a_filter(patricia, label("First"), {"kind": "star"}, position=1)
    starred = {"all": [condition("label", "is", "First")]}
    a_filter(patricia, label("Second"), criteria=starred, position=2)
    assert labels_of(arrive(mailbox)) == ["First"]


def test_every_message_must_be_said(mailbox: MailAccount, patricia: User) -> None:
    a_filter(patricia, label("All"), match="every", criteria={})
    nothing = a_filter(patricia, label("Nothing"), criteria={"all": []})
    assert labels_of(arrive(mailbox)) == ["All"]
    nothing.refresh_from_db()
    assert not nothing.is_enabled


def test_a_field_deleted_later_disables_the_filter_and_says_so(
    mailbox: MailAccount, patricia: User
) -> None:
    field = CustomField.objects.create(
        entity="Deal", key="licences", label="Licences", kind="number"
    )
    alice = builders.person(patricia, "alice@client.example")
    builders.deal(patricia, alice, custom={"licences": "600"})
    many = condition("licences", "gt", "500")
    made = a_filter(patricia, label("Large"), criteria={"some": "deals", "where": many})
    assert labels_of(arrive(mailbox)) == ["Large"]
    field.delete()
    custom_fields.forget()  # as the next request does, or a second
    copy = arrive(mailbox)
    assert labels_of(copy) == []
    made.refresh_from_db()
    assert (made.is_enabled, made.disabled_because) == (False, "field_gone")
    notice = Notice.objects.get(user=patricia, code="filter_disabled")
    assert notice.params["name"] == "Devis"
    arrive(mailbox)
    assert Notice.objects.filter(code="filter_disabled").count() == 1


def test_an_action_that_fails_is_noted_and_the_mail_stays(
    mailbox: MailAccount, patricia: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("relance.crm.tasks.create", broken)
    actions: list[dict[str, Any]] = [
        {"kind": "task"},
        {"kind": "move", "folder": "Nowhere"},
        {"kind": "dance"},
        {"kind": "priority", "priority": 7},
        {"kind": "label", "label": " / "},
        {"kind": "reminder", "minutes": -1},
        {"kind": "link", "entity": "deal", "record": 999},
        {"kind": "read"},
    ]
    a_filter(patricia, *actions)
    copy = arrive(mailbox)
    assert [(o, c) for _, o, c in done(copy)] == [
        ("failed", "unexpected"),
        ("failed", "no_folder"),
        ("failed", "unknown"),
        ("failed", "unknown"),
        ("failed", "no_label"),
        ("failed", "bad_number"),
        ("failed", "no_record"),
        ("done", ""),
    ]
    assert (copy.folder.special_use, copy.is_seen) == ("inbox", True)


def test_a_task_knows_its_mail_and_its_people(mailbox: MailAccount, patricia: User) -> None:
    acme = builders.company(patricia, "Acme")
    bruno = builders.user("bruno@zylker.example")
    alice = builders.person(bruno, "alice@client.example", company=acme)
    deal = builders.deal(bruno, alice)
    a_filter(patricia, {"kind": "task", "days": 3, "priority": "high", "assignee": "owner"})
    copy = arrive(mailbox, subject="Devis urgent")
    task = Task.objects.get()
    assert (task.name, task.owner, task.created_by) == ("Devis urgent", bruno, patricia)
    assert (task.person, task.company, task.deal) == (alice, acme, deal)
    assert (task.mail_key, task.priority) == (copy.message_id, "high")
    came = copy.received_at.astimezone(patricia.zone).date()
    assert task.due_on == came + timedelta(days=3)


@pytest.mark.parametrize("assignee", ["gone", "999999"])
def test_the_task_of_nobody_there_is_the_owners(
    mailbox: MailAccount, patricia: User, assignee: str
) -> None:
    gone = builders.user("gone@zylker.example", is_active=False)
    who = str(gone.pk) if assignee == "gone" else assignee
    a_filter(patricia, {"kind": "task", "assignee": who})
    arrive(mailbox)
    assert Task.objects.get().owner == patricia


def test_a_reminder_is_due_after_the_mail_and_never_for_a_machine(
    mailbox: MailAccount, patricia: User
) -> None:
    a_filter(patricia, {"kind": "reminder", "reminder": "answer", "minutes": 240})
    copy = arrive(mailbox)
    reminder = Reminder.objects.get()
    assert reminder.due_at == copy.received_at + timedelta(hours=4)
    assert (reminder.user, reminder.thread, reminder.state) == (patricia, copy.thread, "waiting")
    auto = builders.receive(mailbox)
    Message.objects.filter(pk=auto.message_id or 0).update(is_auto=True)
    arrivals.arrived(mailbox.pk, [auto.pk])
    assert done(auto) == [("reminder", "ignored", "by_a_machine")]
    assert Reminder.objects.count() == 1


def test_the_sender_is_tagged_beside_the_tags_there_are(
    mailbox: MailAccount, patricia: User
) -> None:
    alice = builders.person(patricia, "alice@client.example")
    alice.tags.create(name="VIP")
    a_filter(patricia, {"kind": "tag", "tags": ["vip", "Devis"]})
    arrive(mailbox)
    assert sorted(alice.tags.values_list("name", flat=True)) == ["Devis", "VIP"]
    stranger = arrive(mailbox, sender="x@nobody.example")
    assert done(stranger) == [("tag", "ignored", "unknown_sender")]


def test_priority_and_links(mailbox: MailAccount, patricia: User) -> None:
    deal = builders.deal(patricia, builders.person(patricia, "other@client.example"))
    assert access.deals_for(patricia).filter(pk=deal.pk).exists()
    a_filter(
        patricia,
        {"kind": "priority", "priority": 1},
        {"kind": "link", "entity": "deal", "record": deal.pk},
    )
    copy = arrive(mailbox)
    assert ThreadState.objects.get(thread=copy.thread).priority == 1
    assert RecordLink.objects.get(thread=copy.thread).record_id == deal.pk


def test_what_is_never_spam_comes_out_of_it(mailbox: MailAccount, patricia: User) -> None:
    a_filter(patricia, label("Any"), position=1)
    a_filter(patricia, {"kind": "never_spam"}, label("Rescued"), position=2)
    copy = arrive(mailbox, folder="spam")
    assert copy.folder.special_use == "inbox"
    assert labels_of(copy) == ["Rescued"]
    assert done(arrive(mailbox))[-2:] == [
        ("never_spam", "ignored", "not_spam"),
        ("label", "done", ""),
    ]


def test_mail_one_sends_meets_outgoing_filters_alone(mailbox: MailAccount, patricia: User) -> None:
    a_filter(patricia, label("Came"))
    a_filter(patricia, label("Sent"), is_outgoing=True)
    sent = arrive(mailbox, sender=mailbox.address, outgoing=True, folder="sent")
    assert labels_of(sent) == ["Sent"]
    assert labels_of(arrive(mailbox)) == ["Came"]


def test_history_and_what_others_filed_meet_no_filter(mailbox: MailAccount, patricia: User) -> None:
    a_filter(patricia, label("Any"), match="every")
    filed = arrive(mailbox, folder="archive")
    old = builders.receive(mailbox)
    MessageCopy.objects.filter(pk=old.pk).update(is_history=True)
    arrivals.arrived(mailbox.pk, [old.pk])
    assert labels_of(filed) == labels_of(old) == []


def test_the_month_is_that_of_the_mailboxs_owner(mailbox: MailAccount, patricia: User) -> None:
    User.objects.filter(pk=patricia.pk).update(time_zone="America/Montreal")
    alice = builders.person(patricia, "alice@client.example")
    builders.deal(patricia, alice, closes_on="2027-02-10")
    closing = {"all": [condition("closesInMonth", "yes")]}
    a_filter(patricia, label("Closing"), criteria=closing)
    copy = builders.receive(mailbox)
    at = datetime(2027, 2, 1, 3, tzinfo=UTC)  # still January there
    MessageCopy.objects.filter(pk=copy.pk).update(received_at=at)
    arrivals.arrived(mailbox.pk, [copy.pk])
    assert labels_of(copy) == []


def test_two_hundred_filters_ask_few_questions(
    mailbox: MailAccount, patricia: User, django_assert_max_num_queries: Any
) -> None:
    trees = [{"all": [condition("subject", "contains", f"offre {n}")]} for n in range(200)]
    for n, tree in enumerate(trees):
        a_filter(patricia, label("Any"), criteria=tree, position=n)
    copies = [builders.receive(mailbox) for _ in range(10)]
    found = list(
        MessageCopy.objects.filter(pk__in=[c.pk for c in copies]).select_related(
            "message__from_address", "folder", "account__owner", "thread"
        )
    )
    with django_assert_max_num_queries(2):
        acting.act(found)
