"""The deals of the demo: eleven open ones, as the story tells them, and a year of won and lost."""

from __future__ import annotations

from dataclasses import dataclass

from relance.demo.scenes import rows


@dataclass(frozen=True, slots=True)
class Row:
    """A deal to be. `people` are names, the primary contact first."""

    name: str
    amount: int
    currency: str
    stage: int
    days: int
    people: tuple[str, ...]


def _row(row: list[str]) -> Row:
    name, amount, currency, stage, days, people = row
    return Row(name, int(amount), currency, int(stage), int(days), tuple(people.split(",")))


DEALS = tuple(map(_row, rows("deals")))
