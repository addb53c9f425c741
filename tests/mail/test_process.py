"""The sync process: wakes by IDLE, by wish and by the clock; failures stay where they are."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest
from django.db import connection

from relance.lib import clock
from relance.mail import accounts, operations
from relance.mail.models import MailAccount, MessageCopy
from relance.mail.sync import process
from relance.mail.sync.mailbox import Disconnected, MailboxSync
from relance.mail.sync.process import Scheduler
from relance.notices.models import Notice
from relance.users.models import User
from relance.wire.errors import PermanentFailure
from tests.mail.conftest import Synced, connected, raw_mail
from tests.servers.fixtures import Mailbox
from tests.servers.relay import Relay

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


@pytest.mark.parametrize("processes", [2, 3])
def test_several_processes_share_the_mailboxes_and_never_one(
    owner: User, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch, processes: int
) -> None:
    at_work: list[int] = []
    done: list[int] = []
    together: list[int] = []

    def slowly(self: MailboxSync) -> None:
        pk = self.account.pk
        together.extend([pk] if pk in at_work else [])
        at_work.append(pk)
        time.sleep(0.4)
        at_work.remove(pk)
        done.append(pk)
        MailAccount.objects.filter(pk=pk).update(synced_at=clock.now(), state="ok")

    monkeypatch.setattr(MailboxSync, "run", slowly)
    connected(owner, mailbox)
    for name in ("b", "c", "d", "e"):
        account = connected(owner, mailbox)
        account.pk, account.address = None, f"{name}@clarte.example"
        account.save()
    schedulers = [Scheduler(workers=2) for _ in range(processes)]
    threads = [
        threading.Thread(target=lambda s=s: (s.run(), connection.close())) for s in schedulers
    ]
    for thread in threads:
        thread.start()
    for _ in range(6):
        MailAccount.objects.update(wanted_at=clock.now())
        time.sleep(0.3)
    until(lambda: len(set(done)) == 5)
    for scheduler in schedulers:
        scheduler.stop()
    for thread in threads:
        thread.join(20)
    assert not together


def test_a_mailbox_that_failed_is_tried_again_when_its_wait_is_over(
    box: Synced, request: pytest.FixtureRequest
) -> None:
    port = box.account.imap_port
    with Relay(port) as relay:
        MailAccount.objects.update(imap_port=relay.port)
        request.getfixturevalue("scheduler")
        until(lambda: state_of(box.account) == MailAccount.State.OK)
    until(lambda: state_of(box.account) == MailAccount.State.DEGRADED)
    box.deliver(raw_mail(1))
    MailAccount.objects.update(imap_port=port, next_try_at=clock.seconds_from_now(1))
    until(lambda: state_of(box.account) == MailAccount.State.OK)
    assert MessageCopy.objects.count() == 1


@pytest.mark.usefixtures("scheduler")
def test_a_disconnected_mailbox_is_left_alone(box: Synced) -> None:
    accounts.disconnect(box.account)
    box.deliver(raw_mail(1))
    time.sleep(1)
    assert not MessageCopy.objects.exists()
    box.account.refresh_from_db()
    assert box.account.imap_password == ""


def test_a_mailbox_disconnected_while_it_is_read_stays_disconnected(
    box: Synced, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.deliver(*(raw_mail(n) for n in range(500)))
    placed = MailboxSync._placed

    def meanwhile(self: MailboxSync, count: int) -> None:
        accounts.disconnect(MailAccount.objects.get())
        placed(self, count)

    monkeypatch.setattr(MailboxSync, "_placed", meanwhile)
    with pytest.raises(Disconnected):
        box.sync()
    box.account.refresh_from_db()
    assert box.account.state == MailAccount.State.DISCONNECTED
    assert MessageCopy.objects.count() < 500


def test_a_password_mended_while_the_old_one_is_refused_is_not_blamed(box: Synced) -> None:
    account = MailAccount.objects.get()
    account.imap_password = "old"
    process._ask_to_reconnect(account, PermanentFailure("wrong_password", "no"))
    assert state_of(box.account) == MailAccount.State.PENDING
    assert not Notice.objects.exists()
    process._ask_to_reconnect(MailAccount.objects.get(), PermanentFailure("wrong_password", "no"))
    assert state_of(box.account) == MailAccount.State.AUTH_ERROR


def test_a_new_password_takes_no_lease_from_whoever_is_at_work(box: Synced) -> None:
    stale = MailAccount.objects.get()
    MailAccount.objects.update(lease_until=clock.seconds_from_now(60))
    accounts.change_password(stale, "new")
    box.account.refresh_from_db()
    assert box.account.lease_until is not None
