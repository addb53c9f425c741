"""Promise S3: whatever a server does, wherever it does it, a mail has one clear outcome.

Eleven stages of a conversation, five things that can happen at each: 4xx, 5xx, the connection
drops, silence, and all is well. Each cell then heals the server and looks again: what was put off
arrives once, what was refused or may have left is not sent again.
"""

import dataclasses
from collections.abc import Iterator
from functools import partial

import pytest

from relance.lib import clock
from relance.mail import accounts, outbox
from relance.mail.models import MailAccount, Outgoing, OutgoingRecipient
from relance.mail.outbox import Letter, connections
from relance.notices.models import Notice
from relance.wire.smtp import SmtpSession
from tests.mail.sending import ALICE, BOB, Sender, sender, state_of
from tests.servers.smtp import DROP, STAGES, STALL, SmtpServer, smtp_sink

__all__ = ["sender"]
pytestmark = pytest.mark.django_db
State = Outgoing.State
REPLIES = {"4xx": "451 4.3.0 later", "5xx": "554 5.7.1 never", "drop": DROP, "silence": STALL}
# More than the buffers of both ends hold: the server hangs up while it is on its way.
LONG = ("x" * 76 + "\n") * 200_000


def expected(stage: str, what: str) -> str:
    """The state a mail must be in after the attempt."""
    if what == "well" or stage == "quit":
        return State.SENT
    if stage == "final" and what in ("drop", "silence"):
        return State.UNCERTAIN  # the whole message was there, and nobody said no
    if what == "5xx" and stage == "auth":
        return State.RETRYING  # the password is the owner's to mend; she is told
    if what == "5xx" and stage == "rcpt":
        return State.SENT  # to the others
    return State.FAILED if what == "5xx" else State.RETRYING


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Silence is half a second here."""
    monkeypatch.setattr(connections, "SmtpSession", partial(SmtpSession, timeout=0.5))


@pytest.fixture(scope="module")
def starttls_server() -> Iterator[SmtpServer]:
    with SmtpServer() as server:
        yield server


def play(sender: Sender, stage: str, what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the server do that, there."""
    if what == "well":
        return
    if stage == "connect" and what in ("4xx", "5xx"):
        # No server speaks before one has connected: nobody listens (now), or the guard forbids it.
        host = {"smtp_port": 1} if what == "4xx" else {"smtp_host": "127.0.0.2"}
        MailAccount.objects.update(**host)
    elif stage == "rcpt":
        sender.server.at_rcpt[BOB.address] = REPLIES[what]
    else:
        sender.server.at[stage] = REPLIES[what]


def heal(sender: Sender) -> None:
    sender.server.at.clear()
    sender.server.at_rcpt.clear()
    MailAccount.objects.update(smtp_port=sender.server.port, smtp_host="127.0.0.1")
    Outgoing.objects.exclude(next_try_at=None).update(next_try_at=clock.now())


@pytest.mark.parametrize("what", ["4xx", "5xx", "drop", "silence", "well"])
@pytest.mark.parametrize("stage", STAGES)
def test_each_cell_has_its_outcome(
    sender: Sender,
    starttls_server: SmtpServer,
    stage: str,
    what: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if stage == "starttls":
        _speak_tls(sender, starttls_server, monkeypatch)
    play(sender, stage, what, monkeypatch)
    text = LONG if stage == "body" else "Bonjour"
    letter = Letter(subject="Devis", text=text, to=(ALICE, BOB))
    outgoing = outbox.queue(sender.account, sender.owner, letter)
    assert outbox.deliver(outgoing.pk)
    connections.close_rested(0)
    assert state_of(outgoing) == expected(stage, what)
    _check_waiting(outgoing)
    _check_told(stage, what)

    heal(sender)
    outbox.sweep()
    connections.close_rested(0)
    _check_received_once(sender, outgoing, stage, what)


def _speak_tls(sender: Sender, server: SmtpServer, monkeypatch: pytest.MonkeyPatch) -> None:
    server.reset()
    sender.server = server
    MailAccount.objects.update(smtp_security="starttls", smtp_port=server.port)
    sender.account.refresh_from_db()
    usual = accounts.smtp_server
    unverified = lambda account: dataclasses.replace(usual(account), verify=False)  # noqa: E731
    monkeypatch.setattr(accounts, "smtp_server", unverified)


def _check_waiting(outgoing: Outgoing) -> None:
    if outgoing.state == State.RETRYING:
        assert outgoing.next_try_at is not None
        wait = (outgoing.next_try_at - clock.now()).total_seconds()
        login = outgoing.error_code in accounts.LOGIN_REFUSED
        assert wait == pytest.approx(900 if login else 300, abs=15)
        assert not outbox.deliver(outgoing.pk), "not before its time"


def _check_told(stage: str, what: str) -> None:
    """One word for what was refused for good; none for what may still arrive."""
    told = list(Notice.objects.values_list("code", flat=True))
    refused = what == "5xx" and stage != "quit"
    assert told == (["outgoing_failed"] if refused else [])


def _check_received_once(sender: Sender, outgoing: Outgoing, stage: str, what: str) -> None:
    got = [address for r in sender.server.received for address in r.rcpt_to]
    everybody = [ALICE.address, BOB.address]
    state = state_of(outgoing)
    if expected(stage, what) == State.FAILED:
        assert (state, got) == (State.FAILED, [])
        assert outbox.sweep() == 0
    elif stage == "rcpt" and what == "5xx":
        assert (state, got) == (State.SENT, [ALICE.address])
    elif expected(stage, what) == State.UNCERTAIN:
        assert (state, sorted(got)) == (State.UNCERTAIN, everybody), "once: nothing is resent"
    else:
        assert (state, sorted(got)) == (State.SENT, everybody)
        accepted = OutgoingRecipient.State.ACCEPTED
        assert set(outgoing.recipients.values_list("state", flat=True)) == {accepted}


SINK = {"-r": "4xx", "-f": "5xx", "-q": "drop", "-Q": "4xx"}


@pytest.mark.parametrize("option", SINK)
@pytest.mark.parametrize("command", ["connect", "ehlo", "mail", "rcpt", "data", ".", "quit"])
def test_postfix_s_own_sink_agrees(sender: Sender, command: str, option: str) -> None:
    stage = {"connect": "banner", ".": "final"}.get(command, command)
    with smtp_sink(option, command) as port:
        MailAccount.objects.update(smtp_port=port, smtp_username="", smtp_password="")
        outgoing = sender.write(BOB)
        assert outbox.deliver(outgoing.pk)
        connections.close_rested(0)
    what = SINK[option]
    state = expected(stage, what)
    if what == "5xx" and stage in ("rcpt", "ehlo"):
        # There is no other recipient; and who does not know EHLO is greeted with HELO.
        state = State.FAILED if stage == "rcpt" else State.SENT
    assert state_of(outgoing) == state
