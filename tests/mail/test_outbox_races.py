"""Promise S6: who edits, cancels or reschedules a mail at the very second of its sending is told
the truth. Never is it both cancelled and sent."""

import random
import threading
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection

from relance.lib import clock
from relance.mail import drafts, outbox
from relance.mail.models import Outgoing
from relance.mime.parse import parse
from relance.users.models import User
from tests.mail.sending import Sender, sender

__all__ = ["sender"]
pytestmark = pytest.mark.django_db(transaction=True)


def reschedule(pk: int, author: User) -> bool:
    """Take it back, and schedule it for tomorrow."""
    if not outbox.take_back(pk, author):
        return False
    tomorrow = clock.now() + timedelta(days=1)
    outbox.schedule(Outgoing.objects.get(pk=pk), tomorrow, "Europe/Paris")
    return True


def edit(pk: int, author: User) -> bool:
    """Open it, and change a word."""
    if not outbox.hold_for_editing(pk, author):
        return False
    draft = Outgoing.objects.get(pk=pk)
    content = drafts.Content(people=draft.people, subject="Autre", html="<p>Corrigé</p>")
    drafts.save(pk, author, content, version=draft.version)
    return True


ACTS: list[Callable[[int, User], bool]] = [
    outbox.take_back,
    outbox.hold_for_editing,
    outbox.discard,
    reschedule,
    edit,
]


def one_race(sender: Sender, act: Callable[[int, User], bool], pause: float) -> bool:
    """Deliver, and act `pause` seconds later. True when the act won."""
    outgoing = sender.scheduled()
    Outgoing.objects.filter(pk=outgoing.pk).update(next_try_at=clock.now())
    start = threading.Barrier(2)

    def work() -> None:
        try:
            start.wait()
            outbox.deliver(outgoing.pk)
        finally:
            connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    start.wait()
    time.sleep(pause)
    won = act(outgoing.pk, sender.owner)
    worker.join()
    sent = sum(parse(r.data).message_id == outgoing.message_id for r in sender.server.received)
    now = Outgoing.objects.filter(pk=outgoing.pk).values_list("state", flat=True).first()
    assert sent == (0 if won else 1), f"{act.__name__} said {won}, and it left {sent} times"
    assert (now == "sent") is not won
    sender.server.received.clear()
    return won


def many_races(sender: Sender, count: int) -> None:
    """Later after an act that won, sooner after one that lost: ever around the very moment."""
    chance, pause, won = random.Random(6), 0.01, 0
    for n in range(count):
        if one_race(sender, ACTS[n % len(ACTS)], pause * chance.uniform(0.7, 1.3)):
            won += 1
            pause *= 1.2
        else:
            pause /= 1.2
    assert count * 0.15 < won < count * 0.85, "both sides win: these are races"


def test_fifty_acts_at_the_second_of_sending(sender: Sender) -> None:
    many_races(sender, 50)


@pytest.mark.slow
def test_a_thousand_acts_at_the_second_of_sending(sender: Sender) -> None:
    many_races(sender, 1_000)
