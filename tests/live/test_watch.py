"""An open page hears of a change once it is committed, and only of what concerns its user."""

import asyncio
import threading

import pytest
from django.db import connection, transaction

from relance import live
from relance.lib import clock
from relance.live import watch
from relance.live.models import Event

pytestmark = pytest.mark.django_db(transaction=True)


def publish_from_elsewhere(*told: tuple[str, int]) -> None:
    """As another process does: on another connection, committed."""

    def work() -> None:
        with transaction.atomic():
            for kind, user_id in told:
                live.publish(kind, {}, user_id=user_id)
        connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


async def collect(user_id: int, count: int, after_id: int | None = None) -> list[str]:
    kinds: list[str] = []
    async for told in watch.events(user_id, after_id, heartbeat=5):
        assert told is not None, "nothing came for five seconds"
        kinds.append(told.kind)
        if len(kinds) == count:
            break
    return kinds


def test_a_page_hears_its_own_events_and_those_for_everybody() -> None:
    async def scene() -> list[str]:
        listening = asyncio.create_task(collect(7, 2))
        await asyncio.sleep(0.3)
        await asyncio.to_thread(publish_from_elsewhere, ("theirs", 8), ("mine", 7), ("all", 0))
        return await listening

    assert asyncio.run(scene()) == ["mine", "all"]


def test_a_page_that_comes_back_hears_what_it_missed() -> None:
    live.publish("old", {}, user_id=7)
    after = watch.newest()
    live.publish("missed", {}, user_id=7)
    assert asyncio.run(collect(7, 1, after)) == ["missed"]


def test_an_event_rolled_back_is_never_told() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        live.publish("never", {}, user_id=7)
        raise ZeroDivisionError
    assert not Event.objects.exists()


def test_events_are_forgotten_after_an_hour() -> None:
    live.publish("old", {})
    Event.objects.update(created_at=clock.seconds_from_now(-3700))
    live.publish("fresh", {})
    assert live.prune() == 1
    assert Event.objects.get().kind == "fresh"
