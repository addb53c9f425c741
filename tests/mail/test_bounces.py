"""Reports of undelivered mail: only those about mails we sent count, each for its recipient."""

from __future__ import annotations

from datetime import timedelta

import pytest

from relance import journal
from relance.addresses import book, suppression
from relance.addresses.models import EmailAddress
from relance.addresses.suppression import NotAllowed
from relance.inbox.models import ColumnCount, Placement
from relance.lib import clock
from relance.mail import bounces, store
from relance.mail.models import Bounce, MessageCopy, Outgoing, OutgoingRecipient, Thread
from relance.notices.models import Notice
from relance.users.models import User
from tests.mail.local import Local, local
from tests.mail.sending import ALICE, BOB, Sender, sender
from tests.mime import bounces as written
from tests.mime.bounces import complaint, dsn, failed, told

__all__ = ["sender"]  # a fixture
pytestmark = pytest.mark.django_db
JEAN, MARIE, PAUL = "jean@client.example", "marie@client.example", "paul@client.example"


@pytest.fixture
def here(owner: User) -> Local:
    return local(owner)


def sent(here: Local, *people: str, message_id: str = written.OUR_ID) -> Outgoing:
    """A mail that has left the outbox."""
    at = here.day - timedelta(hours=1)
    outgoing = Outgoing.objects.create(
        account=here.account,
        author=here.account.owner,
        message_id=message_id,
        subject="Devis",
        state=Outgoing.State.SENT,
        sent_at=at,
    )
    for address in people or (JEAN,):
        OutgoingRecipient.objects.create(
            outgoing=outgoing,
            address=book.row_for(address),
            state=OutgoingRecipient.State.ACCEPTED,
        )
    return outgoing


def sent_copy(message_id: str = written.OUR_ID, to: str = JEAN) -> bytes:
    return (
        f"From: me@clarte.example\r\nTo: {to}\r\nSubject: Devis\r\nMessage-ID: <{message_id}>\r\n"
        "Date: Tue, 3 Nov 2026 12:00:00 +0000\r\n\r\nBonjour\r\n"
    ).encode()


def states(outgoing: Outgoing) -> dict[str, str]:
    return dict(outgoing.recipients.values_list("address__address", "state"))


def address(text: str = JEAN) -> EmailAddress:
    return EmailAddress.objects.get(address=text)


def flags() -> set[tuple[str, str]]:
    rows = {r.address: suppression.verdict_of(r) for r in EmailAddress.objects.all()}
    return {(a, r.code) for a, r in rows.items() if r}


def again(raw: bytes, number: int, message_id: str = written.OUR_ID) -> bytes:
    """The same report about another mail, as another mail."""
    raw = raw.replace(b"report-1@", b"report-%d@" % number)
    return raw.replace(written.OUR_ID.encode(), message_id.encode())


def test_only_the_recipient_who_failed_is_marked(here: Local) -> None:
    outgoing = sent(here, JEAN, MARIE, PAUL)
    full = failed(MARIE, "5.2.2", "552 5.2.2 Mailbox full")
    here.one(dsn(failed(JEAN), full))
    assert states(outgoing) == {JEAN: "bounced", MARIE: "bounced", PAUL: "accepted"}
    assert flags() == {(JEAN, "invalid")}
    found = bounces.of([outgoing.pk])[outgoing.pk]
    assert [(b.address.address, b.kind, b.cause) for b in found] == [
        (JEAN, "hard", "no_such_user"),
        (MARIE, "soft", "mailbox_full"),
    ]


def test_the_author_is_told_once_with_the_reason(here: Local) -> None:
    outgoing = sent(here, JEAN, MARIE)
    here.one(dsn(failed(JEAN), failed(MARIE)))
    here.one(again(dsn(failed(JEAN), failed(MARIE)), 2))
    notice = Notice.objects.get(code="mail_bounced")
    assert notice.user_id == outgoing.author_id
    assert notice.params["addresses"] == [JEAN, MARIE]
    assert (notice.params["kind"], notice.params["cause"]) == ("hard", "no_such_user")
    assert notice.params["answer"] == "550 5.1.1 User unknown"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("5.2.2", "552 5.2.2 Over quota"),
        ("4.4.7", "delivery time expired"),
        ("5.3.4", "552 too large"),
        ("5.2.1", "550 5.2.1 account disabled"),
        ("5.0.0", "554 no"),
    ],
)
def test_what_may_pass_marks_no_address(here: Local, code: str, said: str) -> None:
    sent(here)
    here.one(dsn(failed(JEAN, code, said)))
    assert flags() == set()
    assert Bounce.objects.get().kind == "soft"


@pytest.mark.parametrize("said", ["550 5.7.1 rejected by policy", "554 5.7.1 spam detected"])
def test_a_refusal_by_policy_blocks_and_never_says_the_address_is_wrong(
    here: Local, said: str
) -> None:
    sent(here)
    here.one(dsn(failed(JEAN, "5.7.1", said)))
    assert flags() == {(JEAN, "blocked")}


