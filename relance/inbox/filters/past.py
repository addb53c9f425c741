"""A filter applied to mail that came before: in the background, in portions, undoable.

A run is a row that a worker leases. Each portion is one transaction, which moves `next_key` on: a
worker that dies has done its portion whole or not at all. Undoing only says so; a worker then takes
back, in portions too, what the run's hits kept.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from relance import journal
from relance.criteria.conditions import InvalidCriteria
from relance.inbox.filters import acting, actions, rules, trying
from relance.inbox.mail_facts import facts_of
from relance.inbox.models import Filter, FilterHit, FilterRun
from relance.jobs import leases
from relance.journal.models import Entry
from relance.lib import clock
from relance.mail.models import MessageCopy
from relance.users.models import User

VERB = "filters.run"
PORTION = 100
LEASE = 60.0  # seconds
_MOST_ATTEMPTS = 5
State = FilterRun.State
_ACTIVE = (State.WAITING, State.RUNNING)
_WITH = ("message__from_address", "folder", "account__owner", "thread")


class CannotRun(Exception):
    """`code`: "nothing" (none of its actions was ticked) or "running" (it is being applied)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@transaction.atomic
def start(
    user: User, filter_id: int, kinds: Collection[str], *, since: datetime | None = None
) -> FilterRun:
    """Have those kinds of its actions done to the mail the user may see and that it meets, since
    then; the journal undoes it.

    Raises `Filter.DoesNotExist` for one that is not hers, `CannotRun`, `InvalidCriteria`.
    """
    row = rules.filters_for(user).get(pk=filter_id)
    rule = rules.of_filter(row)
    wanted = [
        k for k in actions.KINDS if k in kinds and any(a.get("kind") == k for a in rule.actions)
    ]
    if not wanted:
        raise CannotRun("nothing")
    if FilterRun.objects.filter(filter=row, user=user, state__in=_ACTIVE).exists():
        raise CannotRun("running")
    every = trying.looked_at(row, user, since=since)
    found = trying.met_by(rule, every, user)
    newest = found.order_by("-pk").values_list("pk", flat=True).first()
    run = FilterRun.objects.create(
        filter=row,
        user=user,
        actions=wanted,
        since=since,
        total=found.count(),
        next_key=(newest or 0) + 1,
    )
    journal.record(user, VERB, {"name": row.name, "count": run.total}, {"run": run.pk})
    return run


def due() -> list[int]:
    """Runs that a worker should take up: new ones, those whose worker died, those to be undone."""
    left = Exists(FilterHit.objects.filter(run=OuterRef("pk")))
    wanted = Q(state__in=_ACTIVE) | Q(left, state=State.UNDONE)
    rows = FilterRun.objects.filter(leases.due(), wanted)
    return list(rows.order_by("pk").values_list("pk", flat=True)[:20])


def work(run_id: int) -> None:
    """Do or undo a run to its end, unless another worker is at it."""
    rows = FilterRun.objects.filter(state__in=[*_ACTIVE, State.UNDONE])
    if not leases.claim(rows, run_id, seconds=LEASE):
        return
    run = FilterRun.objects.select_related("filter", "user").get(pk=run_id)
    if run.state == State.UNDONE:
        while _take_back(run):
            pass
        leases.release(run)
        return
    if run.attempts > _MOST_ATTEMPTS or not run.user.is_active:
        _end(run, State.FAILED, "unexpected")
        return
    FilterRun.objects.filter(pk=run.pk, state=State.WAITING).update(state=State.RUNNING)
    try:
        while _portion(run):
            pass
    except InvalidCriteria as problem:
        _end(run, State.FAILED, problem.code)


@transaction.atomic
def _portion(run: FilterRun) -> bool:
    """Apply it to the next mails; False when there are no more, or the run is not ours any more."""
    held = FilterRun.objects.filter(pk=run.pk, state=State.RUNNING, lease_until__gt=clock.now())
    if not held.update(lease_until=clock.seconds_from_now(LEASE)):
        return False
    run.refresh_from_db(fields=["next_key"])
    rule = rules.of_filter(run.filter)
    every = trying.looked_at(run.filter, run.user, since=run.since)
    found = trying.met_by(rule, every.filter(pk__lt=run.next_key), run.user)
    copies = list(found.select_related(*_WITH).order_by("-pk")[:PORTION])
    hits = sum(
        acting.apply(facts, [rule], run.user, run_id=run.pk, kinds=run.actions)
        for facts in facts_of(copies)
    )
    if not copies:
        _end(run, State.DONE)
        return False
    FilterRun.objects.filter(pk=run.pk).update(
        next_key=copies[-1].pk,
        seen_count=F("seen_count") + len(copies),
        hit_count=F("hit_count") + hits,
    )
    return True


def _end(run: FilterRun, state: str, error: str = "") -> None:
    leases.release(run, state=state, finished_at=clock.now(), last_error=error)


def register() -> None:
    """Tell the journal how to undo what this module does."""
    journal.register_undo(VERB, _undo)


def _undo(entry: Entry) -> None:
    """Stop the run, where it goes on, and have a worker take back what it did."""
    FilterRun.objects.filter(pk=entry.payload["run"], user=entry.user).update(
        state=State.UNDONE, finished_at=clock.now(), attempts=0, next_try_at=None
    )


@transaction.atomic
def _take_back(run: FilterRun) -> bool:
    """Take back what the newest hits of the run did; False when none is left."""
    if not leases.extend(run, seconds=LEASE):
        return False
    rows = FilterHit.objects.filter(run=run).order_by("-pk")[:PORTION]
    hits = list(rows)
    copies = MessageCopy.objects.select_related(*_WITH).in_bulk([h.copy_id for h in hits])
    for hit in hits:
        for outcome in reversed(hit.done):
            if outcome["outcome"] == acting.DONE:
                copy = copies.get(hit.copy_id or 0)
                if copy is not None:
                    copy.refresh_from_db(
                        fields=["folder", "uidvalidity", "uid", "is_seen", "is_flagged"]
                    )
                actions.undo(outcome["kind"], outcome, copy, run.user)
    FilterHit.objects.filter(pk__in=[h.pk for h in hits]).delete()
    Filter.objects.filter(pk=run.filter_id).update(hit_count=F("hit_count") - len(hits))
    return bool(hits)
