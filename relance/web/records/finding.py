"""The records a list holds, counted and read a page at a time.

A page is found by its keys, which an index of the order alone can answer, and only those rows are
read with what they join. So a page deep in a long list costs little more than the first one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Count, F, IntegerField, Prefetch, Q, QuerySet, Subquery, Value
from django.db.models.expressions import OrderBy
from django.utils.functional import SimpleLazyObject

from relance.criteria import sql
from relance.criteria.asking import Asking
from relance.criteria.conditions import EVERYTHING
from relance.crm import modules
from relance.users import currencies
from relance.users.models import User
from relance.web.components.lists import matching
from relance.web.records.columns import Column
from relance.web.records.state import State

PER_PAGE = 50
MOST_COUNTED = 1000


def asking_of(viewer: User) -> Asking:
    """Rates are read once a criterion asks for an amount."""
    rates: Any = SimpleLazyObject(currencies.rates)
    return Asking(user_id=viewer.pk, zone=viewer.zone, rates=rates)


def found(
    viewer: User, state: State, node: Any = None, *, mates: Iterable[int] | None = None
) -> QuerySet[Any]:
    """Every record the list holds, in no order; `node` in place of the criteria it has. `mates`
    are the users of the viewer's teams, where they are known already."""
    rows = matching(modules.rows(viewer, state.module), state.words)
    if state.owner:
        rows = rows.filter(_owned(viewer, state.owner, mates))
    node = state.node if node is None else node
    return rows if node == EVERYTHING else sql.select(rows, node, asking_of(viewer))


def counts(some: QuerySet[Any], whole: QuerySet[Any]) -> tuple[int, int]:
    """How many there are of both, in one query."""
    both = User.objects.order_by().values_list(_counted(some), _counted(whole))[:1]
    return next(((n or 0, m or 0) for n, m in both), (0, 0))


def few(some: QuerySet[Any], whole: QuerySet[Any]) -> tuple[list[int] | None, int]:
    """The keys of all of `some`, in no order, or None when there are more than `MOST_COUNTED`; and
    how many there are of `whole`. Looking for words or criteria reads no further than that."""
    there = some.order_by().values_list("pk", _counted(whole))[: MOST_COUNTED + 1]
    found = list(there)
    count = found[0][1] if found else whole.count()
    return [pk for pk, _n in found] if len(found) <= MOST_COUNTED else None, int(count or 0)


def _counted(rows: QuerySet[Any]) -> Subquery:
    once = rows.order_by().annotate(one=Value(1)).values("one").annotate(n=Count("pk"))
    return Subquery(once.values("n"), output_field=IntegerField())


def ordered(rows: QuerySet[Any], state: State, *, is_known: bool = False) -> QuerySet[Any]:
    """In the list's order; unknown values last either way; the key settles ties. `is_known` says
    that no row lacks the first of what it is ordered by."""
    down, paths = state.is_descending, state.order.order
    order = [
        _by(rows.model, path, descending=down, is_known=is_known and at == 0)
        for at, path in enumerate(paths)
    ]
    return rows.order_by(*order, "-pk" if down else "pk")


def page(rows: QuerySet[Any], state: State, number: int) -> list[Any]:
    """The records of that page (from 1), with what the list's columns show of them.

    Those whose order is known come first, and an index may find them; the others are looked at
    when these do not fill the page.
    """
    if (known := _with_known_order(rows, state)) is not None:
        found = _page(known, state, number, is_known=True)
        if len(found) == PER_PAGE:
            return found
    return _page(rows, state, number)


def _page(rows: QuerySet[Any], state: State, number: int, *, is_known: bool = False) -> list[Any]:
    first = (number - 1) * PER_PAGE
    keys = ordered(rows, state, is_known=is_known).values("pk")[first : first + PER_PAGE]
    there = rows.model._default_manager.filter(pk__in=keys)
    return list(ordered(with_shown(there, state.columns), state))


def _with_known_order(rows: QuerySet[Any], state: State) -> QuerySet[Any] | None:
    path = state.order.order[0]
    if not isinstance(path, str) or not _may_be_null(rows.model, path):
        return None
    return rows.filter(**{f"{path}__isnull": False})


def read(rows: QuerySet[Any], wanted: Sequence[int], columns: Sequence[Column]) -> list[Any]:
    """Those of `rows` that have these keys, in that order, with what the columns show of them."""
    by_key = {r.pk: r for r in with_shown(rows.filter(pk__in=wanted), columns)}
    return [by_key[key] for key in wanted if key in by_key]


def with_shown(rows: QuerySet[Any], columns: Sequence[Column]) -> QuerySet[Any]:
    """With what the columns show of each: joined, or fetched for all of them."""
    related = {path for column in columns for path in column.related if _joins(rows.model, path)}
    fetched = {_name(p): p for c in columns if c.prefetch for p in [c.prefetch()]}
    rows = rows.select_related(*sorted(related)) if related else rows
    return rows.prefetch_related(*fetched.values())


def _name(prefetch: str | Prefetch[Any]) -> str:
    return prefetch if isinstance(prefetch, str) else prefetch.prefetch_to


def _owned(viewer: User, owner: str, mates: Iterable[int] | None) -> Q:
    if owner == "me":
        return Q(owner=viewer)
    if owner != "team":
        return Q(owner=int(owner))
    if mates is None:  # a list of keys lets the database use its index of owners
        mates = User.objects.filter(teams__members=viewer).values_list("pk", flat=True)
    return Q(owner__in={viewer.pk, *mates})


def _by(model: Any, path: Any, *, descending: bool, is_known: bool) -> OrderBy:
    """NULLS LAST keeps an index from being used: it is said only where there may be any."""
    is_path = isinstance(path, str)
    last = not is_path or (not is_known and _may_be_null(model, path)) or None
    return OrderBy(F(path) if is_path else path, descending=descending, nulls_last=last)


def _may_be_null(model: Any, path: str) -> bool:
    for name in path.split("__"):
        try:
            field = model._meta.get_field(name)
        except FieldDoesNotExist:  # a key inside JSON
            return True
        if field.null:
            return True
        model = field.related_model or model
    return False


def _joins(model: Any, path: str) -> bool:
    """Can that path be joined: relations to one row, all the way?"""
    for name in path.split("__"):
        try:
            field = model._meta.get_field(name)
        except FieldDoesNotExist:
            return False
        if not (field.many_to_one or field.one_to_one) or field.related_model is None:
            return False
        model = field.related_model
    return True
