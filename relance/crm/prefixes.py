"""Texts that begin with certain words, found by an index where there is one."""

from __future__ import annotations

from django.db import connection
from django.db.models import Q

_LAST = "\U0010ffff"  # sorts behind every character


def starting_with(field: str, text: str) -> Q:
    """`field` begins with `text`, in this very writing.

    SQLite reads the whole table for LIKE, and a range of its index for comparisons (it compares
    bytes); PostgreSQL compares as its locale does, so that LIKE stays.
    """
    if connection.vendor == "sqlite":
        return Q(**{f"{field}__gte": text, f"{field}__lt": text + _LAST})
    return Q(**{f"{field}__startswith": text})
