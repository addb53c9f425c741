"""The filters of a mailbox, read and compiled: which there are, in which order, what each asks.

Order (D13): the organisation's, then those bound to the mailbox, then the owner's own; each in the
order their owner gave them. A tree is compiled once and kept as long as its text and the custom
fields are the same, whichever process changed them.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils.functional import SimpleLazyObject

from relance import notices
from relance.criteria.asking import Asking
from relance.criteria.conditions import (
    EVERYTHING,
    Condition,
    Exists,
    Group,
    InvalidCriteria,
    Node,
    parse,
)
from relance.crm import custom_fields
from relance.inbox.models import Filter
from relance.inbox.visibility import visible_accounts
from relance.lib import clock
from relance.lib.money import Money
from relance.mail.models import MailAccount
from relance.users import currencies
from relance.users.models import User

_log = logging.getLogger(__name__)
#: The code of the notice, and why (`Filter.disabled_because`).
DISABLED, FIELD_GONE = "filter_disabled", "field_gone"
_MOST_KEPT = 5000
_compiled: dict[str, Node] = {}
_compiled_for: list[object] = [None]

Action = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Rule:
    """A filter as it is applied. `owner_id` None: the organisation's."""

    pk: int
    name: str
    owner_id: int | None
    node: Node
    actions: tuple[Action, ...]
    stops: bool
    is_outgoing: bool

    @property
    def is_everything(self) -> bool:
        return self.node == EVERYTHING


def filters_for(user: User) -> QuerySet[Filter]:
    """The filters the user may see and change: her own, those of her mailboxes, and for an
    administrator the organisation's; in the order in which they act."""
    mine = Filter.objects.filter(owner=user) | Filter.objects.filter(
        owner=None, account__in=visible_accounts(user)
    )
    if user.is_admin:
        mine |= Filter.objects.filter(owner=None, account=None)
    return mine.order_by("position", "pk")


def of_account(account: MailAccount) -> list[Rule]:
    """The enabled filters on mail of that mailbox, in order: one query. One that asks for a field
    there is no more is disabled, and its owner told."""
    scope = Q(account=account) | Q(account=None)
    whose = Q(owner=account.owner_id) | Q(owner=None)  # nobody's filter acts on another's mail
    rows = Filter.objects.filter(scope, whose, is_enabled=True)
    return [rule for rule in map(_compiled_row, sorted(_read(rows), key=_order)) if rule]


def of_filter(row: Filter) -> Rule:
    """One filter, enabled or not. Raises `InvalidCriteria`."""
    node = tree(row.match, json.dumps(row.criteria))
    return Rule(
        *(row.pk, row.name, row.owner_id, node, tuple(row.actions), row.stops, row.is_outgoing)
    )


def tree(match: str, text: str) -> Node:
    """The conditions of a filter, from their JSON: everything where it says so. Raises
    `InvalidCriteria`; code "empty" where a filter has no condition and does not say so."""
    if match == Filter.Match.EVERY:
        return EVERYTHING
    fields = [(kind, f.pk, f.kind, f.key) for kind, of in _custom() for f in of]
    if _compiled_for[0] != fields or len(_compiled) > _MOST_KEPT:
        _compiled.clear()
        _compiled_for[0] = fields
    node = _compiled.get(text)
    if node is None:
        node = _compiled[text] = parse(json.loads(text), "Mail")
    if next(conditions(node), None) is None:
        raise InvalidCriteria("empty", "")
    return node


def conditions(node: Node) -> Iterator[Condition | Exists]:
    """Every condition of a tree, and every record it asks for."""
    if isinstance(node, Group):
        for inner in node.nodes:
            yield from conditions(inner)
    elif isinstance(node, Exists):
        yield node
        yield from conditions(node.node)
    else:
        yield node


def without_rate(node: Node, asking: Asking) -> list[str]:
    """Currencies that conditions compare with and that have no rate: amounts in other currencies
    then meet none of these conditions."""
    found: dict[str, None] = {}
    for condition in conditions(node):
        value = getattr(condition, "value", None)
        for money in value if isinstance(value, tuple) else (value,):
            if isinstance(money, Money) and not asking.rates.get(money.currency):
                found[money.currency] = None
    return list(found)


def asking_of(user: User) -> Asking:
    """Who asks: "me", days and months are the user's. Rates are read when an amount is asked."""
    rates: Any = SimpleLazyObject(currencies.rates)
    return Asking(user_id=user.pk, zone=user.zone, rates=rates)


_Row = tuple[int, str, int | None, int | None, str, str, str, bool, bool, int]


def _read(rows: QuerySet[Filter]) -> Sequence[_Row]:
    """Their JSON as text: it is decoded only when it is new."""
    found = rows.annotate(
        criteria_text=Cast("criteria", TextField()), actions_text=Cast("actions", TextField())
    ).order_by()
    return list(
        found.values_list(
            *("pk", "name", "owner_id", "account_id", "match", "criteria_text"),
            *("actions_text", "stops", "is_outgoing", "position"),
        )
    )


def _order(row: _Row) -> tuple[int, int, int]:
    pk, _name, owner, account = row[:4]
    scope = 1 if account is not None else 0 if owner is None else 2
    return scope, row[-1], pk


def _compiled_row(row: _Row) -> Rule | None:
    pk, name, owner, _account, match, criteria, actions, stops, is_outgoing, _position = row
    try:
        node = tree(match, criteria)
    except InvalidCriteria as problem:
        disable(pk, problem)
        return None
    return Rule(pk, name, owner, node, tuple(_actions(actions)), stops, is_outgoing)


_decoded: dict[str, list[Action]] = {}


def _actions(text: str) -> list[Action]:
    found = _decoded.get(text)
    if found is None:
        if len(_decoded) > _MOST_KEPT:
            _decoded.clear()
        listed = json.loads(text)
        found = _decoded[text] = [a for a in listed if isinstance(a, dict)]
    return found


def disable(pk: int, problem: InvalidCriteria) -> None:
    """Disable a filter that cannot be understood any more, and tell whose it is, once."""
    rows = Filter.objects.filter(pk=pk, is_enabled=True)
    if not rows.update(is_enabled=False, disabled_because=FIELD_GONE, updated_at=clock.now()):
        return
    _log.warning("filter %d was disabled: %s", pk, problem.code)
    row = Filter.objects.select_related("account").get(pk=pk)
    for user_id in _owners(row):
        notices.tell(user_id, DISABLED, {"name": row.name, "what": problem.what})


def _owners(row: Filter) -> list[int]:
    if row.owner_id:
        return [row.owner_id]
    if row.account is not None:
        return [row.account.owner_id]
    admins = User.objects.filter(role=User.Role.ADMIN, is_active=True)
    return list(admins.values_list("pk", flat=True))


def _custom() -> list[tuple[str, Any]]:
    return sorted(custom_fields.shelf().by_kind.items())
