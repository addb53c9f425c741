"""The queue wakes; what it loses is found by the sweeps."""

import pytest
from django.db import transaction

from relance.jobs.queue import queue
from relance.mail import jobs, outbox
from relance.mail.models import Outgoing
from relance.mime.message import Address
from relance.users.models import User
from tests.mail.conftest import owner
from tests.mail.local import local

__all__ = ["owner"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def outgoing(owner: User) -> Outgoing:
    queue.flush()
    letter = outbox.Letter("Devis", "Bonjour", [Address("", "alice@client.example")])
    return outbox.queue(local(owner).account, owner, letter)


def test_a_mail_wakes_a_worker_once_its_row_is_committed(outgoing: Outgoing) -> None:
    with transaction.atomic():
        jobs.deliver_later(outgoing.pk)
        assert len(queue) == 0, "nobody may look for a row that is not there yet"
    assert len(queue) == 1
    task = queue.dequeue()
    assert task is not None
    assert task.data == ((outgoing.pk,), {})


def test_a_mail_that_was_never_written_wakes_nobody(outgoing: Outgoing) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        jobs.deliver_later(outgoing.pk)
        raise ZeroDivisionError
    assert len(queue) == 0


def test_a_lost_wake_up_loses_no_mail(outgoing: Outgoing) -> None:
    jobs.deliver_later(outgoing.pk)
    queue.flush()
    assert outbox.due() == [outgoing.pk]
