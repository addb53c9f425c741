"""The reports a real Postfix writes about mails of ours, from its queue back to our rows."""

from __future__ import annotations

import smtplib
import time
from collections.abc import Callable, Iterator

import pytest

from relance.addresses import suppression
from relance.addresses.models import EmailAddress
from relance.lib import clock
from relance.mail import outbox
from relance.mail.models import Bounce, Outgoing, OutgoingRecipient
from relance.mime.message import Address
from relance.users.models import User
from tests.mail.local import Local, local
from tests.servers import postfix
from tests.servers.postfix import Postfix
from tests.servers.smtp import SmtpServer

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not postfix.is_possible(), reason="Postfix needs root, and to be there"),
]
ME = "me@clarte.example"
_QUICK = """\
smtp_tls_security_level = none
queue_run_delay = 1s
minimal_backoff_time = 1s
maximal_backoff_time = 1s
delay_warning_time = 2s
maximal_queue_lifetime = 6s
bounce_queue_lifetime = 6s
smtp_destination_rate_delay = 0
smtp_host_lookup = native
"""


@pytest.fixture(scope="module")
def world() -> Iterator[SmtpServer]:
    """Everybody's server: takes mail, except where a test says otherwise."""
    with SmtpServer(features=("8BITMIME",), mechanisms="") as server:
        yield server


@pytest.fixture(scope="module")
def relay(world: SmtpServer) -> Iterator[Postfix]:
    with Postfix(transport=f"smtp:[127.0.0.1]:{world.port}", more=_QUICK) as running:
        yield running


@pytest.fixture
def here(owner: User) -> Local:
    made = local(owner, ME)
    made.day = clock.now()
    return made


def send(here: Local, relay: Postfix, *people: str) -> Outgoing:
    """Hand a mail to Postfix as the outbox writes it."""
    letter = outbox.Letter("Devis", "Bonjour", to=[Address("", p) for p in people])
    outgoing = outbox.queue(here.account, here.account.owner, letter)
    with smtplib.SMTP("127.0.0.1", relay.port) as session:
        session.sendmail(ME, list(people), outbox.bytes_of(outgoing))
    Outgoing.objects.filter(pk=outgoing.pk).update(state="sent", sent_at=clock.now())
    outgoing.recipients.update(state=OutgoingRecipient.State.ACCEPTED)
    return outgoing


def reports(world: SmtpServer, count: int, *, within: float = 30) -> list[bytes]:
    """The reports that came back to us, once there are so many."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        found = [m.data for m in world.received if m.mail_from == "" and ME in m.rcpt_to]
        if len(found) >= count:
            return found
        time.sleep(0.1)
    raise AssertionError(f"{len(world.received)} mails, and not {count} reports among them")


def kinds() -> dict[str, tuple[str, str]]:
    rows = Bounce.objects.select_related("address")
    return {b.address.address.partition("@")[0]: (b.kind, b.cause) for b in rows}


@pytest.fixture(autouse=True)
def _fresh(world: SmtpServer) -> Callable[[], None]:
    world.reset()
    return world.reset


def test_each_refusal_comes_back_with_its_recipient_and_its_cause(
    here: Local, relay: Postfix, world: SmtpServer
) -> None:
    said = {
        "gone@client.example": "550 5.1.1 <gone@client.example>: User unknown",
        "full@client.example": "552 5.2.2 Mailbox full",
        "policy@client.example": "554 5.7.1 Message refused by policy",
        "big@client.example": "552 5.3.4 Message too big for system",
        "inconnu@orange.example": "550 5.1.1 Adresse d au moins un destinataire invalide OFR_416",
        "vague@client.example": "554 no",
    }
    world.at_rcpt = dict(said)
    outgoing = send(here, relay, *said, "fine@client.example")
    here.receive(*reports(world, 1))
    assert kinds() == {
        "gone": ("hard", "no_such_user"),
        "full": ("soft", "mailbox_full"),
        "policy": ("hard", "blocked"),
        "big": ("soft", "too_large"),
        "inconnu": ("hard", "no_such_user"),
        "vague": ("soft", "other"),
    }
    states = dict(outgoing.recipients.values_list("address__address", "state"))
    assert states.pop("fine@client.example") == "accepted"
    assert set(states.values()) == {"bounced"}
    flagged = {
        a.address.partition("@")[0]: found.code
        for a in EmailAddress.objects.all()
        if (found := suppression.verdict_of(a))
    }
    assert flagged == {"gone": "invalid", "inconnu": "invalid", "policy": "blocked"}


def test_a_delay_is_written_down_and_what_expires_fails_for_now(
    here: Local, relay: Postfix, world: SmtpServer
) -> None:
    world.at_rcpt = {"slow@client.example": "451 4.3.2 try again later"}
    outgoing = send(here, relay, "slow@client.example")
    here.receive(*reports(world, 2))
    found = Bounce.objects.filter(recipient__outgoing=outgoing).order_by("pk")
    assert [b.kind for b in found] == ["delayed", "soft"]
    assert not any(suppression.verdict_of(a) for a in EmailAddress.objects.all())


def test_a_report_of_a_mail_that_is_not_ours_changes_nothing(
    here: Local, relay: Postfix, world: SmtpServer
) -> None:
    world.at_rcpt = {"gone@client.example": "550 5.1.1 User unknown"}
    outgoing = send(here, relay, "gone@client.example")
    here.receive(*(r.replace(outgoing.message_id.encode(), b"x@y") for r in reports(world, 1)))
    assert not Bounce.objects.exists()
