"""The cast: Alice owns, Bob is on the team, Charlie is refused (or has left).

They have no password, so that tests do not spend their time hashing: `logged_in` opens a session.
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from relance.crm import companies, deals, people
from relance.crm.models import Company, Deal, Person, Stage
from relance.mail.models import MailAccount
from relance.users.models import Organisation, User
from tests.inbox import builders

LogIn = Callable[[User], Client]


@pytest.fixture
def organisation(db: None) -> Organisation:
    return Organisation.objects.create(name="Clarté", language="en")


@pytest.fixture
def alice(organisation: Organisation) -> User:
    """An administrator, who owns most things."""
    return _user("alice", "Alice", "Martin", role=User.Role.ADMIN)


@pytest.fixture
def bob(organisation: Organisation) -> User:
    return _user("bob", "Bob", "Durand")


@pytest.fixture
def charlie(organisation: Organisation) -> User:
    return _user("charlie", "Charlie", "Petit")


@pytest.fixture
def logged_in() -> LogIn:
    def log_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return log_in


@pytest.fixture
def as_alice(alice: User, logged_in: LogIn) -> Client:
    return logged_in(alice)


@pytest.fixture
def as_bob(bob: User, logged_in: LogIn) -> Client:
    return logged_in(bob)


@pytest.fixture
def make_account() -> Callable[..., MailAccount]:
    """A connected mailbox with its usual folders: `make_account(alice)`."""
    return builders.account


@pytest.fixture
def meunier(alice: User) -> Company:
    company = Company(name="Meunier Logistique", domain="meunier.example", city="Saint-Priest")
    return companies.create_company(alice, company)


@pytest.fixture
def eloise(alice: User, meunier: Company) -> Person:
    person = Person(
        kind=Person.Kind.CONTACT, first_name="Éloïse", last_name="Garnier", company=meunier
    )
    addresses = ["e.garnier@meunier.example", "eloise@home.example"]
    return people.create_person(alice, person, addresses=addresses)


@pytest.fixture
def thomas(bob: User) -> Person:
    """A lead of Bob's."""
    person = Person(
        kind=Person.Kind.LEAD,
        first_name="Thomas",
        last_name="Leclerc",
        company_name="Logis Ouest",
        source="Salon de Lyon",
    )
    return people.create_person(bob, person, addresses=["t.leclerc@logis.example"])


@pytest.fixture
def warehouse(alice: User, eloise: Person) -> Deal:
    """An open deal with Éloïse."""
    deal = Deal(
        name="Entrepôt de Saint-Priest",
        amount=Decimal(48000),
        stage=stage("open"),
        closes_on=date(2027, 3, 27),
    )
    return deals.create_deal(alice, deal, parts=[deals.Part(eloise)])


def stage(kind: str) -> Stage:
    found = Stage.objects.filter(kind=kind).first()
    assert found
    return found


def _user(name: str, first_name: str, last_name: str, **fields: Any) -> User:
    return User.objects.create_user(
        f"{name}@clarte.example",
        first_name=first_name,
        last_name=last_name,
        language="en",
        **fields,
    )
