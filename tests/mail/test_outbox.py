"""Sending: each mail once, every outcome known or shown as uncertain (promises S1, S3, S4)."""

import pytest

from relance.lib import clock
from relance.live.models import Event
from relance.mail import accounts, outbox
from relance.mail.models import MailAccount, Operation, Outgoing, OutgoingRecipient
from relance.mail.outbox import Letter, NoRecipient
from relance.mime.message import Address
from relance.mime.parse import parse
from relance.notices.models import Notice
from tests.mail.conftest import Synced, raw_mail
from tests.mail.sending import ALICE, BOB, Sender, sender
from tests.servers.smtp import DROP, SmtpServer

__all__ = ["sender"]
pytestmark = pytest.mark.django_db(transaction=True)


def test_a_mail_leaves_once_and_is_filed_in_sent(sender: Sender) -> None:
    outgoing = sender.send()
    assert outgoing.state == Outgoing.State.SENT
    assert not outbox.deliver(outgoing.pk), "a mail that was sent is nobody's to send"
    (received,) = sender.server.received
    assert (received.mail_from, received.rcpt_to) == (sender.account.address, [ALICE.address])
    parsed = parse(received.data)
    assert parsed.message_id == outgoing.message_id
    assert parsed.from_ == (Address("Camille Laurent", sender.account.address),)
    assert Operation.objects.get().kind == Operation.Kind.APPEND
    told = Event.objects.filter(kind="outgoing.changed").order_by("pk")
    assert [e.payload["state"] for e in told] == ["queued", "sending", "sent"]


def test_a_provider_that_files_sent_mail_gets_no_second_copy(sender: Sender) -> None:
    MailAccount.objects.update(provider="gmail")
    sender.send()
    assert not Operation.objects.exists()


@pytest.mark.parametrize("stage", ["connect", "ehlo", "mail", "rcpt", "data", "final"])
def test_a_server_that_cannot_now_is_asked_again_later(sender: Sender, stage: str) -> None:
    sender.server.at[stage] = "451 4.3.0 later" if stage != "connect" else DROP
    outgoing = sender.send()
    assert outgoing.state == Outgoing.State.RETRYING
    assert outgoing.next_try_at is not None
    wait = (outgoing.next_try_at - clock.now()).total_seconds()
    assert 290 < wait <= 300
    assert not outbox.deliver(outgoing.pk), "not before its time"
    sender.server.reset()
    Outgoing.objects.update(next_try_at=clock.now())
    assert outbox.sweep() == 1
    assert [parse(r.data).message_id for r in sender.server.received] == [outgoing.message_id]


@pytest.mark.parametrize("stage", ["mail", "data", "final"])
def test_a_refusal_for_good_is_told_and_never_tried_again(sender: Sender, stage: str) -> None:
    sender.server.at[stage] = "550 5.7.1 no"
    outgoing = sender.send()
    assert outgoing.state == Outgoing.State.FAILED
    assert Notice.objects.get().code == "outgoing_failed"
    assert outbox.sweep() == 0


def test_a_refused_password_makes_the_outbox_wait_with_one_attempt_and_one_word(
    sender: Sender,
) -> None:
    MailAccount.objects.filter(pk=sender.account.pk).update(smtp_username="nobody")
    first, second = sender.write(), sender.write()
    assert outbox.sweep() == 1
    first.refresh_from_db()
    assert (first.state, first.error_code) == (Outgoing.State.RETRYING, "wrong_password")
    assert first.next_try_at is not None
    assert 880 < (first.next_try_at - clock.now()).total_seconds() <= 900
    assert outbox.due() == [], "the next one would only be refused too"
    Outgoing.objects.filter(pk=first.pk).update(next_try_at=clock.now())
    assert outbox.sweep() == 1
    assert Notice.objects.count() == 1
    MailAccount.objects.update(smtp_username="alice")
    sender.account.refresh_from_db()
    accounts.change_password(sender.account, "x", smtp_password="secret")
    outbox.sweep()
    assert set(Outgoing.objects.values_list("state", flat=True)) == {Outgoing.State.SENT}
    assert {parse(r.data).message_id for r in sender.server.received} == {
        first.message_id,
        second.message_id,
    }


def test_a_mail_nobody_takes_is_given_up_after_five_days(sender: Sender) -> None:
    sender.server.at["connect"] = DROP
    outgoing = sender.write()
    long_ago = clock.seconds_from_now(-5 * 86_400 - 60)
    Outgoing.objects.update(
        queued_at=long_ago, state="retrying", attempts=30, error_code="disconnected"
    )
    outbox.sweep()
    outgoing.refresh_from_db()
    assert outgoing.state == Outgoing.State.FAILED
    assert Notice.objects.get().code == "outgoing_failed"


def test_the_outbox_of_a_mailbox_that_needs_its_owner_waits(sender: Sender) -> None:
    outgoing = sender.write()
    MailAccount.objects.update(state="auth_error")
    assert not outbox.deliver(outgoing.pk)
    assert outbox.sweep() == 0
    accounts.change_password(MailAccount.objects.get(), "x", smtp_password="secret")
    assert outbox.sweep() == 1


def test_only_the_refused_recipient_is_refused(sender: Sender) -> None:
    sender.server.at_rcpt[BOB.address] = "550 5.1.1 no such user"
    outgoing = sender.send(ALICE, BOB)
    states = dict(outgoing.recipients.values_list("address__address", "state"))
    assert states == {ALICE.address: "accepted", BOB.address: "refused"}
    assert outgoing.state == Outgoing.State.SENT
    assert Notice.objects.get().params["addresses"] == [BOB.address]


