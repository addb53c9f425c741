"""Mailboxes in step with a real Dovecot (SYN-01, 02, 05–08, 12; promises I1, I3, I8)."""

import pytest

from relance.inbox.models import Placement
from relance.live.models import Event
from relance.mail import operations, store
from relance.mail.models import Folder, MailAccount, Message, MessageCopy, Operation, RawMessage
from relance.mail.parsing import Parser, ParserDied
from relance.mime.message import ParsedMessage
from relance.notices.models import Notice
from tests.mail.conftest import Synced, raw_mail

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(params=["box", "poor_box"])
def any_box(request: pytest.FixtureRequest) -> Synced:
    """The same promises hold on a server with every extension and on one with none."""
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Synced)
    return found


def test_the_first_import_equals_the_server_and_sets_no_flag(any_box: Synced) -> None:
    any_box.deliver(*(raw_mail(n) for n in range(60)))
    any_box.deliver(raw_mail(100), folder="Sent", flags=("\\Seen",))
    any_box.sync()
    assert any_box.ours() == any_box.theirs()
    assert sum(any_box.ours().values()) == 61
    with any_box.session() as session:
        session.list_folders()
        session.select("INBOX")
        assert not any("\\Seen" in f for f in session.fetch_flags().values())
    any_box.account.refresh_from_db()
    assert any_box.account.state == MailAccount.State.OK
    assert any_box.account.import_done == any_box.account.import_total == 61


def test_the_owner_is_told_once_that_her_mail_is_here(box: Synced) -> None:
    box.deliver(raw_mail(1))
    box.sync()
    box.deliver(raw_mail(2))
    box.sync()
    notice = Notice.objects.get(code="mailbox_imported")
    assert notice.params["count"] == 1


def test_history_is_silent_and_new_mail_is_news(box: Synced) -> None:
    box.deliver(raw_mail(1))
    box.sync()
    assert not any(e.payload["new"] for e in Event.objects.filter(kind="inbox.changed"))
    box.deliver(raw_mail(2, sender="Bob <bob@other.example>", subject="Autre"))
    box.sync()
    news = [e.payload["new"] for e in Event.objects.filter(kind="inbox.changed")]
    newest = box.copies()[-1]
    assert [newest.thread_id] in news
    assert not newest.is_history


def test_flags_set_elsewhere_are_taken_over(any_box: Synced) -> None:
    any_box.deliver(raw_mail(1), raw_mail(2))
    any_box.sync()
    with any_box.session() as session:
        session.list_folders()
        session.select("INBOX", readonly=False)
        session.store_flags([any_box.copies()[0].uid or 0], add=["\\Seen", "\\Flagged"])
    any_box.sync()
    first, second = any_box.copies()
    assert (first.is_seen, first.is_flagged, second.is_seen) == (True, True, False)
    assert any_box.folder("inbox").unread_count == 1


def test_mail_deleted_elsewhere_disappears_here(any_box: Synced) -> None:
    any_box.deliver(raw_mail(1), raw_mail(2, subject="Autre"))
    any_box.sync()
    with any_box.session() as session:
        session.create_folder("Trash")
        session.list_folders()
        session.select("INBOX", readonly=False)
        session.move([any_box.copies()[0].uid or 0], "Trash")
    any_box.sync()
    assert any_box.ours() == any_box.theirs()
    assert Placement.objects.count() == 1
    assert any_box.folder("inbox").total_count == 1
    assert any_box.folder("trash").total_count == 1


def test_what_is_read_here_is_read_there(any_box: Synced) -> None:
    any_box.deliver(raw_mail(1))
    any_box.sync()
    operations.mark_seen(any_box.copies(), seen=True)
    any_box.sync()
    with any_box.session() as session:
        session.list_folders()
        session.select("INBOX")
        (flags,) = session.fetch_flags().values()
    assert "\\Seen" in flags
    assert any_box.copies()[0].is_seen
    assert Operation.objects.get().state == Operation.State.DONE


