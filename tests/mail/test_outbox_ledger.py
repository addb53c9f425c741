"""Several lanes write at once: one transaction for all who wait, each with its own answer."""

import threading
import time

import pytest
from django.db import OperationalError, connection

from relance.lib import clock
from relance.mail.models import Operation, Outgoing
from relance.mail.outbox import ledger, outcomes
from relance.mail.outbox.ledger import Gone
from tests.mail.sending import Sender, sender

__all__ = ["sender"]
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL does so by itself"),
]


def all_at_once(mails: list[Outgoing]) -> dict[int, bool | BaseException]:
    """Claim each in a thread of its own, while the first one is slow to write."""
    answers: dict[int, bool | BaseException] = {}

    def claim(mail: Outgoing) -> None:
        try:
            answers[mail.pk] = ledger.turn(None, mail, mail.updated_at)
        except OperationalError as error:
            answers[mail.pk] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=claim, args=(mail,)) for mail in mails]
    for thread in threads:
        thread.start()
        time.sleep(0.02)
    for thread in threads:
        thread.join()
    return answers


@pytest.fixture
def pages(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many were written in each transaction, the first of which takes a while."""
    counts: list[int] = []
    usual = ledger._write

    def slow(some: list[ledger._Page]) -> None:
        counts.append(len(some))
        if len(counts) == 1:
            time.sleep(0.3)
        usual(some)

    monkeypatch.setattr(ledger, "_write", slow)
    return counts


def test_who_waits_is_written_together_and_answered_apart(sender: Sender, pages: list[int]) -> None:
    mails = [sender.write() for _ in range(4)]
    Outgoing.objects.filter(pk=mails[2].pk).update(state="draft")
    answers = all_at_once(mails)
    assert pages == [1, 3]
    assert [answers[m.pk] for m in mails] == [True, True, False, True]
    states = Outgoing.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["sending", "sending", "draft", "sending"]
    assert [m.attempts for m in mails] == [1, 1, 0, 1]


def test_a_failure_is_told_to_everybody_it_concerns(
    sender: Sender, pages: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    mails = [sender.write() for _ in range(3)]
    usual = ledger._claim

    def failing(cursor: object, mail: Outgoing, read_at: object) -> bool:
        if mail.pk == mails[2].pk:
            raise OperationalError("database is locked")
        return usual(cursor, mail, read_at)  # type: ignore[arg-type]

    monkeypatch.setattr(ledger, "_claim", failing)
    answers = all_at_once(mails)
    assert answers[mails[0].pk] is True
    assert isinstance(answers[mails[1].pk], OperationalError)
    assert isinstance(answers[mails[2].pk], OperationalError)
    assert Outgoing.objects.filter(state="sending").count() == 1


def test_what_is_known_is_written_down_once_the_database_is_back(
    sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outcomes, "_PAUSE", 0.01)
    outgoing = sender.write()
    assert ledger.turn(None, outgoing, outgoing.updated_at)
    usual, failures = ledger._write, [OperationalError("locked"), OperationalError("gone")]

    def away(some: list[ledger._Page]) -> None:
        if failures:
            raise failures.pop()
        usual(some)

    monkeypatch.setattr(ledger, "_write", away)
    gone = Gone(outgoing, "250 ok", sender.account.folders.get())
    outcomes.persist(lambda: ledger.turn(gone, None, clock.now()))
    ledger.turn(gone, None, clock.now())
    assert Operation.objects.count() == 1, "written twice, filed once"
    outgoing.refresh_from_db()
    assert (outgoing.state, outgoing.recipients.get().answer) == ("sent", "250 ok")
