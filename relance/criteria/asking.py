"""Who asks, and when: what "me", "this month" and a converted amount depend on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from relance.lib import clock
from relance.lib.money import Money

Span = tuple[date | None, date | None]
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Asking:
    """`rates` say how many units of the organisation's currency one unit of each is worth."""

    user_id: int = 0
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    now: datetime = field(default_factory=clock.now)
    rates: Mapping[str, Decimal] = field(default_factory=dict)

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    def in_currencies(self, money: Money) -> dict[str, Decimal]:
        """The same amount in each currency it can be converted to, by code; its own unchanged."""
        found = {money.currency: money.amount}
        own = self.rates.get(money.currency)
        if own:
            for code, rate in self.rates.items():
                if rate and code != money.currency:
                    found[code] = (money.amount * own / rate).quantize(Decimal("0.000001"))
        return found

    def span(self, operator: str, value: Any) -> Span:
        """The days from the first (included) to the last (excluded) that an operator of dates
        means; None where there is no end."""
        if operator in _COUNTED:
            return _COUNTED[operator](self.today, value)
        if operator in _CALENDAR:
            return _CALENDAR[operator](self.today)
        if operator == "between":
            low, high = sorted(value)
            return low, high + _DAY
        if operator == "before":
            return None, value
        return (value + _DAY, None) if operator == "after" else (value, value + _DAY)

    def instant(self, day: date) -> datetime:
        """When that day begins where the one who asks lives."""
        return datetime.combine(day, time(), self.zone)


def _month(day: date, ahead: int = 0) -> date:
    """The first of the month `ahead` months later."""
    months = day.year * 12 + day.month - 1 + ahead
    return date(months // 12, months % 12 + 1, 1)


_CALENDAR: dict[str, Callable[[date], Span]] = {
    "today": lambda t: (t, t + _DAY),
    "past": lambda t: (None, t),
    "this_week": lambda t: (t - t.weekday() * _DAY, t + (7 - t.weekday()) * _DAY),
    "this_month": lambda t: (_month(t), _month(t, 1)),
    "next_month": lambda t: (_month(t, 1), _month(t, 2)),
    "this_year": lambda t: (date(t.year, 1, 1), date(t.year + 1, 1, 1)),
}
_COUNTED: dict[str, Callable[[date, int], Span]] = {
    "last_days": lambda t, n: (t - (n - 1) * _DAY, t + _DAY),
    "next_days": lambda t, n: (t, t + n * _DAY),
    "older_days": lambda t, n: (None, t - n * _DAY),
}
