"""Waiting after failed log-ins, per address and place.

Five failures are free; each further one makes the next wait longer, up to an hour. Unknown
addresses are counted like known ones, so that nothing tells them apart.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from relance.lib import clock, keys
from relance.users.models import FailedLogin

FREE_FAILURES = 5
_FIRST_WAIT = timedelta(seconds=30)
_LONGEST_WAIT = timedelta(hours=1)
_FORGOTTEN_AFTER = timedelta(hours=24)


def seconds_to_wait(email: str, place: str) -> int:
    """Seconds until that address may be tried again from `place` (an IP address); 0: now."""
    found = FailedLogin.objects.filter(key=_key(email, place)).first()
    if found is None or found.last_at < clock.now() - _FORGOTTEN_AFTER:
        return 0
    until = found.last_at + _wait(found.failure_count)
    return max(0, round((until - clock.now()).total_seconds()))


@transaction.atomic
def failed(email: str, place: str) -> None:
    """Count one more failure."""
    found, _ = FailedLogin.objects.select_for_update().get_or_create(key=_key(email, place))
    stale = found.last_at < clock.now() - _FORGOTTEN_AFTER
    found.failure_count = 1 if stale else found.failure_count + 1
    found.last_at = clock.now()
    found.save(update_fields=["failure_count", "last_at"])


def succeeded(email: str, place: str) -> None:
    """Forget the failures of that address from that place."""
    FailedLogin.objects.filter(key=_key(email, place)).delete()


def prune() -> int:
    """Forget failures older than a day; returns how many rows went."""
    old = FailedLogin.objects.filter(last_at__lt=clock.now() - _FORGOTTEN_AFTER)
    return old.delete()[0]


def _wait(failures: int) -> timedelta:
    if failures < FREE_FAILURES:
        return timedelta(0)
    return min(_FIRST_WAIT * (1 << min(failures - FREE_FAILURES, 10)), _LONGEST_WAIT)


def _key(email: str, place: str) -> str:
    return keys.hex_digest(f"{email.strip().lower()}\n{place}".encode())
