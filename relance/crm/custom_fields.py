"""The fields an administrator adds: defined, read from records and put into them.

A record keeps their values in `custom`, by the field's key, as JSON: texts and codes as they are,
numbers and days as texts, amounts as {"amount", "currency"}, users by their key. What is unknown is
not there. A field is never deleted, so that its key never means something else.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.signals import request_started
from django.db import transaction
from django.db.models import Max
from django.utils.translation import get_language

from relance.criteria import fields
from relance.crm.models import Case, Company, CustomField, Deal, Person
from relance.crm.models.records import Record
from relance.lib.money import Money
from relance.lib.text import fold, squeeze
from relance.users.models import User

Value = str | Decimal | Money | date | bool | int
KIND = CustomField.Kind
LARGEST = Decimal(10) ** 11
PLACES = 4
LONGEST = 1000
MOST_CHOICES = 200
_REMEMBERED = 1.0  # seconds: another process may change them
_NO_WORD = re.compile(r"[^a-z0-9]+")
_LONGEST_KEY = 30
#: The entity of criteria that each kind of record belongs to: leads and contacts are people.
ENTITIES = {
    **{"Lead": "Person", "Person": "Person"},
    **{"Account": "Account", "Deal": "Deal", "Case": "Case"},
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice of a list: `code` is what records keep."""

    code: str
    label: str
    label_fr: str = ""

    @property
    def words(self) -> str:
        return _in_language(self.label, self.label_fr)


@dataclass(slots=True)
class _Shelf:
    """Every active field, as read a moment ago."""

    until: float
    by_kind: Mapping[str, tuple[CustomField, ...]]
    by_entity: dict[str, Sequence[fields.Field]] = field(default_factory=dict)


_shelves: list[_Shelf] = []


def defined(kind: str) -> tuple[CustomField, ...]:
    """The active fields of that kind of record ("Lead", "Person", "Account", "Deal" or "Case"), in
    order."""
    return shelf().by_kind.get(kind, ())


def shelf() -> _Shelf:
    kept = _shelves[0] if _shelves else None
    if kept is None or kept.until < time.monotonic():
        by_kind: dict[str, list[CustomField]] = {}
        for one in CustomField.objects.filter(is_active=True):
            by_kind.setdefault(one.entity, []).append(one)
        found = {kind: tuple(several) for kind, several in by_kind.items()}
        kept = _Shelf(time.monotonic() + _REMEMBERED, found)
        _shelves[:] = [kept]
    return kept


def forget(**_signal: object) -> None:
    """Read them anew when next asked: at each request, and after a change."""
    _shelves.clear()


def kind_of(record: Record) -> str:
    """Which fields the record has; "" for one that has none."""
    if isinstance(record, Person):
        return "Lead" if record.kind == Person.Kind.LEAD else "Person"
    kinds: dict[type[Record], str] = {Company: "Account", Deal: "Deal", Case: "Case"}
    return next((kind for model, kind in kinds.items() if isinstance(record, model)), "")


def of(record: Record) -> tuple[CustomField, ...]:
    """The fields that this record has."""
    return defined(kind_of(record))


def label_of(definition: CustomField) -> str:
    """Its label in the reader's language."""
    return _in_language(definition.label, definition.label_fr)


def choices_of(definition: CustomField) -> list[Choice]:
    """Its choices, in order."""
    known = definition.choices if isinstance(definition.choices, list) else []
    return [Choice(c["code"], c["label"], c.get("label_fr", "")) for c in known]


def value(record: Record, definition: CustomField) -> Value | None:
    """What the record says: a text or a code, a number, an amount, a day, yes or no, or the key of
    a user; None when it says nothing."""
    return typed(definition.kind, record.custom.get(definition.key))


def typed(kind: str, kept: Any) -> Value | None:
    """A kept value as Python has it; None for one that cannot be read."""
    if kept in (None, ""):
        return None
    try:
        return _TYPED[kind](kept)
    except (ValueError, TypeError, KeyError, InvalidOperation):
        return None


def put(record: Record, definition: CustomField, given: Value | User | None) -> None:
    """Write a value into the record, not saved; None and "" take it away. Raises ValueError."""
    kept = as_kept(definition, given)
    custom = dict(record.custom)
    if kept is None:
        custom.pop(definition.key, None)
    else:
        custom[definition.key] = kept
    record.custom = custom


def as_kept(definition: CustomField, given: Value | User | None) -> Any:
    """The value as records keep it. Raises ValueError for one that does not fit."""
    if given is None or given == "":
        return None
    kind = definition.kind
    if kind in (KIND.NUMBER, KIND.MONEY):
        return _amount_kept(kind, given)
    if kind == KIND.DATE and isinstance(given, date):
        return given.isoformat()
    if kind == KIND.YES_NO and isinstance(given, bool):
        return given
    if kind == KIND.USER and isinstance(given, User | int):
        return str(given.pk if isinstance(given, User) else given)
    if isinstance(given, str) and kind == KIND.LIST:
        return _known_code(definition, given)
    if isinstance(given, str) and kind == KIND.TEXT:
        return given.replace("\x00", "").strip()[:LONGEST] or None
    raise ValueError(given)


