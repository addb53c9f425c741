"""The sync process: wakes by IDLE, by wish and by the clock; failures stay where they are."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest
from django.db import connection

from relance.lib import clock
from relance.mail import accounts, operations
from relance.mail.models import MailAccount, MessageCopy
from relance.mail.sync.process import Scheduler
from relance.notices.models import Notice
from relance.users.models import User
from tests.mail.conftest import Synced, connected, raw_mail
from tests.servers.fixtures import Mailbox

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def scheduler() -> Iterator[Scheduler]:
    made = Scheduler()
    thread = threading.Thread(target=lambda: (made.run(), connection.close()))
    thread.start()
    yield made
    made.stop()
    thread.join(20)
    assert not thread.is_alive()


def until(true: Callable[[], bool], *, seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def state_of(account: MailAccount) -> str:
    account.refresh_from_db()
    return account.state


@pytest.mark.usefixtures("scheduler")
def test_new_mail_arrives_by_itself_soon_after_the_server_has_it(box: Synced) -> None:
    box.deliver(raw_mail(1))
    until(lambda: state_of(box.account) == MailAccount.State.OK)
    time.sleep(0.5)
    box.deliver(raw_mail(2))
    until(lambda: MessageCopy.objects.count() == 2, seconds=5)


@pytest.mark.usefixtures("scheduler")
def test_what_is_done_here_reaches_the_server_without_waiting_for_the_interval(
    box: Synced,
) -> None:
    box.deliver(raw_mail(1))
    until(lambda: state_of(box.account) == MailAccount.State.OK)
    operations.move(box.copies(), "trash")
    until(lambda: box.theirs() == box.ours(), seconds=5)
    assert len(box.copies("trash")) == 1


@pytest.mark.usefixtures("scheduler")
def test_a_wrong_password_is_tried_once_and_told_once(owner: User, mailbox: Mailbox) -> None:
    account = connected(owner, mailbox)
    accounts.change_password(account, "wrong")
    until(lambda: state_of(account) == MailAccount.State.AUTH_ERROR)
    accounts.ask_sync(account)
    time.sleep(1)
    assert Notice.objects.filter(code="mailbox_auth_error").count() == 1
    mailbox.deliver(raw_mail(1))
    accounts.change_password(account, mailbox.password)
    until(lambda: state_of(account) == MailAccount.State.OK)
    assert MessageCopy.objects.count() == 1


@pytest.mark.usefixtures("scheduler")
def test_a_mailbox_that_fails_does_not_slow_the_others(owner: User, box: Synced) -> None:
    broken = connected(owner, box.remote)
    MailAccount.objects.filter(pk=broken.pk).delete()
    for port in (1, 2, 3, 4, 5, 6):
        MailAccount.objects.create(
            owner=owner,
            address=f"broken{port}@clarte.example",
            imap_host="127.0.0.1",
            imap_port=port,
            imap_security="none",
            imap_username="x",
            imap_password="y",
            smtp_host="127.0.0.1",
            smtp_security="none",
            sharing="private",
            wanted_at=clock.now(),
        )
    box.account = connected(owner, box.remote)
    box.deliver(raw_mail(1))
    until(lambda: state_of(box.account) == MailAccount.State.OK, seconds=6)
    degraded = MailAccount.objects.filter(state=MailAccount.State.DEGRADED)
    until(lambda: degraded.count() == 6)
    assert all(a.error_code == "refused" and a.next_try_at for a in degraded)


def test_two_processes_never_hold_the_same_mailbox(box: Synced) -> None:
    from relance.jobs import leases

    rows = MailAccount.objects.all()
    assert leases.claim(rows, box.account.pk, seconds=60)
    assert not leases.claim(rows, box.account.pk, seconds=60)
    leases.release(box.account)
    assert leases.claim(rows, box.account.pk, seconds=60)


@pytest.mark.usefixtures("scheduler")
def test_a_disconnected_mailbox_is_left_alone(box: Synced) -> None:
    accounts.disconnect(box.account)
    box.deliver(raw_mail(1))
    time.sleep(1)
    assert not MessageCopy.objects.exists()
    box.account.refresh_from_db()
    assert box.account.imap_password == ""
