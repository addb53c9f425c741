"""Records found by the words they hold."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import QuerySet

from relance.crm.models.records import Record
from relance.lib.text import fold

R = TypeVar("R", bound=Record)
_MOST_WORDS = 8


def matching(records: QuerySet[R], query: str) -> QuerySet[R]:
    """Those that hold every word of `query`, accents and case apart."""
    for word in fold(query).split()[:_MOST_WORDS]:
        records = records.filter(search_text__contains=word)
    return records