def carry_over(source: Record, target: Record) -> None:
    """Give `target`, not saved, what `source` says in fields of the same key and kind, where it
    says nothing itself."""
    theirs = {d.key: d for d in of(source)}
    for definition in of(target):
        other = theirs.get(definition.key)
        if other is None or other.kind != definition.kind or definition.key in target.custom:
            continue
        kept = source.custom.get(other.key)
        if typed(other.kind, kept) is not None:
            target.custom = {**target.custom, definition.key: kept}


@transaction.atomic
def create(definition: CustomField) -> CustomField:
    """Save a new field, the last of its module; its key is made from its label."""
    same = CustomField.objects.filter(entity=definition.entity)
    definition.position = (same.aggregate(last=Max("position"))["last"] or 0) + 1
    definition.key = _new_key(definition)
    definition.save()
    forget()
    return definition


def edit(definition: CustomField) -> CustomField:
    """Save a changed field. Its module, its key and its kind stay what they are."""
    definition.save(update_fields=["label", "label_fr", "choices", "is_required", "is_active"])
    forget()
    return definition


@transaction.atomic
def move(definition: CustomField, *, up: bool) -> None:
    """Change places with the field before it, or after it."""
    several = list(CustomField.objects.filter(entity=definition.entity))
    at = next(n for n, one in enumerate(several) if one.pk == definition.pk)
    other = at - 1 if up else at + 1
    if 0 <= other < len(several):
        several[at], several[other] = several[other], several[at]
    for position, one in enumerate(several):
        one.position = position
    CustomField.objects.bulk_update(several, ["position"])
    forget()


def with_choices(definition: CustomField, labels: Iterable[tuple[str, str, str]]) -> None:
    """Give it these choices, each (code or "" for a new one, label, French label); not saved."""
    known = {choice.code for choice in choices_of(definition)}
    given = [(code, squeeze(en)[:80], squeeze(fr)[:80]) for code, en, fr in labels]
    kept: list[dict[str, str]] = []
    taken = {code for code, _en, _fr in given} & known
    for was, en, fr in given:
        if en or fr:
            code = was if was in known else _free(_slug(en or fr), taken)
            taken.add(code)
            kept.append({"code": code, "label": en or fr, "label_fr": fr})
    definition.choices = kept[:MOST_CHOICES]


def declare() -> None:
    """Read them anew at each request; called when the application starts."""
    request_started.connect(forget, dispatch_uid="relance.crm.custom_fields")


def _in_language(label: str, label_fr: str) -> str:
    return label_fr if label_fr and (get_language() or "").startswith("fr") else label


def _money(kept: Mapping[str, str]) -> Money:
    return Money(_number(kept["amount"]), str(kept["currency"]))


def _number(kept: str) -> Decimal:
    number = Decimal(kept)
    if not number.is_finite():
        raise ValueError(kept)
    return number


def _yes_no(kept: Any) -> bool:
    if not isinstance(kept, bool):
        raise TypeError(kept)
    return kept


_TYPED: dict[str, Callable[[Any], Value]] = {
    KIND.TEXT: str,
    KIND.NUMBER: _number,
    KIND.MONEY: _money,
    KIND.DATE: date.fromisoformat,
    KIND.LIST: str,
    KIND.YES_NO: _yes_no,
    KIND.USER: int,
}


def _amount_kept(kind: str, given: Any) -> Any:
    if kind == KIND.MONEY and isinstance(given, Money):
        return {"amount": _digits(given.amount), "currency": given.currency}
    if kind == KIND.NUMBER and isinstance(given, Decimal | int) and not isinstance(given, bool):
        return _digits(Decimal(given))
    raise ValueError(given)


def _digits(number: Decimal) -> str:
    """The number as a text that the database compares exactly. Raises ValueError."""
    if not number.is_finite() or abs(number) >= LARGEST:
        raise ValueError(number)
    text = f"{round(number, PLACES) + 0:f}"  # no minus before nothing
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def _known_code(definition: CustomField, code: str) -> str:
    if code not in {choice.code for choice in choices_of(definition)}:
        raise ValueError(code)
    return code


def _new_key(definition: CustomField) -> str:
    """A name that no field of that entity has; people of both kinds share one of the same kind."""
    entity = ENTITIES[definition.entity]
    near = [kind for kind, of_entity in ENTITIES.items() if of_entity == entity]
    taken = fields.taken(entity)
    for other in CustomField.objects.filter(entity__in=near):
        if other.entity == definition.entity or other.kind != definition.kind:
            taken |= {other.key, _beside(other.key)}
        if other.kind == KIND.MONEY:
            taken.add(currency_name(other.key))
    return _free(_slug(definition.label or definition.label_fr), taken)


def currency_name(key: str) -> str:
    """The field beside an amount that says its currency."""
    return f"{key}_currency"


def _beside(key: str) -> str:
    """The amount whose currency a field of that key would be; "" when it would be none's."""
    return key.removesuffix(currency_name("")) if key.endswith(currency_name("")) else ""


def _slug(label: str) -> str:
    slug = _NO_WORD.sub("_", fold(label)).strip("_")[:_LONGEST_KEY].strip("_")
    return slug if slug[:1].isalpha() else f"field_{slug}".rstrip("_")


def _free(wanted: str, taken: Iterable[str]) -> str:
    known, found, n = set(taken), wanted, 1
    while found in known:
        n += 1
        found = f"{wanted}_{n}"
    return found
