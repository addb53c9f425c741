"""A mail too large to fetch unasked comes whole when it is wanted (SYN-07)."""

import pytest
from django.conf import LazySettings

from relance.mail import operations, sources
from relance.mail.models import MessageCopy
from relance.mail.sync import oversized
from tests.mail.conftest import Synced, raw_mail

pytestmark = pytest.mark.django_db(transaction=True)
LARGE = raw_mail(1, text="mot " * 30_000)


@pytest.fixture
def head(box: Synced, settings: LazySettings) -> MessageCopy:
    """A copy of which only the header is here."""
    settings.MESSAGE_FETCHED_WHOLE_UP_TO = 50_000
    box.deliver(LARGE, raw_mail(2))
    box.sync()
    found = box.copies()[0]
    assert found.is_partial
    return found


def test_the_whole_takes_the_place_of_the_header(box: Synced, head: MessageCopy) -> None:
    assert oversized.load(head.pk)
    copy = box.copies()[0]
    assert (copy.pk, copy.is_partial, copy.thread_id) == (head.pk, False, head.thread_id)
    assert copy.message is not None
    assert "mot mot" in copy.message.body.text
    assert sources.source_of(copy) == LARGE
    assert box.folder("inbox").total_count == 2


def test_the_server_agrees_afterwards_and_nothing_is_fetched_again(
    box: Synced, head: MessageCopy
) -> None:
    oversized.load(head.pk)
    box.sync()
    assert box.ours() == box.theirs()


def test_one_that_is_whole_already_is_left_alone(box: Synced, head: MessageCopy) -> None:
    assert oversized.load(head.pk)
    assert oversized.load(head.pk)
    assert oversized.load(box.copies()[1].pk)


def test_one_the_server_has_no_more_says_so(box: Synced, head: MessageCopy) -> None:
    with box.session() as session:
        session.select("INBOX", readonly=False)
        session.store_flags([head.uid or 0], add=["\\Deleted"])
        session.dialogue.ask(b"EXPUNGE")
    assert not oversized.load(head.pk)
    operations.move([box.copies()[0]], "archive")
    assert not oversized.load(head.pk), "it is on its way elsewhere"


@pytest.mark.usefixtures("box")
def test_one_beyond_the_last_bound_stays_on_its_server(
    head: MessageCopy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oversized, "LARGEST", 60_000)
    with pytest.raises(oversized.TooLarge):
        oversized.load(head.pk)
