"""A mail in the database: once, its copies apart (SYN-05, SYN-14, D22, D23, D48)."""

import pytest
from django.db import transaction

from relance.live.models import Event
from relance.mail import operations, sources, store
from relance.mail.models import (
    CopyParticipant,
    Message,
    MessageCopy,
    Operation,
    Participant,
    RawMessage,
    Thread,
)
from relance.mime.parse import parse
from relance.users.models import User
from tests.mail.local import Local, letter, local

pytestmark = pytest.mark.django_db
ME = "me@clarte.example"


@pytest.fixture
def here(owner: User) -> Local:
    return local(owner)


def news_of(here: Local) -> list[int]:
    events = Event.objects.filter(kind="inbox.changed", user_id=here.account.owner_id)
    return [t for e in events if e.payload["account"] == here.account.pk for t in e.payload["new"]]


def counts(here: Local, use: str = "inbox") -> tuple[int, int]:
    folder = here.account.folders.get(special_use=use)
    return folder.total_count, folder.unread_count


def test_one_mail_to_two_colleagues_is_one_message_and_news_to_both(here: Local) -> None:
    other = local(User.objects.create_user("bruno@clarte.example"), "bruno@clarte.example")
    mine, his = here.one(letter("a@x")), other.one(letter("a@x"))
    assert mine.message_id == his.message_id
    assert RawMessage.objects.count() == 1
    assert news_of(here) == [mine.thread_id]
    assert news_of(other) == [his.thread_id]


def test_history_and_what_comes_a_second_time_are_no_news(here: Local) -> None:
    here.receive(letter("a@x"), history=True)
    here.one(letter("a@x"), folder="archive")
    here.one(letter("b@x"), folder="archive")
    assert news_of(here) == []
    here.one(letter("b@x"))
    assert news_of(here) == [], "it lay in the archive and came back to the inbox"


def test_keeping_and_placing_the_same_mail_again_changes_nothing(here: Local) -> None:
    copy = here.one(letter("a@x"))
    here.uid -= 1
    assert here.receive(letter("a@x")) == []
    store.place(here.account, [(copy, parse(letter("a@x")))])
    assert (MessageCopy.objects.count(), Thread.objects.count(), counts(here)) == (1, 1, (1, 1))


def test_a_bcc_is_known_to_the_copy_that_has_it_and_to_no_message(here: Local) -> None:
    hidden = letter("a@x", sender=ME).replace(b"Subject:", b"Bcc: secret@rival.example\r\nSubject:")
    copy = here.one(hidden, folder="sent")
    other = local(User.objects.create_user("b@clarte.example"), "b@clarte.example")
    plain = other.one(letter("a@x", sender=ME))
    assert copy.message_id == plain.message_id, "what they share is equal"
    assert [p.copy_id for p in CopyParticipant.objects.all()] == [copy.pk]
    assert not Participant.objects.filter(address__address="secret@rival.example").exists()
    assert b"secret" not in sources.source_of(plain)


@pytest.mark.parametrize(
    ("folder", "to", "verdict", "is_mine"),
    [
        ("sent", "alice@client.example", "", True),
        ("archive", ME, "", True),
        ("inbox", "alice@client.example", "", True),
        ("inbox", "alice@client.example", "spf=fail dkim=fail dmarc=fail", False),
        ("inbox", ME, "", False),
    ],
)
def test_what_is_from_me_was_sent_unless_it_only_claims_so(
    here: Local, folder: str, to: str, verdict: str, is_mine: bool
) -> None:
    raw = letter("a@x", sender=f"Camille <{ME.upper()}>", to=to)
    if verdict:
        raw = f"Authentication-Results: mx.clarte.example; {verdict}\r\n".encode() + raw
    assert here.one(raw, folder=folder).is_outgoing is is_mine


def test_what_another_of_my_mailboxes_sent_is_mine_too(owner: User, here: Local) -> None:
    local(owner, "camille@second.example")
    raw = letter("a@x", sender="camille@second.example")
    assert here.one(raw, folder="archive").is_outgoing


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("Auto-Submitted: auto-replied", "is_auto"),
        ("Precedence: bulk", "is_bulk"),
        ("Content-Type: multipart/report; report-type=delivery-status; boundary=b", "is_bounce"),
    ],
)
def test_what_no_person_wrote_is_marked(here: Local, line: str, field: str) -> None:
    copy = here.one(line.encode() + b"\r\n" + letter("a@x"))
    assert getattr(copy.message, field) is True


def test_fifty_thousand_recipients_are_bounded(here: Local) -> None:
    to = ",\r\n ".join(f"p{n}@client.example" for n in range(50_000))
    here.one(letter("a@x", to=to))
    assert 1_000 < Participant.objects.filter(role=Participant.Role.TO).count() <= 2_000


@pytest.mark.parametrize(
    "raw", [b"", b"\x00" * 100, b"\r\n\r\n", b"From: \xff\xfe@\x00\r\n\r\n\x00"]
)
def test_what_is_hardly_a_mail_is_kept_byte_for_byte(here: Local, raw: bytes) -> None:
    copy = here.one(raw)
    assert copy.stage == MessageCopy.Stage.PLACED
    assert sources.source_of(copy) == raw


def test_two_mails_without_message_id_that_differ_are_two_messages(here: Local) -> None:
    here.receive(letter(), letter(), letter(subject="Autre"))
    assert Message.objects.count() == 2


def test_counts_follow_every_change(here: Local) -> None:
    first, second, _third = here.receive(letter("a@x"), letter("b@x"), letter("c@x"))
    assert counts(here) == (3, 3)
    operations.mark_seen([first], seen=True)
    assert counts(here) == (3, 2)
    first.refresh_from_db()
    operations.move([first, second], "archive")
    assert (counts(here), counts(here, "archive")) == ((1, 1), (2, 1))
    folder = here.account.folders.get(special_use="archive")
    store.forget(folder, list(folder.copies.all()))
    assert counts(here, "archive") == (0, 0)
    assert Message.objects.count() == 3, "a message stays for whoever else has it"


def test_flags_of_the_server_are_taken_over_without_touching_the_rest(here: Local) -> None:
    first, second = here.receive(letter("a@x"), letter("b@x"))
    folder = here.account.folders.get(special_use="inbox")
    changes = [(first, frozenset({"\\Seen", "\\Answered"})), (second, frozenset({"$Forwarded"}))]
    store.set_flags(folder, changes)
    first.refresh_from_db()
    assert (first.is_seen, first.is_answered, first.is_flagged) == (True, True, False)
    assert counts(here) == (2, 1)


def test_an_archive_that_was_never_there_is_made_once(here: Local) -> None:
    here.account.folders.filter(special_use="archive").delete()
    operations.move(here.receive(letter("a@x")), "archive")
    operations.move(here.receive(letter("b@x")), "archive")
    made = here.account.folders.get(special_use="archive")
    assert made.path == "Archive"
    assert [o.target_folder for o in Operation.objects.all()] == [made, made]


def test_a_transaction_that_fails_leaves_no_trace_of_an_act(here: Local) -> None:
    copies = here.receive(letter("a@x"))
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        operations.move(copies, "archive")
        raise ZeroDivisionError
    assert counts(here) == (1, 1)
    assert not Operation.objects.exists()
