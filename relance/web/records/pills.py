"""The criteria of a list, each as a sentence with a way to take it away."""

from __future__ import annotations

from dataclasses import dataclass

from relance.criteria import conditions
from relance.criteria.conditions import Group
from relance.criteria.sentences import sentence
from relance.web.records.state import State, written


@dataclass(frozen=True, slots=True)
class Pill:
    text: str
    without_url: str


def pills(state: State) -> list[Pill]:
    """One for each condition that all records meet."""
    if state.node == conditions.EVERYTHING:
        return []
    return [Pill(_capital(sentence(n)), _without(state, at)) for at, n in enumerate(state.parts)]


def _without(state: State, at: int) -> str:
    left = tuple(n for place, n in enumerate(state.parts) if place != at)
    return state.url(c=written(conditions.dump(Group(left))))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
