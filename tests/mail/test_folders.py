"""Folders renamed, deleted, made again; moves the server carried out in its own way (I4, I6)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from relance.mail import operations
from relance.mail.models import Folder, MessageCopy, Operation
from relance.mail.sync import folders
from relance.notices.models import Notice
from relance.wire.errors import TransientFailure
from relance.wire.imap import ImapSession
from tests.mail.conftest import Synced, raw_mail

pytestmark = pytest.mark.django_db(transaction=True)


def run(box: Synced, *commands: bytes) -> None:
    """Say these commands to the server, as another client does."""
    with box.session() as session:
        for command in commands:
            session.dialogue.ask(command)


def test_a_renamed_folder_keeps_its_copies(box: Synced) -> None:
    box.deliver(raw_mail(1), raw_mail(2), folder="Archive")
    box.sync()
    before = {c.pk for c in box.copies("archive")}
    box.deliver(raw_mail(3), folder="Archive")
    run(box, b"RENAME Archive Archives")
    box.sync()
    assert box.ours() == box.theirs()
    assert before < {c.pk for c in box.copies("archive")}
    assert box.folder("archive").path == "Archives"
    assert box.folder("archive").total_count == 3
    assert Folder.objects.filter(account=box.account, special_use="archive").count() == 1


def test_a_deleted_folder_takes_its_copies_with_it_but_not_at_once(box: Synced) -> None:
    box.deliver(raw_mail(1), folder="Archive")
    box.deliver(raw_mail(2))
    box.sync()
    run(box, b"DELETE Archive")
    box.sync()
    gone = Folder.objects.get(account=box.account, path="Archive")
    if gone.missing_at is None:
        pytest.skip("the server makes its standard folders again by itself")
    assert gone.copies.count() == 1, "a server may leave a folder out for a while"
    Folder.objects.filter(pk=gone.pk).update(
        missing_at=timezone.now() - folders.MISSING_FOR - timedelta(seconds=1)
    )
    box.sync()
    assert box.ours() == box.theirs()
    assert gone.copies.count() == 0


def test_a_folder_made_again_is_read_anew(box: Synced) -> None:
    box.deliver(raw_mail(1), folder="Archive")
    box.sync()
    run(box, b"DELETE Archive", b"CREATE Archive")
    box.deliver(raw_mail(2), folder="Archive")
    box.sync()
    assert box.ours() == box.theirs()
    assert len(box.copies("archive")) == 1


def test_a_list_without_any_folder_destroys_nothing(
    box: Synced, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.deliver(raw_mail(1))
    box.sync()
    monkeypatch.setattr(ImapSession, "list_folders", lambda _self: [])
    with pytest.raises(TransientFailure):
        box.sync()
    assert len(box.copies()) == 1


def test_a_folder_that_lost_its_use_is_no_longer_followed(box: Synced) -> None:
    box.deliver(raw_mail(1), folder="Archive")
    box.sync()
    folder = box.folder("archive")
    folder.path = "Project"
    folder.save()
    run(box, b"CREATE Project")
    box.sync()
    assert box.ours() == box.theirs()
    assert not MessageCopy.objects.filter(folder=folder, account=box.account).exists()


def test_a_move_of_what_another_client_has_just_deleted_leaves_no_ghost(box: Synced) -> None:
    box.deliver(raw_mail(1), raw_mail(2))
    box.sync()
    first, _ = box.copies()
    operations.move([first], "archive")
    with box.session() as session:
        session.select("INBOX", readonly=False)
        session.store_flags([first.uid or 0], add=["\\Deleted"])
        session.dialogue.ask(b"EXPUNGE")
    box.sync()
    box.sync()
    assert box.ours() == box.theirs()
    assert not MessageCopy.objects.filter(uid=None).exists()
    assert box.folder("archive").total_count == 0


def test_an_archive_that_holds_every_mail_gets_no_second_copy(box: Synced) -> None:
    box.deliver(raw_mail(1))
    box.deliver(raw_mail(1), folder="Archive")
    box.sync()
    operations.move(box.copies(), "archive")
    with box.session() as session:  # what such a server does with a move: nothing but a removal
        session.select("INBOX", readonly=False)
        session.store_flags([1], add=["\\Deleted"])
        session.dialogue.ask(b"EXPUNGE")
    box.sync()
    assert box.ours() == box.theirs()
    assert len(box.copies("archive")) == 1


def test_a_move_the_server_refuses_is_put_back_and_told(
    box: Synced, monkeypatch: pytest.MonkeyPatch
) -> None:
    from relance.wire.errors import PermanentFailure

    box.deliver(raw_mail(1))
    box.sync()
    before = box.ours()
    operations.move(box.copies(), "trash")

    def refuse(*_arguments: object) -> dict[int, int]:
        raise PermanentFailure("rejected", "no", "NO [NOPERM] not yours")

    monkeypatch.setattr(ImapSession, "move", refuse)
    box.sync()
    assert box.ours() == before == box.theirs()
    assert Operation.objects.get().state == Operation.State.FAILED
    assert Notice.objects.get(code="operation_failed").params["kind"] == "move"
    assert (box.folder("inbox").total_count, box.folder("trash").total_count) == (1, 0)


def test_a_folder_that_cannot_be_opened_does_not_keep_the_others_from_being_read(
    box: Synced, monkeypatch: pytest.MonkeyPatch
) -> None:
    from relance.wire.errors import PermanentFailure
    from relance.wire.imap import FolderState

    select = ImapSession.select

    def refuse(self: ImapSession, path: str, *, readonly: bool = True) -> FolderState:
        if path == "Sent":
            raise PermanentFailure("rejected", "no", "NO [SERVERBUG] damaged")
        return select(self, path, readonly=readonly)

    monkeypatch.setattr(ImapSession, "select", refuse)
    box.deliver(raw_mail(1))
    box.deliver(raw_mail(2), folder="Sent")
    box.deliver(raw_mail(3), folder="Archive")
    box.sync()
    assert (len(box.copies()), len(box.copies("sent")), len(box.copies("archive"))) == (1, 0, 1)
    monkeypatch.undo()
    box.sync()
    assert box.ours() == box.theirs()
