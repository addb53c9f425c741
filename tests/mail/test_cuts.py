"""Connections that break at any byte, fall silent, or bring what they promised late (I5)."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from relance.inbox.models import Placement
from relance.mail import operations
from relance.mail.models import MailAccount, MessageCopy
from relance.mail.sync.mailbox import MailboxSync
from relance.wire.errors import WireError
from relance.wire.imap import ImapSession
from tests.mail.conftest import Synced, raw_mail
from tests.servers.relay import Relay

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass
class Shaky:
    """A mailbox reached through a relay that breaks."""

    box: Synced
    relay: Relay

    def try_to_sync(self, *, timeout: float = 60) -> bool:
        """One round; False when the connection failed."""
        self.box.account.refresh_from_db()
        server = self.box.session().server
        try:
            with ImapSession(server, self.guard(), timeout=timeout) as session:
                MailboxSync(self.box.account, session, self.box.parser).run()
        except WireError:
            return False
        return True

    def guard(self):  # type: ignore[no-untyped-def]
        from relance.mail import accounts

        return accounts.guard()

    def straight(self) -> None:
        """Reach the server without the relay from here on."""
        MailAccount.objects.update(imap_port=self.relay.target)
        self.box.account.refresh_from_db()


@pytest.fixture
def shaky(box: Synced) -> Iterator[Shaky]:
    with Relay(box.account.imap_port) as relay:
        MailAccount.objects.update(imap_port=relay.port)
        box.account.refresh_from_db()
        yield Shaky(box, relay)


def test_a_cut_at_any_byte_of_an_import_loses_and_doubles_nothing(shaky: Shaky) -> None:
    shaky.box.deliver(*(raw_mail(n, text="mot " * n * 20) for n in range(60)))
    chance = random.Random(4)
    failures = 0
    for _ in range(25):
        shaky.relay.cut_after = chance.randrange(1, 60_000)
        failures += not shaky.try_to_sync()
    assert failures > 10
    shaky.relay.cut_after = None
    assert shaky.try_to_sync()
    shaky.straight()
    assert shaky.box.ours() == shaky.box.theirs()
    assert Placement.objects.count() == 60
    assert shaky.box.folder("inbox").total_count == 60


def test_a_cut_while_our_acts_are_replayed_carries_each_out_once(shaky: Shaky) -> None:
    shaky.box.deliver(*(raw_mail(n) for n in range(8)))
    assert shaky.try_to_sync()
    operations.mark_seen(shaky.box.copies(), seen=True)
    operations.move(shaky.box.copies()[:4], "archive")
    operations.move(shaky.box.copies()[:2], "trash")
    for cut in range(300, 6_000, 450):
        shaky.relay.cut_after = cut
        if shaky.try_to_sync():
            break
    shaky.relay.cut_after = None
    assert shaky.try_to_sync()
    assert shaky.try_to_sync()
    shaky.straight()
    assert shaky.box.ours() == shaky.box.theirs()
    counts = {use: len(shaky.box.copies(use)) for use in ("inbox", "archive", "trash")}
    assert counts == {"inbox": 2, "archive": 4, "trash": 2}
    assert not MessageCopy.objects.filter(is_seen=False).exists()


def test_a_server_that_falls_silent_is_left_in_time(shaky: Shaky) -> None:
    shaky.box.deliver(*(raw_mail(n, text="mot " * 2_000) for n in range(10)))
    shaky.relay.stall_after = 30_000
    started = time.monotonic()
    assert not shaky.try_to_sync(timeout=2)
    assert time.monotonic() - started < 20
    shaky.relay.stall_after = None
    assert shaky.try_to_sync()
    shaky.straight()
    assert shaky.box.ours() == shaky.box.theirs()