def test_a_star_reaches_the_server_and_goes_again(any_box: Synced) -> None:
    any_box.deliver(raw_mail(1))
    any_box.sync()
    for flagged in (True, False):
        operations.mark_flagged(any_box.copies(), flagged=flagged)
        any_box.sync()
        with any_box.session() as session:
            session.list_folders()
            session.select("INBOX")
            (flags,) = session.fetch_flags().values()
        assert ("\\Flagged" in flags) == flagged
        assert any_box.copies()[0].is_flagged == flagged
    assert {o.state for o in Operation.objects.all()} == {Operation.State.DONE}


@pytest.mark.parametrize("use", ["archive", "trash"])
def test_what_is_moved_here_is_moved_there_and_never_doubled(any_box: Synced, use: str) -> None:
    any_box.deliver(raw_mail(1), raw_mail(2))
    any_box.sync()
    operations.move(any_box.copies()[:1], use)
    assert len(any_box.copies()) == 1, "gone at once, whatever the server does"
    assert len(any_box.copies(use)) == 1
    any_box.sync()
    any_box.sync()
    assert any_box.ours() == any_box.theirs()
    assert len(any_box.copies(use)) == 1
    assert any_box.copies(use)[0].uid is not None


def test_a_move_undone_before_the_server_heard_of_it_never_reaches_it(box: Synced) -> None:
    box.deliver(raw_mail(1))
    box.sync()
    before = box.ours()
    operations.move(box.copies(), "trash")
    operations.move_to(box.copies("trash"), box.folder("inbox"))
    assert box.ours() == before
    assert [o.state for o in Operation.objects.all()] == [Operation.State.CANCELLED]
    box.sync()
    assert box.ours() == before == box.theirs()


def test_a_move_undone_afterwards_comes_back(any_box: Synced) -> None:
    any_box.deliver(raw_mail(1))
    any_box.sync()
    operations.move(any_box.copies(), "trash")
    any_box.sync()
    operations.move_to(any_box.copies("trash"), any_box.folder("inbox"))
    any_box.sync()
    assert any_box.ours() == any_box.theirs()
    assert len(any_box.copies()) == 1
    assert Placement.objects.count() == 1


def test_two_moves_in_a_row_are_replayed_in_order(any_box: Synced) -> None:
    any_box.deliver(raw_mail(1))
    any_box.sync()
    operations.move(any_box.copies(), "archive")
    Operation.objects.update(lease_until="2100-01-01T00:00:00Z")  # being replayed right now
    operations.move(any_box.copies("archive"), "trash")
    Operation.objects.update(lease_until=None)
    any_box.sync()
    any_box.sync()
    assert any_box.ours() == any_box.theirs()
    assert len(any_box.copies("trash")) == 1


def test_a_folder_numbered_anew_doubles_and_announces_nothing(box: Synced) -> None:
    box.deliver(*(raw_mail(n) for n in range(5)))
    box.sync()
    keys = {c.pk for c in box.copies()}
    Folder.objects.filter(pk=box.folder("inbox").pk).update(uidvalidity=1)
    MessageCopy.objects.filter(folder=box.folder("inbox")).update(uidvalidity=1)
    events = Event.objects.filter(kind="inbox.changed").count()
    box.sync()
    assert {c.pk for c in box.copies()} == keys
    assert box.ours() == box.theirs()
    assert Event.objects.filter(kind="inbox.changed").count() == events
    assert Message.objects.count() == 5


def test_one_mail_in_two_folders_is_one_message_with_two_copies(box: Synced) -> None:
    box.deliver(raw_mail(1))
    box.deliver(raw_mail(1), folder="Archive")
    box.sync()
    assert Message.objects.count() == 1
    assert RawMessage.objects.count() == 1
    assert MessageCopy.objects.count() == 2


def test_one_message_id_with_two_bodies_is_two_messages(box: Synced) -> None:
    box.deliver(raw_mail(1, text="one"), raw_mail(1, text="two"))
    box.sync()
    assert Message.objects.count() == 2
    assert {c.message.message_id for c in box.copies() if c.message} == {"m1@client.example"}