def test_five_temporary_failures_within_a_month_block(here: Local) -> None:
    full = failed(JEAN, "5.2.2", "552 full")
    here.day = clock.now() - timedelta(days=2)
    for n in range(5):
        assert flags() == set()
        sent(here, message_id=f"devis-{n}@clarte.example")
        here.one(again(dsn(full), n, f"devis-{n}@clarte.example"))
        here.one(again(dsn(full), 100 + n, f"devis-{n}@clarte.example"))
    assert flags() == {(JEAN, "blocked")}
    assert address().soft_bounces == 5, "two reports about one mail count once"


def test_five_temporary_failures_over_months_do_not_block(here: Local) -> None:
    here.day = clock.now() - timedelta(days=200)
    for n in range(6):
        sent(here, message_id=f"devis-{n}@clarte.example")
        raw = again(dsn(failed(JEAN, "5.2.2", "552 full")), n, f"devis-{n}@clarte.example")
        here.one(raw)
        here.wait(days=35)
    assert flags() == set()


def test_a_delay_is_only_written_down(here: Local) -> None:
    outgoing = sent(here)
    here.one(dsn(f"Final-Recipient: rfc822; {JEAN}\nAction: delayed\nStatus: 4.4.1"))
    assert states(outgoing) == {JEAN: "accepted"}
    assert Bounce.objects.get().kind == "delayed"
    assert not Notice.objects.exists()
    assert address().soft_bounces == 0


def test_a_success_reported_begins_the_count_anew(here: Local) -> None:
    sent(here)
    EmailAddress.objects.filter(address=JEAN).update(soft_bounces=4)
    here.one(dsn(f"Final-Recipient: rfc822; {JEAN}\nAction: delivered\nStatus: 2.0.0"))
    assert address().soft_bounces == 0
    assert not Bounce.objects.exists()


def test_a_complaint_opts_the_address_out(here: Local) -> None:
    outgoing = sent(here)
    here.one(complaint())
    assert flags() == {(JEAN, "opted_out")}
    assert states(outgoing) == {JEAN: "accepted"}


