"""A filter tried, applied to mail that came before, and undone; and filters in words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import translation

from relance import journal
from relance.crm.models import Task
from relance.inbox.filters import past, rules, sentences, trying
from relance.inbox.mail_facts import facts_of
from relance.inbox.models import (
    Filter,
    FilterHit,
    FilterRun,
    Placement,
    RecordLink,
    Reminder,
    ThreadLabel,
    ThreadState,
)
from relance.journal.models import Entry
from relance.lib import clock
from relance.mail.models import MailAccount, MessageCopy
from relance.users.models import User
from tests.criteria.test_conditions import condition
from tests.inbox import builders
from tests.inbox.test_filters import DEVIS, a_filter, arrive, label, labels_of

EVERY_KIND: list[dict[str, Any]] = [
    label("Clients"),
    {"kind": "tag", "tags": ["Devis"]},
    {"kind": "task", "days": 2},
    {"kind": "reminder", "minutes": 60},
    {"kind": "priority", "priority": 1},
    {"kind": "read"},
    {"kind": "star"},
    {"kind": "archive"},
]
KINDS = [a["kind"] for a in EVERY_KIND]


@pytest.fixture(autouse=True)
def recently(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: builders.START + timedelta(days=20))


def run_to_its_end(made: Filter, user: User, kinds: list[str]) -> FilterRun:
    run = past.start(user, made.pk, kinds)
    assert past.due() == [run.pk]
    past.work(run.pk)
    run.refresh_from_db()
    return run


def state_of(account: MailAccount) -> list[Any]:
    """What actions change, as a whole."""
    copies = MessageCopy.objects.filter(account=account).order_by("pk")
    return [
        *copies.values_list("pk", "folder__special_use", "is_seen", "is_flagged"),
        ThreadLabel.objects.count(),
        Task.objects.filter(deleted_at=None).count(),
        Reminder.objects.count(),
        RecordLink.objects.filter(is_removed=False).count(),
        ThreadState.objects.exclude(priority=0).count(),
        sorted(Placement.objects.values_list("thread", "is_unread")),
    ]


def test_a_dry_run_counts_shows_the_newest_and_changes_nothing(
    mailbox: MailAccount, patricia: User
) -> None:
    copies = [builders.receive(mailbox, subject=f"Devis {n}") for n in range(25)]
    builders.receive(mailbox, subject="Bonjour")
    builders.receive(mailbox, folder="trash")
    builders.receive(builders.account(builders.user("bruno@zylker.example")))
    before = state_of(mailbox)
    unsaved = Filter(owner=patricia, criteria=DEVIS, actions=EVERY_KIND)
    trial = trying.dry_run(unsaved, patricia)
    assert (trial.count, trial.looked_at) == (25, 26)
    assert [c.pk for c in trial.examples] == [c.pk for c in copies[:4:-1]]
    assert state_of(mailbox) == before
    assert trying.dry_run(unsaved, patricia, days=1).count == 0


def test_a_mail_in_two_folders_counts_once(mailbox: MailAccount, patricia: User) -> None:
    copy = builders.receive(mailbox)
    copy.pk, copy.uid, copy.folder = None, 99_999, mailbox.folders.get(special_use="archive")
    copy.save()
    trial = trying.dry_run(Filter(owner=patricia, criteria=DEVIS), patricia)
    assert (trial.count, len(trial.examples)) == (1, 1)


def test_a_currency_without_a_rate_is_said(mailbox: MailAccount, patricia: User) -> None:
    large = condition("amount", "gt", {"amount": "30000", "currency": "XAF"})
    made = Filter(owner=patricia, criteria={"some": "deals", "where": large})
    assert trying.dry_run(made, patricia).without_rate == ["XAF"]
    in_euros = condition("amount", "gt", {"amount": "30000", "currency": "EUR"})
    made.criteria = {"some": "deals", "where": in_euros}
    assert trying.dry_run(made, patricia).without_rate == []


def test_a_run_does_what_was_ticked_to_what_came_before(
    mailbox: MailAccount, patricia: User
) -> None:
    made = a_filter(patricia, *EVERY_KIND)
    copies = [builders.receive(mailbox) for _ in range(3)]
    other = builders.receive(mailbox, subject="Bonjour")
    run = run_to_its_end(made, patricia, ["label", "dance"])
    assert (run.state, run.total, run.seen_count, run.hit_count) == ("done", 3, 3, 3)
    assert [labels_of(c) for c in [*copies, other]] == [["Clients"]] * 3 + [[]]
    assert not Task.objects.exists()
    assert not Reminder.objects.exists()


def test_a_run_does_nothing_twice(mailbox: MailAccount, patricia: User) -> None:
    made = a_filter(patricia, {"kind": "task"})
    arrive(mailbox)
    builders.receive(mailbox)
    run_to_its_end(made, patricia, ["task"])
    assert run_to_its_end(made, patricia, ["task"]).hit_count == 0
    assert Task.objects.count() == 2


def test_undoing_a_run_leaves_everything_as_it_was(
    mailbox: MailAccount, patricia: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(past, "PORTION", 2)
    alice = builders.person(patricia, "alice@client.example")
    made = a_filter(patricia, *EVERY_KIND)
    for n in range(5):
        builders.receive(mailbox, seen=n % 2 == 0)
    before = state_of(mailbox)
    run = run_to_its_end(made, patricia, KINDS)
    assert (run.hit_count, state_of(mailbox) == before) == (5, False)
    assert Task.objects.count() == 5
    assert alice.tags.count() == 1
    journal.undo(Entry.objects.get(verb=past.VERB).pk, patricia)
    assert past.due() == [run.pk]
    past.work(run.pk)
    assert state_of(mailbox) == before
    assert alice.tags.count() == 0
    assert past.due() == []
    assert not FilterHit.objects.exists()
    made.refresh_from_db()
    assert made.hit_count == 0


def test_what_was_done_by_hand_meanwhile_stays(mailbox: MailAccount, patricia: User) -> None:
    made = a_filter(patricia, {"kind": "task"}, {"kind": "archive"})
    copy = builders.receive(mailbox)
    run = run_to_its_end(made, patricia, ["task", "archive"])
    Task.objects.update(status="done")
    MessageCopy.objects.update(folder=mailbox.folders.get(special_use="trash"))
    journal.undo(Entry.objects.get(verb=past.VERB).pk, patricia)
    past.work(run.pk)
    assert Task.objects.get().deleted_at is None
    copy.refresh_from_db()
    assert copy.folder.special_use == "trash"


def test_a_worker_that_dies_leaves_whole_portions(
    mailbox: MailAccount, patricia: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(past, "PORTION", 2)
    made = a_filter(patricia, {"kind": "task"})
    for _ in range(6):
        builders.receive(mailbox)
    run = past.start(patricia, made.pk, ["task"])
    count = iter(range(9))

    def dying(copies: list[MessageCopy]) -> Any:
        if next(count) == 2:
            raise SystemExit
        return facts_of(copies)

    monkeypatch.setattr("relance.inbox.filters.past.facts_of", dying)
    with pytest.raises(SystemExit):
        past.work(run.pk)
    assert Task.objects.count() == 4
    assert past.due() == [], "its worker may still live"
    monkeypatch.setattr(clock, "now", lambda: builders.START + timedelta(days=21))
    past.work(run.pk)
    assert Task.objects.count() == 6
    run.refresh_from_db()
    assert (run.state, run.seen_count) == ("done", 6)


def test_one_runs_ones_own_filters_alone(mailbox: MailAccount, patricia: User) -> None:
    bruno = builders.user("bruno@zylker.example")
    admin = builders.user("admin@zylker.example", role="admin")
    made, everybodys = a_filter(patricia, label("A")), a_filter(None, label("B"))
    builders.receive(mailbox)
    for user, refused in ((bruno, made), (bruno, everybodys), (admin, made)):
        with pytest.raises(Filter.DoesNotExist):
            past.start(user, refused.pk, ["label"])
    assert run_to_its_end(everybodys, admin, ["label"]).total == 0, "private mail stays private"
    with pytest.raises(past.CannotRun):
        past.start(patricia, made.pk, ["task"])


def test_a_filter_in_words(patricia: User) -> None:
    made = a_filter(patricia, *EVERY_KIND, {"kind": "move", "folder": "Clients"}, stops=True)
    with translation.override("en"):
        said = sentences.sentence(rules.of_filter(made))
        made.match = "every"
        every = sentences.condition(rules.of_filter(made))
    assert said == (
        "If subject contains “devis”: label “Clients”, tag the sender “Devis”, a task within 2 "
        "days, remind me to answer within 1 hour, high priority, mark as read, star, archive, "
        "move to “Clients”, no filter after this one"
    )
    assert every == "every message"