def test_only_the_recipient_put_off_is_tried_again(sender: Sender) -> None:
    sender.server.at_rcpt[BOB.address] = "451 4.2.1 later"
    outgoing = sender.send(ALICE, BOB)
    assert outgoing.state == Outgoing.State.RETRYING
    sender.server.reset()
    Outgoing.objects.update(next_try_at=clock.now())
    outbox.sweep()
    assert [r.rcpt_to for r in sender.server.received] == [[BOB.address]]
    outgoing.refresh_from_db()
    assert outgoing.state == Outgoing.State.SENT
    assert Operation.objects.count() == 1, "filed in Sent once"


def test_silence_after_the_last_byte_is_uncertain_and_never_sent_again(sender: Sender) -> None:
    sender.server.at["final"] = DROP
    outgoing = sender.send()
    assert outgoing.state == Outgoing.State.UNCERTAIN
    sender.server.reset()
    Outgoing.objects.update(next_try_at=None)
    outbox.sweep()
    assert not sender.server.received


def test_a_worker_that_died_while_sending_leaves_an_uncertain_mail(sender: Sender) -> None:
    outgoing = sender.write()
    Outgoing.objects.update(state="sending", lease_until=clock.seconds_from_now(-1))
    outbox.sweep()
    outgoing.refresh_from_db()
    assert outgoing.state == Outgoing.State.UNCERTAIN
    assert not sender.server.received


def test_an_uncertain_mail_found_in_sent_was_sent(box: Synced) -> None:
    letter = Letter(subject="Devis", text="x", to=(ALICE,))
    outgoing = outbox.queue(box.account, box.account.owner, letter)
    Outgoing.objects.update(state="uncertain")
    box.deliver(outbox.bytes_of(outgoing), folder="Sent")
    box.sync()
    outgoing.refresh_from_db()
    assert outgoing.state == Outgoing.State.SENT


def test_the_user_may_send_an_uncertain_mail_again(sender: Sender) -> None:
    sender.server.at["final"] = DROP
    outgoing = sender.send()
    sender.server.reset()
    assert outbox.try_again(outgoing.pk, sender.owner)
    outbox.sweep()
    outgoing.refresh_from_db()
    assert outgoing.state == Outgoing.State.SENT
    assert outgoing.recipients.get().state == OutgoingRecipient.State.ACCEPTED


def test_an_answer_threads_and_its_copy_reaches_the_servers_sent_folder(
    box: Synced, smtp_server: SmtpServer
) -> None:
    MailAccount.objects.update(
        smtp_port=smtp_server.port, smtp_same_login=False, smtp_username="alice"
    )
    MailAccount.objects.get().refresh_from_db()
    account = MailAccount.objects.get()
    account.smtp_password = "secret"
    account.save()
    box.deliver(raw_mail(1, headers="References: <root@client.example>\r\n"))
    box.sync()
    (copy,) = box.copies()
    outgoing = outbox.queue_reply(
        account, account.owner, copy=copy, letter=Letter(subject="", text="Oui", to=(ALICE,))
    )
    assert outbox.deliver(outgoing.pk)
    parsed = parse(smtp_server.received[0].data)
    assert parsed.subject == "Re: Devis"
    assert parsed.in_reply_to == ("m1@client.example",)
    assert parsed.references == ("root@client.example", "m1@client.example")
    box.sync()
    box.sync()
    (sent,) = box.copies("sent")
    assert sent.thread_id == copy.thread_id
    assert sent.is_outgoing
    assert sent.is_seen
    assert box.ours() == box.theirs()
    assert Operation.objects.filter(kind="append").get().state == Operation.State.DONE


@pytest.mark.parametrize("bad", ["", "nobody", "a b@c.example", "x@y.example\r\nRCPT TO:<z@z>"])
def test_an_address_that_is_none_is_refused_before_anything_is_written(
    sender: Sender, bad: str
) -> None:
    with pytest.raises(NoRecipient):
        sender.write(Address("", bad))
    assert not Outgoing.objects.exists()


def test_no_header_can_be_injected(sender: Sender) -> None:
    letter = Letter(subject="Hi\r\nBcc: evil@x.example", text=".\r\n.", to=(ALICE,))
    outgoing = outbox.queue(sender.account, sender.owner, letter)
    outbox.deliver(outgoing.pk)
    (received,) = sender.server.received
    assert received.rcpt_to == [ALICE.address]
    assert not parse(received.data).bcc
    assert parse(received.data).text.replace("\r\n", "\n").strip() == ".\n."


def test_blind_copies_are_kept_in_the_sender_s_own_mailbox_alone(
    box: Synced, smtp_server: SmtpServer
) -> None:
    account = box.account
    account.smtp_port, account.smtp_same_login = smtp_server.port, False
    account.smtp_username, account.smtp_password = "alice", "secret"
    account.save()
    letter = Letter(subject="Devis", text="Bonjour", to=(ALICE,), bcc=(BOB,))
    outgoing = outbox.queue(account, account.owner, letter)
    assert outbox.deliver(outgoing.pk)
    (received,) = smtp_server.received
    assert received.rcpt_to == [ALICE.address, BOB.address]
    assert BOB.address.encode() not in received.data
    box.sync()
    box.sync()
    (copy,) = box.copies("sent")
    assert [b.address.address for b in copy.bcc.select_related("address")] == [BOB.address]
