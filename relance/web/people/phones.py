"""The further telephone numbers in a person's form: a kind and a number each, a row to spare."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.http import QueryDict

from relance.crm.models import Person, PersonPhone
from relance.crm.phones import MOST, Number

_SPARE = 1


@dataclass(slots=True)
class PhoneRows:
    """The whole list, as shown and as sent back (`phone_kind`, `phone_number`, of equal length)."""

    rows: list[Number] = field(default_factory=list)

    @classmethod
    def of(cls, person: Person) -> PhoneRows:
        """Those a stored person has."""
        if person._state.adding:
            return cls()
        return cls([Number(one.number, one.kind) for one in person.phones.all()])

    @classmethod
    def sent(cls, data: QueryDict) -> PhoneRows:
        """Those a form sent."""
        kinds = data.getlist("phone_kind")[:MOST]
        numbers = [text.strip()[:50] for text in data.getlist("phone_number")[:MOST]]
        known = set(PersonPhone.Kind.values)
        pairs = zip(numbers, kinds, strict=False)
        return cls([Number(n, k if k in known else "other") for n, k in pairs if n])

    @property
    def shown(self) -> list[Number]:
        """The rows of the form, with room for one more."""
        return [*self.rows, *(Number("") for _ in range(_SPARE))]

    @property
    def kinds(self) -> list[tuple[str, object]]:
        return list(PersonPhone.Kind.choices)

    def numbers(self) -> list[Number]:
        """What to store."""
        return self.rows
