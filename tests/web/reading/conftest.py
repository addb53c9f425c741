"""A reader, her mailbox, a mail with files."""

from __future__ import annotations

import pytest
from django.test import Client

from relance.mail.models import (
    MessageCopy,
)
from relance.users.models import Organisation, User
from tests.browser import letters
from tests.inbox import builders
from tests.mail.local import Local


@pytest.fixture
def camille() -> User:
    Organisation.objects.create(name="Clarté")
    return builders.user("camille@clarte.example", first_name="Camille", language="en")


@pytest.fixture
def here(camille: User) -> Local:
    return Local(builders.account(camille))


@pytest.fixture
def web(client: Client, camille: User) -> Client:
    client.force_login(camille)
    return client


@pytest.fixture
def plans(here: Local) -> MessageCopy:
    return here.one(letters.files()[0])
