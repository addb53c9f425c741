import pytest

from relance.mail.models import MailAccount
from relance.users.models import User
from tests.inbox import builders


@pytest.fixture
def patricia(db: None) -> User:
    return builders.user("patricia@zylker.example", first_name="Patricia")


@pytest.fixture
def mailbox(patricia: User) -> MailAccount:
    return builders.account(patricia)
