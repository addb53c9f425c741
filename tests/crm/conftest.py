"""The CRM's own cast, and an ear for what it announces."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from relance.addresses.models import EmailAddress
from relance.crm import deals, people
from relance.crm.models import Deal, Person, Stage
from relance.crm.signals import addresses_affected
from relance.users.models import User


class Ear:
    """Hears `addresses_affected`: a list of (reason, addresses)."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, set[str]]] = []
        self.was_inside = True

    def __call__(self, address_ids: set[int], reason: str, **_: Any) -> None:
        # The test's own transaction is one savepoint; the act's is another.
        self.was_inside &= len(connection.savepoint_ids) > 0
        rows = EmailAddress.objects.filter(pk__in=address_ids)
        self.heard.append((reason, set(rows.values_list("address", flat=True))))

    @property
    def last(self) -> tuple[str, set[str]]:
        return self.heard[-1]


@pytest.fixture
def ear() -> Iterator[Ear]:
    ear = Ear()
    addresses_affected.connect(ear, weak=False, dispatch_uid="tests.ear")
    yield ear
    addresses_affected.disconnect(dispatch_uid="tests.ear")


@pytest.fixture
def alice(db: None) -> User:
    return User.objects.create_user("alice@clarte.example", first_name="Alice")


@pytest.fixture
def bob(db: None) -> User:
    return User.objects.create_user("bob@clarte.example", first_name="Bob")


@pytest.fixture
def eloise(alice: User) -> Person:
    """A contact with two addresses."""
    return person(alice, "e.garnier@meunier.example", "eloise@home.example")


def person(owner: User, *addresses: str, **fields: Any) -> Person:
    values = {
        "kind": Person.Kind.CONTACT,
        "first_name": "Éloïse",
        "last_name": "Garnier",
        **fields,
    }
    return people.create_person(owner, Person(**values), addresses=addresses)


def stage(kind: str) -> Stage:
    found = Stage.objects.filter(kind=kind).first()
    assert found
    return found


def deal(owner: User, *people: Person, **fields: Any) -> Deal:
    values = {
        "name": "Entrepôt de Saint-Priest",
        "amount": Decimal(48000),
        "stage": stage("open"),
        "closes_on": date(2026, 11, 27),
        **fields,
    }
    parts = [deals.Part(one) for one in people]
    return deals.create_deal(owner, Deal(**values), parts=parts)