FORGED = {
    "a mail never sent": lambda: dsn(
        failed(JEAN), returned=b"Message-ID: <never-sent@clarte.example>\r\n"
    ),
    "no mail at all": lambda: dsn(failed(JEAN), returned=b"Subject: x\r\n"),
    "somebody we did not write to": lambda: dsn(failed("ceo@rival.example")),
    "words about a mail never sent": lambda: told(
        f"could not be delivered to:\n\n<{JEAN}>: no such user\n", "failure notice"
    ),
    "a complaint of a stranger": lambda: complaint("ceo@rival.example"),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_report_changes_nothing(here: Local, name: str) -> None:
    outgoing = sent(here)
    book.row_for("ceo@rival.example")
    here.one(FORGED[name]())
    assert states(outgoing) == {JEAN: "accepted"}
    assert (flags(), Bounce.objects.count(), Notice.objects.count()) == (set(), 0, 0)


def test_a_draft_or_a_mail_that_was_received_is_none_we_sent(here: Local) -> None:
    draft = sent(here)
    Outgoing.objects.filter(pk=draft.pk).update(state=Outgoing.State.DRAFT)
    received = sent_copy("theirs@x.example").replace(b"me@clarte", b"somebody@x")
    here.one(received)
    here.one(dsn(failed(JEAN)))
    here.one(again(dsn(failed(JEAN)), 2, "theirs@x.example"))
    assert (flags(), Bounce.objects.count()) == (set(), 0)


def test_a_mail_sent_by_another_program_counts_by_its_copy_in_sent(here: Local) -> None:
    copy = here.one(sent_copy(to=f"{JEAN}, {MARIE}"), folder="sent")
    here.one(dsn(failed(JEAN)))
    assert flags() == {(JEAN, "invalid")}
    assert copy.message_id is not None
    (bounce,) = bounces.of_messages([copy.message_id])[copy.message_id]
    assert bounce.recipient is None
    assert Notice.objects.get().url == f"/threads/{copy.thread_id}/"


def test_a_report_in_another_mailbox_of_ours_counts_too(here: Local) -> None:
    outgoing = sent(here)
    other = local(User.objects.create_user("sales@clarte.example"), "sales@clarte.example")
    other.one(dsn(failed(JEAN)))
    assert states(outgoing) == {JEAN: "bounced"}
    assert Notice.objects.get().user_id == outgoing.author_id
    assert not Placement.objects.exists()


def test_history_settles_nothing(here: Local) -> None:
    outgoing = sent(here)
    here.receive(dsn(failed(JEAN)), history=True)
    assert (states(outgoing), Notice.objects.count()) == ({JEAN: "accepted"}, 0)
    assert not Placement.objects.exists()


@pytest.mark.parametrize("first", ["sent", "report"])
def test_a_report_joins_the_conversation_of_its_mail_and_stands_in_no_column(
    here: Local, first: str
) -> None:
    sent(here)
    for what in ("sent", "report") if first == "sent" else ("report", "sent"):
        if what == "sent":
            here.one(sent_copy(), folder="sent")
        else:
            here.one(dsn(failed(JEAN)))
    assert Thread.objects.count() == 1
    assert MessageCopy.objects.filter(thread=Thread.objects.get()).count() == 2
    assert not Placement.objects.exists()
    assert not ColumnCount.objects.exclude(total=0, unread=0).exists()


def test_a_report_of_nothing_known_stands_in_no_column_either(here: Local) -> None:
    copy = here.one(told("could not be delivered to:\n\n<a@b.example>: x\n"))
    assert not Placement.objects.exists()
    assert copy.folder.special_use == "inbox"


def test_a_report_too_large_to_be_read_by_itself_is_shown_like_any_mail(here: Local) -> None:
    copy = here.one(dsn(failed(JEAN)))
    MessageCopy.objects.filter(pk=copy.pk).update(is_partial=True)
    copy.refresh_from_db()
    store.place_again(copy)
    assert Placement.objects.get().thread_id == copy.thread_id


def test_a_report_does_not_move_or_brighten_the_conversation_it_joins(here: Local) -> None:
    here.one(sent_copy(), folder="sent")
    answer = sent_copy("answer@client.example").replace(b"me@clarte", b"jean@client")
    answer = answer.replace(b"Subject", b"In-Reply-To: <devis-1@clarte.example>\r\nSubject", 1)
    here.one(answer)
    MessageCopy.objects.update(is_seen=True)
    before = Placement.objects.values("key", "message_count", "message").get()
    here.one(dsn(failed(JEAN)))
    assert Placement.objects.values("key", "message_count", "message").get() == before
    assert not Placement.objects.filter(is_unread=True).exclude(is_unread=False).count() > 1


def test_a_refusal_at_once_is_written_down_and_marks_the_address(here: Local) -> None:
    recipient = sent(here).recipients.get()
    bounce = bounces.refused(recipient, 550, "5.1.1", "5.1.1 No such user")
    assert (bounce.kind, bounce.cause, bounce.report) == ("hard", "no_such_user", None)
    assert flags() == {(JEAN, "invalid")}


@pytest.mark.parametrize(
    "said",
    [
        "Relay access denied",
        "Sender not authorised",
        "daily sending limit exceeded",
        "message rejected as spam",
        "message too large",
    ],
)
def test_a_refusal_that_speaks_of_us_or_of_the_mail_marks_no_address(
    here: Local, said: str
) -> None:
    recipient = sent(here).recipients.get()
    bounces.refused(recipient, 550, "5.7.1", said)
    assert Bounce.objects.count() == 1
    assert flags() == set()
    assert address().soft_bounces == 0


def test_unblocking_needs_a_right_and_a_reason_and_can_be_undone(here: Local) -> None:
    row = book.row_for(JEAN)
    suppression.mark_invalid(row.pk)
    admin = User.objects.create_user("admin@clarte.example", role="admin")
    with pytest.raises(NotAllowed):
        bounces.unblock(here.account.owner, row, reason="he told me")
    with pytest.raises(ValueError, match="reason"):
        bounces.unblock(admin, row, reason=" ")
    entry = bounces.unblock(admin, row, reason="he told me")
    assert (entry.params["reason"], flags()) == ("he told me", set())
    journal.undo(entry.pk, admin)
    assert flags() == {(JEAN, "invalid")}


def test_a_hostile_report_neither_stops_the_mail_nor_the_ones_beside_it(here: Local) -> None:
    sent(here)
    bad = dsn(*(failed(f"u{n}@x.example") for n in range(2_000)))
    copies = here.receive(bad, again(dsn(failed(JEAN)), 2))
    assert len(copies) == 2
    assert flags() == {(JEAN, "invalid")}


def test_the_outbox_writes_down_what_a_server_refuses_at_once(sender: Sender) -> None:
    sender.server.at_rcpt[BOB.address] = "550 5.1.1 no such user"
    outgoing = sender.send(ALICE, BOB)
    (bounce,) = bounces.of([outgoing.pk])[outgoing.pk]
    assert (bounce.address.address, bounce.kind, bounce.status) == (BOB.address, "hard", "5.1.1")
    assert flags() == {(BOB.address, "invalid")}


def test_a_recipient_put_off_is_not_written_down(sender: Sender) -> None:
    sender.server.at_rcpt[BOB.address] = "450 4.2.0 greylisted"
    outgoing = sender.send(ALICE, BOB)
    assert bounces.of([outgoing.pk]) == {}