def test_what_i_sent_from_elsewhere_is_mine(box: Synced) -> None:
    me = box.remote.user
    box.deliver(raw_mail(1, sender=f"Me <{me}>"), folder="Sent")
    box.deliver(raw_mail(2, sender=f"Me <{me}>"))
    box.sync()
    assert [c.is_outgoing for c in box.copies("sent")] == [True]
    assert [c.is_outgoing for c in box.copies()] == [True]
    assert not Placement.objects.exists()


class PoisonParser(Parser):
    """Dies on one mail, as the real one does when its limits end it."""

    def parse(self, raws: object) -> list[ParsedMessage]:
        answers = []
        for raw in raws:  # type: ignore[attr-defined]
            if b"POISON" in raw:
                raise ParserDied(answers)
            answers += super().parse([raw])
        return answers


def test_a_poison_mail_is_set_aside_and_its_neighbours_arrive(box: Synced) -> None:
    box.parser = PoisonParser()
    box.deliver(*(raw_mail(n, text="POISON" if n == 7 else "ok") for n in range(15)))
    box.sync()
    stages = [c.stage for c in box.copies()]
    assert stages.count(MessageCopy.Stage.PLACED) == 14
    assert stages.count(MessageCopy.Stage.QUARANTINED) == 1
    assert box.ours() == box.theirs()
    aside = next(c for c in box.copies() if c.stage == MessageCopy.Stage.QUARANTINED)
    assert aside.message is not None
    assert aside.message.defects == ["unreadable"]
    assert Placement.objects.filter(thread=aside.thread).exists(), "listed, with its source"


def test_a_batch_that_was_not_committed_is_fetched_again(
    box: Synced, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.deliver(*(raw_mail(n) for n in range(5)))
    with monkeypatch.context() as patched:
        patched.setattr(store, "keep_and_place", _dies)
        with pytest.raises(KeyboardInterrupt):
            box.sync()
    assert not box.copies()
    box.sync()
    assert {c.stage for c in box.copies()} == {MessageCopy.Stage.PLACED}
    assert box.ours() == box.theirs()


def test_after_a_run_that_did_not_end_mails_are_kept_before_they_are_parsed(
    box: Synced, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Were it a mail that has us killed, it would be counted, and set aside at last."""
    box.deliver(*(raw_mail(n) for n in range(5)))
    MailAccount.objects.update(attempts=2)
    with monkeypatch.context() as patched:
        patched.setattr(store, "place", _dies)
        with pytest.raises(KeyboardInterrupt):
            box.sync()
    assert {c.stage for c in box.copies()} == {MessageCopy.Stage.KEPT}
    box.sync()
    assert {c.stage for c in box.copies()} == {MessageCopy.Stage.PLACED}
    assert box.ours() == box.theirs()


def _dies(*_args: object, **_options: object) -> None:
    raise KeyboardInterrupt


def test_an_oversized_mail_comes_with_its_headers_only(box: Synced, settings: object) -> None:
    settings.MESSAGE_FETCHED_WHOLE_UP_TO = 50_000  # type: ignore[attr-defined]
    box.deliver(raw_mail(1, text="x" * 100_000), raw_mail(2))
    box.sync()
    large, small = box.copies()
    assert (large.is_partial, small.is_partial) == (True, False)
    assert large.message is not None
    assert large.message.subject == "Devis"
    assert large.size > 100_000


def test_a_large_source_is_a_file_and_comes_back_whole(box: Synced, settings: object) -> None:
    from relance.mail import sources

    settings.RAW_IN_DATABASE_UP_TO = 1_000  # type: ignore[attr-defined]
    raw = raw_mail(1, text="y" * 5_000)
    box.deliver(raw)
    box.sync()
    (copy,) = box.copies()
    assert RawMessage.objects.get().data is None
    assert sources.source_of(copy) == raw
