"""Pairs of records that may be one, among all one may read (REC-26).

The database groups people by address, name and number, and accounts by domain and name; what is
grouped is then looked at closely. A pair that somebody set aside is not proposed again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Value
from django.db.models.functions import Length, Replace, Right, Substr

from relance.crm import access
from relance.crm.models import Company, NotDuplicates, Person, PersonAddress
from relance.lib.text import fold, squeeze
from relance.users.models import User

MOST = 100  # pairs
_MOST_GROUPS = 200
_MOST_ALIKE = 6  # records of one group that are compared
_NOISE = (" ", "\u00a0", "\u202f", ".", "-", "/", "(", ")")
_DIGITS = 9  # a number with and without its country's prefix end alike


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records that may be one, the one to keep first; `reason` is "same_address",
    "same_phone", "same_name" or "same_domain"."""

    keep: Any
    drop: Any
    reason: str


#: Why their members may be one, what a closer look asks of two, and their keys.
_Groups = tuple[str, Callable[[Any, Any], bool], list[Sequence[int]]]


def of_people(viewer: User) -> list[Pair]:
    """The people who may be one, the surest reason first, at most `MOST` pairs."""
    rows = access.people_for(viewer).filter(converted_at=None).select_related("company", "owner")
    found = _pairs(
        rows,
        ("same_address", _any, _by_address(rows)),
        ("same_name", _same_name, _by_name(rows)),
        ("same_phone", _share_a_word, _by_phone(rows, "phone")),
        ("same_phone", _share_a_word, _by_phone(rows, "mobile")),
    )
    return _sorted(found, "person")


def of_companies(viewer: User) -> list[Pair]:
    """The accounts that may be one."""
    rows = access.companies_for(viewer).select_related("owner")
    found = _pairs(
        rows,
        ("same_domain", _any, _groups(rows.exclude(domain=""), "domain")),
        ("same_name", _same_name, _by_company_name(rows)),
    )
    return _sorted(found, "company")


def set_aside(actor: User, entity: str, one: int, other: int) -> None:
    """Never propose that pair ("person" or "company") again."""
    first, second = sorted((one, other))
    NotDuplicates.objects.get_or_create(
        entity=entity, first=first, second=second, defaults={"created_by": actor}
    )


def _sorted(pairs: Iterable[Pair], entity: str) -> list[Pair]:
    """Each pair once, without those set aside."""
    once: dict[tuple[int, int], Pair] = {}
    for pair in pairs:
        once.setdefault(_key(pair), pair)
    aside = set(NotDuplicates.objects.filter(entity=entity).values_list("first", "second"))
    return [pair for key, pair in once.items() if key not in aside][:MOST]


def _key(pair: Pair) -> tuple[int, int]:
    first, second = sorted((pair.keep.pk, pair.drop.pk))
    return first, second


def _pairs(rows: QuerySet[Any], *groups: _Groups) -> Iterator[Pair]:
    """The pairs within these groups that are alike at a closer look. One query."""
    keys = {key for _reason, _alike, some in groups for one in some for key in one}
    found = {record.pk: record for record in rows.filter(pk__in=keys)}
    for reason, alike, some in groups:
        for one_group in some:
            records = [found[key] for key in one_group if key in found]
            for one, other in combinations(records[:_MOST_ALIKE], 2):
                if alike(one, other):
                    keep, drop = sorted((one, other), key=_worth, reverse=True)
                    yield Pair(keep, drop, reason)


def _worth(record: Any) -> tuple[bool, float]:
    """A contact is kept before a lead, then the older record."""
    is_lead = getattr(record, "kind", "") == Person.Kind.LEAD
    return not is_lead, -record.created_at.timestamp()


def _groups(
    rows: QuerySet[Any], column: str, *, within_company: bool = False
) -> list[Sequence[int]]:
    """Keys of the rows that share a value of `column`; `within_company` leaves out groups whose
    people all belong to accounts of their own. Two queries."""
    plain = rows.select_related(None).order_by()
    counted = plain.values(column).annotate(n=Count("pk")).filter(n__gt=1)
    if within_company:
        counted = counted.annotate(
            employed=Count("company"), companies=Count("company", distinct=True)
        ).filter(Q(employed__lt=F("n")) | Q(companies__lt=F("employed")))
    shared = counted.order_by(column).values_list(column, flat=True)[:_MOST_GROUPS]
    values = list(shared)
    groups: dict[Any, list[int]] = {}
    for key, value in plain.filter(**{f"{column}__in": values}).values_list("pk", column):
        groups.setdefault(value, []).append(key)
    return [sorted(keys) for keys in groups.values()]


def _by_address(rows: QuerySet[Person]) -> list[Sequence[int]]:
    links = PersonAddress.objects.filter(
        person__in=rows.select_related(None).order_by().values("pk")
    )
    shared = (
        links.order_by()
        .values("address")
        .annotate(n=Count("pk"))
        .filter(n__gt=1)
        .values_list("address", flat=True)[:_MOST_GROUPS]
    )
    groups: dict[int, list[int]] = {}
    for address, person in links.filter(address__in=list(shared)).values_list(
        "address_id", "person_id"
    ):
        groups.setdefault(address, []).append(person)
    return list(groups.values())


def _by_name(rows: QuerySet[Person]) -> list[Sequence[int]]:
    """`search_text` begins with the name, folded: accents and case apart, in the database."""
    length = Length("first_name") + Length("last_name") + Value(1)
    named = rows.exclude(first_name="").exclude(last_name="")
    folded = named.annotate(folded=Substr("search_text", 1, length))
    return _groups(folded, "folded", within_company=True)


def _by_company_name(rows: QuerySet[Company]) -> list[Sequence[int]]:
    return _groups(rows.annotate(folded=Substr("search_text", 1, Length("name"))), "folded")


def _by_phone(rows: QuerySet[Person], column: str) -> list[Sequence[int]]:
    digits: Any = F(column)
    for sign in _NOISE:
        digits = Replace(digits, Value(sign), Value(""))
    numbered = rows.exclude(**{column: ""}).annotate(digits=digits, n_digits=Length(digits))
    return _groups(
        numbered.filter(n_digits__gte=_DIGITS).annotate(line=Right("digits", _DIGITS)), "line"
    )


def _any(_one: Any, _other: Any) -> bool:
    return True


def _same_name(one: Person | Company, other: Person | Company) -> bool:
    """The same name, unless both are people of known companies that differ."""
    if fold(squeeze(one.name)) != fold(squeeze(other.name)):
        return False
    names = {fold(squeeze(getattr(r, "organisation_name", ""))) for r in (one, other)} - {""}
    return len(names) < 2


def _share_a_word(one: Person, other: Person) -> bool:
    """A switchboard has one number and many people."""
    return bool(set(fold(one.name).split()) & set(fold(other.name).split()))
