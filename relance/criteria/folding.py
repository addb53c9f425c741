"""Text folded by the database as `lib.text.fold` does it, so that SQL and Python find alike."""

from __future__ import annotations

import sqlite3
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Func, TextField

from relance.lib.text import fold

_COMBINING = r"[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u064b-\u065f\u20d0-\u20f0]+"
_REPLACED = (("œ", "'oe'"), ("æ", "'ae'"), ("ø", "'o'"), ("ł", "'l'"), ("ß", "'ss'"))


class Fold(Func):
    """`fold(expression)`. SQLite asks Python; PostgreSQL decomposes and drops the accents."""

    function = "relance_fold"
    arity = 1
    output_field = TextField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        text = "lower(%(expressions)s)"
        for letter, plain in _REPLACED:
            text = f"replace({text}, '{letter}', {plain})"
        text = f"replace({text}, '’', chr(39))"
        template = f"regexp_replace(normalize({text}, NFKD), '{_COMBINING}', '', 'g')"
        return self.as_sql(compiler, connection, template=template, **context)


def teach(connection: BaseDatabaseWrapper, **_signal: object) -> None:
    """Make the function known to a new SQLite connection (Django's `connection_created`)."""
    if connection.vendor == "sqlite":
        database: sqlite3.Connection = connection.connection
        database.create_function("relance_fold", 1, _folded, deterministic=True)


def _folded(text: str | None) -> str | None:
    return None if text is None else fold(str(text))
