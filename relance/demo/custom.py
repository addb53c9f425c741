"""The fields that the demo's administrator added, and what records say in them."""

from __future__ import annotations

import zlib
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from relance.crm import custom_fields
from relance.crm.custom_fields import KIND
from relance.crm.models import Company, CustomField, Deal, Person
from relance.crm.models.records import Record
from relance.lib.money import Money
from relance.users.models import User

_LEVELS = (
    ("", "Key account", "Grand compte"),
    ("", "Regular", "Régulier"),
    ("", "Occasional", "Occasionnel"),
)
#: (module, label, French label, kind)
_FIELDS = (
    ("Account", "Level", "Niveau", KIND.LIST),
    ("Account", "Surface to light (m²)", "Surface à éclairer (m²)", KIND.NUMBER),
    ("Account", "Framework contract until", "Contrat cadre jusqu’au", KIND.DATE),
    ("Person", "Decides", "Décideur", KIND.YES_NO),
    ("Lead", "Budget", "Budget", KIND.MONEY),
    ("Lead", "Decides", "Décideur", KIND.YES_NO),
    ("Deal", "Fixtures", "Nombre de luminaires", KIND.NUMBER),
    ("Deal", "Site manager", "Responsable du chantier", KIND.USER),
    ("Case", "Under warranty", "Sous garantie", KIND.YES_NO),
)


def write(today: date) -> None:
    """The fields, and a value here and there: another for each record, the same each time."""
    for entity, label, label_fr, kind in _FIELDS:
        definition = CustomField(entity=entity, label=label, label_fr=label_fr, kind=kind)
        if kind == KIND.LIST:
            custom_fields.with_choices(definition, _LEVELS)
        custom_fields.create(definition)
    users = list(User.objects.order_by("pk"))
    for model in (Company, Person, Deal):
        for record in model._default_manager.all():
            _fill(record, today, users)


def _fill(record: Record, today: date, users: list[User]) -> None:
    seed = zlib.crc32(str(record).encode())
    for n, definition in enumerate(custom_fields.of(record)):
        if (seed >> n) % 3:
            value = _value(definition, seed, today, users)
            custom_fields.put(record, definition, value)
    record.save(update_fields=["custom"])


def _value(definition: CustomField, seed: int, today: date, users: list[User]) -> Any:
    kind = KIND(definition.kind)
    if kind == KIND.LIST:
        choices = custom_fields.choices_of(definition)
        return choices[seed % len(choices)].code
    found: dict[str, Any] = {
        KIND.NUMBER: Decimal(seed % 180 * 10 + 40),
        KIND.MONEY: Money(Decimal(seed % 40 * 1000 + 5000), "EUR"),
        KIND.DATE: today + timedelta(days=seed % 500),
        KIND.YES_NO: seed % 2 == 0,
        KIND.USER: users[seed % len(users)].pk,
    }
    return found[kind]
