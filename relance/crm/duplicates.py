"""Somebody we may know already, and why we think so."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from relance.addresses import book
from relance.crm import access
from relance.crm.models import Person
from relance.crm.prefixes import starting_with
from relance.lib.text import fold, squeeze
from relance.users.models import User

_DIGITS_OF_A_LINE = 9  # a number with and without its country's prefix end alike
_SHORTEST_NUMBER = 6
_MOST = 10


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A person who may be the same; `reason` is "same_address", "same_phone" or "same_name"."""

    person: Person
    reason: str


def find_duplicates(
    viewer: User,
    *,
    addresses: Collection[str] = (),
    phone: str = "",
    name: str = "",
    company: str = "",
) -> list[Duplicate]:
    """Readable people with one of these addresses, this number, or this name.

    The surest reason comes first, each person once, ten at most. The same number counts unless the
    names have no word in common (a switchboard), the same name unless both companies are known and
    differ.
    """
    people = access.people_for(viewer).filter(converted_at=None).select_related("company")
    people = people.order_by("pk")
    found: dict[int, Duplicate] = {}
    for reason, some in (
        ("same_address", _by_address(people, addresses)),
        ("same_phone", _by_phone(people, phone, name)),
        ("same_name", _by_name(people, name, company)),
    ):
        for person in some:
            found.setdefault(person.pk, Duplicate(person, reason))
    return list(found.values())[:_MOST]


def _by_address(people: QuerySet[Person], addresses: Collection[str]) -> Iterable[Person]:
    wanted = [n for a in addresses if (n := book.normalise(a))]
    return people.filter(addresses__address__in=wanted).distinct() if wanted else []


def _by_phone(people: QuerySet[Person], phone: str, name: str) -> Iterator[Person]:
    wanted, words = _line(phone), set(fold(name).split())
    if len(wanted) < _SHORTEST_NUMBER:
        return
    ending = wanted[-2:]
    for person in people.filter(Q(phone__endswith=ending) | Q(mobile__endswith=ending)):
        is_namesake = not words or words & set(fold(person.name).split())
        if is_namesake and wanted in (_line(person.phone), _line(person.mobile)):
            yield person


def _by_name(people: QuerySet[Person], name: str, company: str) -> Iterator[Person]:
    wanted, organisation = fold(squeeze(name)), fold(squeeze(company))
    if " " not in wanted:
        return
    for person in people.filter(starting_with("search_text", wanted)):
        other = fold(squeeze(person.organisation_name))
        same = not organisation or not other or organisation == other
        if same and fold(squeeze(person.name)) == wanted:
            yield person


def _line(phone: str) -> str:
    return "".join(c for c in phone if c.isdecimal())[-_DIGITS_OF_A_LINE:]
