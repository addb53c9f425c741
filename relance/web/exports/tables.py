"""The records of a list as a table, some at a time: headings, and rows of plain values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from relance.crm import modules
from relance.users.models import User
from relance.web.records import finding
from relance.web.records.cells import Labels
from relance.web.records.columns import Column
from relance.web.records.listing import facts_of
from relance.web.records.state import State

AT_ONCE = 500
Value = Callable[[Any, Any, Labels], Any]


@dataclass(frozen=True, slots=True)
class Table:
    """`rows` reads the database as it is asked, in the reader's language and zone each time."""

    head: list[str]
    rows: Iterator[list[list[Any]]]


def table_of(viewer: User, state: State, keys: Sequence[int]) -> Table:
    """The records of these keys, as far as `viewer` may still read them then, in that order.

    An amount has its currency in a column of its own.
    """
    columns = [replace(c, facts=c.plain_facts or c.facts) for c in state.columns]
    head = []
    for column in columns:
        label = str(column.label)
        head.append(label[:1].upper() + label[1:])
        if column.currency:
            head.append(_("Currency (%(column)s)") % {"column": label})
    return Table(head, _rows(viewer, state, columns, keys))


def keys_of(viewer: User, state: State, chosen: Sequence[int]) -> list[int]:
    """The keys of every record of the list, or of those of `chosen` it may have, in its order."""
    if chosen:
        rows = modules.rows(viewer, state.module).filter(pk__in=chosen)
    else:
        rows = finding.found(viewer, state)
    return list(finding.ordered(rows, state).values_list("pk", flat=True))


def _rows(
    viewer: User, state: State, columns: Sequence[Column], keys: Sequence[int]
) -> Iterator[list[list[Any]]]:
    labels, language = Labels(viewer), translation.get_language()
    for start in range(0, len(keys), AT_ONCE):
        with translation.override(language), timezone.override(viewer.zone):
            part = _part(viewer, state, columns, labels, keys[start : start + AT_ONCE])
        yield part


def _part(
    viewer: User, state: State, columns: Sequence[Column], labels: Labels, keys: Sequence[int]
) -> list[list[Any]]:
    records = finding.read(modules.rows(viewer, state.module), keys, columns)
    facts = facts_of(viewer, records, columns)
    return [
        [
            value
            for column, fact in zip(columns, facts, strict=True)
            for value in _values(record, column, fact.get(record.pk), labels)
        ]
        for record in records
    ]


def _values(record: Any, column: Column, fact: Any, labels: Labels) -> Iterator[Any]:
    value = column.plain(record, fact, labels)
    yield timezone.localtime(value) if isinstance(value, datetime) else value
    if column.currency:
        yield column.currency(record) if value is not None else None
