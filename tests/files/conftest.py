"""Alice and Bob share a library; Ada administers."""

import pytest
from django.core.files.storage import default_storage
from django.test import override_settings

from relance.files.library import Library
from relance.users.models import Organisation, User


@pytest.fixture(autouse=True)
def storage(tmp_path, db):  # type: ignore[no-untyped-def]
    """Files in a folder of the test's own."""
    with override_settings(MEDIA_ROOT=str(tmp_path / "files")):
        yield default_storage


@pytest.fixture
def organisation() -> Organisation:
    return Organisation.objects.create(name="Clarté")


@pytest.fixture
def alice() -> User:
    return User.objects.create_user("alice@clarte.example", first_name="Alice")


@pytest.fixture
def bob() -> User:
    return User.objects.create_user("bob@clarte.example", first_name="Bob")


@pytest.fixture
def ada() -> User:
    return User.objects.create_user("ada@clarte.example", role=User.Role.ADMIN)


@pytest.fixture
def of_alice(alice: User) -> Library:
    return Library(alice)


@pytest.fixture
def of_bob(bob: User) -> Library:
    return Library(bob)
