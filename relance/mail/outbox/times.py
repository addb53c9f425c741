"""When a mail is to leave: the hour on a wall clock, whatever the clocks do that night (D15)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

#: What one schedules is at least this far ahead.
SOONEST = timedelta(minutes=1)
#: A mail that leaves later than this after its hour says so.
LATE_AFTER = timedelta(minutes=2)
#: A mail whose hour is longer ago was missed: it is held, and its author asked.
TOO_LATE_AFTER = timedelta(hours=24)
#: How long after its hour a mail waits for the one who edits it.
EDITING_PATIENCE = timedelta(minutes=15)


class TooSoon(ValueError):
    """The hour chosen is past, or less than a minute ahead."""


def wall_time(day: date, at: time, zone: str) -> datetime:
    """The instant, in UTC, at which clocks in `zone` show that hour of that day.

    An hour that the clocks skip in spring becomes the next one there is (02:30 is 03:00); of an
    hour that comes twice in autumn, the first is meant. Raises `ZoneInfoNotFoundError`
    (a KeyError) or ValueError for a zone that is none.
    """
    place = ZoneInfo(zone)
    local = datetime.combine(day, at.replace(tzinfo=None, fold=0), tzinfo=place)
    instant = local.astimezone(UTC)
    shown = instant.astimezone(place)
    if shown.replace(tzinfo=None) == local.replace(tzinfo=None):
        return instant
    return _end_of_gap(instant, place)


def _end_of_gap(instant: datetime, place: ZoneInfo) -> datetime:
    """The moment the clocks jumped. `instant` is after it: a wall time within a gap, read with
    the offset before the jump (fold=0), lies behind it (PEP 495)."""
    low, high = instant - timedelta(hours=26), instant
    before = low.astimezone(place).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        if middle.astimezone(place).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)
