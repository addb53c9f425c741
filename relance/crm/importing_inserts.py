"""Rows inserted by the hundred. `bulk_create` prepares each field of each row, which for records of
forty columns takes longer than all the rest of an import; here what all rows have in common is
said once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import connection, models

_AT_ONCE = 200
_AS_THEY_ARE = (str, int, type(None))


class Inserter:
    """Inserts rows of `model` that say `names` (attributes, "person_id" say); what they do not say
    has its default. Give the model's own values; each text must fit its column."""

    def __init__(
        self, model: type[models.Model], names: Sequence[str], *, on_conflict: str = ""
    ) -> None:
        fields = {f.attname: f for f in model._meta.local_concrete_fields if not f.primary_key}
        self._fields = [fields[name] for name in names]
        usual = [field for name, field in fields.items() if name not in set(names)]
        self._usual = [f.get_db_prep_save(f.get_default(), connection) for f in usual]
        quote = connection.ops.quote_name
        several = [*self._fields, *usual]
        columns = ", ".join(quote(str(field.column)) for field in several)
        given = [f"column{n}" for n in range(1, len(names) + 1)]
        values = ", ".join(
            _as_type(said, field)
            for said, field in zip([*given, *["%s"] * len(usual)], several, strict=True)
        )
        table = quote(model._meta.db_table)
        self._head = f"INSERT INTO {table} ({columns}) SELECT {values} FROM (VALUES "  # noqa: S608
        self._row = f"({', '.join(['%s'] * len(names))})"
        # the condition tells SQLite that ON is no part of a join
        self._tail = f") AS given WHERE true {on_conflict}"
        assert model._meta.pk is not None
        self._returning = f"{self._tail} RETURNING {quote(str(model._meta.pk.column))}"

    def insert(self, rows: Iterable[Sequence[Any]]) -> None:
        """Write rows, each the values of `names` in their order."""
        for some in _parts(list(rows)):
            self._write(some, self._tail)

    def keys(self, rows: Iterable[Sequence[Any]]) -> list[int]:
        """The same, and the keys they were given, in their order."""
        found: list[int] = []
        for some in _parts(list(rows)):
            found += self._write(some, self._returning)
        return found

    def _write(self, rows: Sequence[Sequence[Any]], tail: str) -> list[int]:
        parameters: list[Any] = [*self._usual]
        for values in rows:
            parameters += [
                value
                if isinstance(value, _AS_THEY_ARE)
                else field.get_db_prep_save(value, connection)
                for field, value in zip(self._fields, values, strict=True)
            ]
        with connection.cursor() as cursor:
            cursor.execute(self._head + ", ".join([self._row] * len(rows)) + tail, parameters)
            return [key for (key,) in cursor.fetchall()] if tail == self._returning else []


def _as_type(said: str, field: Any) -> str:
    """PostgreSQL must be told what a value is that stands by itself."""
    if connection.vendor != "postgresql":
        return said
    return f"CAST({said} AS {field.db_type(connection)})"


def _parts(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(rows), _AT_ONCE):
        yield rows[start : start + _AT_ONCE]
