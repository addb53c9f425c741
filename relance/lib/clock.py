"""The one clock of the house. Times are aware and in UTC; zones are for display."""

from datetime import UTC, datetime, timedelta

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)


def seconds_from_now(seconds: float) -> datetime:
    """The instant `seconds` from now (negative: ago)."""
    return now() + timedelta(seconds=seconds)


def clamp(at: datetime) -> datetime:
    """`at` within 1970–2100: a mail may carry any date, a key and an index may not."""
    return min(max(at, EARLIEST), LATEST)
