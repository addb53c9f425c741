"""Rows inserted by the hundred. `bulk_create` prepares each field of each row, which for records of
forty columns takes longer than all the rest of an import."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import connection, models

_AT_ONCE = 100
_AS_THEY_ARE = (str, int, type(None))


class Inserter:
    """Inserts rows of `model` that say `names` (attributes, "person_id" say); what they do not say
    has its default. Give the model's own values; each text must fit its column."""

    def __init__(
        self, model: type[models.Model], names: Sequence[str], *, on_conflict: str = ""
    ) -> None:
        fields = [f for f in model._meta.local_concrete_fields if not f.primary_key]
        at = {field.attname: n for n, field in enumerate(fields)}
        self._places = [(at[name], fields[at[name]]) for name in names]
        self._usual = [f.get_db_prep_save(f.get_default(), connection) for f in fields]
        quote = connection.ops.quote_name
        columns = ", ".join(quote(str(field.column)) for field in fields)
        table = quote(model._meta.db_table)
        self._head = f"INSERT INTO {table} ({columns}) VALUES "  # noqa: S608 (names of models)
        self._row = f"({', '.join(['%s'] * len(fields))})"
        self._tail = f" {on_conflict}" if on_conflict else ""
        assert model._meta.pk is not None
        self._returning = f" RETURNING {quote(str(model._meta.pk.column))}"

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
        parameters: list[Any] = []
        for values in rows:
            row = self._usual.copy()
            for (place, field), value in zip(self._places, values, strict=True):
                is_plain = isinstance(value, _AS_THEY_ARE)
                row[place] = value if is_plain else field.get_db_prep_save(value, connection)
            parameters += row
        with connection.cursor() as cursor:
            cursor.execute(self._head + ", ".join([self._row] * len(rows)) + tail, parameters)
            return [key for (key,) in cursor.fetchall()] if tail == self._returning else []


def _parts(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(rows), _AT_ONCE):
        yield rows[start : start + _AT_ONCE]
