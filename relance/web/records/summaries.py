"""Figures above a list: what all of its records amount to, not only those of one page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise

from relance.lib.money import Money


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: `note` stands below the amounts."""

    label: str | Promise
    amounts: Sequence[Money]
    note: str = ""
    is_money: bool = False


Summary = Callable[[QuerySet[Any]], Sequence[Figure]]
_summaries: dict[str, Summary] = {}


def register(key: str, summary: Summary) -> None:
    """What stands above the lists of that module; it is given every record of the list."""
    _summaries[key] = summary


def figures(key: str, rows: QuerySet[Any]) -> Sequence[Figure]:
    return _summaries[key](rows) if key in _summaries else ()
