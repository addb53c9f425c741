"""Two who write, in an organisation."""

import pytest

from relance.users.models import Organisation, User


@pytest.fixture
def organisation(db: None) -> Organisation:
    return Organisation.objects.create(name="Clarté & fils", language="en")


@pytest.fixture
def camille(organisation: Organisation) -> User:
    return User.objects.create_user(
        "camille@clarte.example",
        first_name="Camille",
        last_name="Laurent",
        title="Sales engineer",
        phone="04 00 00 00 12",
        language="en",
    )


@pytest.fixture
def bob(organisation: Organisation) -> User:
    return User.objects.create_user("bob@clarte.example", first_name="Bob", language="en")
