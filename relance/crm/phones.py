"""The further telephone numbers of a person, beside `phone` and `mobile`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from relance.crm import history
from relance.crm.models import Person, PersonPhone
from relance.lib.text import squeeze
from relance.users.models import User

MOST = 20


@dataclass(frozen=True, slots=True)
class Number:
    """A number and its kind, one of `PersonPhone.Kind`."""

    number: str
    kind: str = PersonPhone.Kind.WORK


@transaction.atomic
def set_phones(actor: User | None, person: Person, numbers: Sequence[Number]) -> None:
    """Make `numbers` the person's further ones, in that order; empty ones are left out."""
    before = _listed(person)
    wanted = [Number(squeeze(one.number)[:50], one.kind) for one in numbers][:MOST]
    person.phones.all().delete()
    PersonPhone.objects.bulk_create(
        [
            PersonPhone(person=person, kind=one.kind, number=one.number)
            for one in wanted
            if one.number
        ]
    )
    history.record(actor, "person", person, {"phones": before}, {"phones": _listed(person)})


def _listed(person: Person) -> str:
    return ", ".join(person.phones.values_list("number", flat=True))


def add_missing(person: Person, numbers: Sequence[str]) -> list[int]:
    """Keep these numbers among the further ones, unless the person has them already, however they
    are written. Returns the keys of those added."""
    own = {_digits(n) for n in (person.phone, person.mobile, *_numbers(person))}
    made = []
    for number in numbers:
        if (digits := _digits(number)) and digits not in own:
            own.add(digits)
            made.append(PersonPhone.objects.create(person=person, number=number).pk)
    return made


def _numbers(person: Person) -> list[str]:
    return list(person.phones.values_list("number", flat=True))


def _digits(number: str) -> str:
    return "".join(c for c in number if c.isdecimal())
