"""Filters applied to mail as it comes (D13).

Every filter that a mail meets acts, in order, until one says stop; of moves the first wins and
later ones are noted as ignored. Conditions see the mail as it came, whatever the filters before
did. A filter acts on a message once in a mailbox: its hit is unique, and written with what it did.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from django.db.models import F

from relance.criteria import rows
from relance.criteria.asking import Asking
from relance.inbox.filters import actions, rules
from relance.inbox.filters.actions import Given, Refused
from relance.inbox.filters.rules import Action, Rule
from relance.inbox.mail_facts import Facts, facts_of
from relance.inbox.models import Filter, FilterHit
from relance.lib import clock
from relance.mail.models import Folder, MailAccount, MessageCopy
from relance.users.models import User

_log = logging.getLogger(__name__)
DONE, IGNORED, FAILED = "done", "ignored", "failed"


def act(copies: Iterable[MessageCopy]) -> None:
    """Apply the filters of these newly arrived mails' mailboxes, inside the transaction that placed
    them. One query where there is no filter."""
    by_account: dict[int, list[MessageCopy]] = {}
    for copy in copies:
        if copy.message is not None and not copy.is_history and _comes(copy):
            by_account.setdefault(copy.account_id, []).append(copy)
    for some in by_account.values():
        _act(some[0].account, some)


def _comes(copy: MessageCopy) -> bool:
    """Did it come, or was it sent, rather than being put somewhere by somebody?"""
    use = copy.folder.special_use
    if copy.is_outgoing:
        return use == Folder.Use.SENT
    return not copy.is_draft and use in (Folder.Use.INBOX, Folder.Use.SPAM)


def _act(account: MailAccount, copies: Sequence[MessageCopy]) -> None:
    owner = account.owner
    found = rules.of_account(account) if owner.is_active else []
    if not found:
        return
    asking = rules.asking_of(owner)
    for facts in facts_of(copies):
        met = meeting(facts, found, asking)
        if met:
            apply(facts, met, owner)


def meeting(facts: Facts, found: Sequence[Rule], asking: Asking) -> list[Rule]:
    """Those of these filters that the mail meets, to the first that says stop. In spam, only those
    that take it out."""
    met: list[Rule] = []
    is_spam = facts.copy.folder.special_use == Folder.Use.SPAM
    for rule in found:
        if rule.is_outgoing != facts.copy.is_outgoing or (is_spam and not _rescues(rule)):
            continue
        if rows.matches(facts, rule.node, asking):
            met.append(rule)
            if _stops(rule):
                break
    return met


def _rescues(rule: Rule) -> bool:
    return any(a.get("kind") == "never_spam" for a in rule.actions)


def _stops(rule: Rule) -> bool:
    return rule.stops or any(a.get("kind") == "stop" for a in rule.actions)


def apply(
    facts: Facts,
    met: Sequence[Rule],
    owner: User,
    *,
    run_id: int | None = None,
    kinds: Collection[str] | None = None,
) -> int:
    """Have these filters act on one mail; returns how many did: those that had before do not.
    `kinds` narrows what they do to these."""
    known = FilterHit.objects.filter(
        filter__in=[rule.pk for rule in met], account=facts.copy.account_id, message=facts.message
    )
    acted, has_moved, count = set(known.values_list("filter_id", flat=True)), False, 0
    for rule in met:
        if rule.pk in acted:
            continue
        hit = FilterHit(filter_id=rule.pk, account_id=facts.copy.account_id, run_id=run_id)
        hit.message, hit.copy = facts.message, facts.copy
        wanted = [a for a in rule.actions if kinds is None or a.get("kind") in kinds]
        try:
            with transaction.atomic():
                moves = _do(Given(rule, facts, owner), wanted, hit, has_moved=has_moved)
        except IntegrityError:
            continue  # another worker's hit came first: what was done here is undone
        has_moved |= moves
        count += 1
    return count


def _do(given: Given, wanted: Sequence[Action], hit: FilterHit, *, has_moved: bool) -> bool:
    """Do these, and keep the hit, which is unique. Was the mail moved? Raises IntegrityError."""
    moves = False
    for action in wanted:
        outcome = _outcome(given, action, has_moved=has_moved or moves)
        moves |= outcome["outcome"] == DONE and outcome["kind"] in actions.MOVES
        hit.done.append(outcome)
    hit.save(force_insert=True)
    Filter.objects.filter(pk=hit.filter_id).update(
        hit_count=F("hit_count") + 1, last_hit_at=clock.now()
    )
    return moves


def _outcome(given: Given, action: Action, *, has_moved: bool) -> dict[str, Any]:
    """What became of an action, as the hit keeps it."""
    kind = str(action.get("kind"))
    if kind == "stop":
        return {"kind": kind, "outcome": DONE, "code": ""}
    if has_moved and kind in actions.MOVES:
        return {"kind": kind, "outcome": IGNORED, "code": "moved_already"}
    try:
        kept = actions.perform(given, action)
    except Refused as refusal:
        outcome = FAILED if refusal.is_failure else IGNORED
        return {"kind": kind, "outcome": outcome, "code": refusal.code}
    except (OperationalError, InterfaceError):
        raise  # the database itself: the whole batch is tried again
    except Exception:  # noqa: BLE001 (the edge: an action that fails must not keep others back)
        _log.exception("%s of filter %d failed", kind, given.rule.pk)
        return {"kind": kind, "outcome": FAILED, "code": "unexpected"}
    return {"kind": kind, "outcome": DONE, "code": "", **kept}
