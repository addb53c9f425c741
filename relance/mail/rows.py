"""Inserting many rows without making a model of each.

`bulk_create` spends a third of the synchronisation's time compiling statements; these tables are
written by the hundred thousand, by nobody else, and have no signals.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Model


def insert(
    model: type[Model],
    fields: Sequence[str],
    rows: Sequence[Sequence[Any]],
    *,
    ignore_conflicts: bool = False,
) -> None:
    """Insert `rows` (values in the order of `fields`, by attribute name such as "thread_id").

    Values are what the database takes: JSON as text, times aware. Rows that exist already are an
    IntegrityError, or left alone with `ignore_conflicts`.
    """
    if not rows:
        return
    adapt = connection.ops.adapt_datetimefield_value
    times = [n for n, value in enumerate(_sample(rows)) if isinstance(value, datetime)]
    if times:
        rows = [
            [adapt(v) if n in times and v is not None else v for n, v in enumerate(row)]
            for row in rows
        ]
    statement = _statement(model, tuple(fields), ignore_conflicts)
    with connection.cursor() as cursor:
        cursor.executemany(statement, rows)


def _sample(rows: Sequence[Sequence[Any]]) -> list[Any]:
    """For each column, a value that is not None where there is one."""
    columns = zip(*rows, strict=True)
    return [next((v for v in column if v is not None), None) for column in columns]


@functools.cache
def _statement(model: type[Model], fields: tuple[str, ...], ignore_conflicts: bool) -> str:
    by_attribute = {f.attname: f.column or f.attname for f in model._meta.concrete_fields}
    quote = connection.ops.quote_name
    columns = ", ".join(quote(by_attribute[f]) for f in fields)
    table, marks = quote(model._meta.db_table), ", ".join(["%s"] * len(fields))
    rest = " ON CONFLICT DO NOTHING" if ignore_conflicts else ""
    return f"INSERT INTO {table} ({columns}) VALUES ({marks}){rest}"  # noqa: S608 (our own names)
