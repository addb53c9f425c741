"""Date fields (RFC 5322, 3.3, and what is found in their place) to instants."""

import re
from datetime import UTC, datetime, timedelta

from relance.lib import clock

_MONTH_NAMES = (
    *("jan janv", "feb fév fev", "mar mars", "apr avr", "may mai", "jun juin", "jul juil"),
    *("aug aoû aou", "sep sept", "oct", "nov", "dec déc"),
)
_MONTHS = {name: n for n, names in enumerate(_MONTH_NAMES, 1) for name in names.split()}
_HOURS_EAST = "ut0 gmt0 utc0 z0 wet0 bst1 west1 cet1 met1 cest2 mest2 eet2 eest3 msk3 jst9"
_HOURS_WEST = "edt4 est5 cdt5 cst6 mdt6 mst7 pdt7 pst8"
_ZONES = {zone[:-1]: int(zone[-1]) for zone in _HOURS_EAST.split()} | {
    zone[:-1]: -int(zone[-1]) for zone in _HOURS_WEST.split()
}
_TIME = r"(\d{1,2})[:.](\d{1,2})(?:[:.](\d{1,2}))?(?:[.,]\d{1,9})?(?:\s*([ap])\.?m\.?)?"
_ZONE = r"\s*([+-]\s?\d{1,2}:?\d{2}|\d{4}\b|[A-Za-z]{1,5})?"
_RFC = re.compile(
    r"(\d{1,2})(?:er)?[\s.-]{1,5}([^\W\d_]{3,9})\.?[\s,.-]{1,5}(\d{2,5})[\s,T]{1,5}"
    + _TIME
    + _ZONE,
    re.IGNORECASE,
)
_ASCTIME = re.compile(
    r"([A-Za-z]{3,9})\s{1,3}(\d{1,2}),?\s{1,3}"
    + _TIME
    + r"\s*([A-Za-z]{1,5})?"
    + r"\s{1,3}(\d{4})\s*([+-]\d{4})?"
)
_ISO = re.compile(
    r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:\s{1,3}[A-Za-z]{3})?[T\s]{1,3}" + _TIME + _ZONE
)


def read_date(text: str) -> datetime | None:
    """The instant a Date field names, aware, in UTC, within 1970–2100; None when unreadable.

    A zone that is absent or unknown counts as UTC (RFC 5322, 4.3).
    """
    text = text[:200]
    if match := _RFC.search(text):
        day, month, year, *rest = match.groups()
        return _instant(_year(year), _month(month), int(day), rest)
    if match := _ISO.search(text):
        year, month, day, *rest = match.groups()
        return _instant(int(year), int(month), int(day), rest)
    if match := _ASCTIME.search(text):
        month, day, hour, minute, second, half, zone, year, offset = match.groups()
        rest = [hour, minute, second, half, offset or zone]
        return _instant(int(year), _month(month), int(day), rest)
    return None


def _month(name: str) -> int:
    lower = name.lower()
    return _MONTHS.get(lower) or _MONTHS.get(lower[:4]) or _MONTHS.get(lower[:3], 0)


def _year(digits: str) -> int:
    year = int(digits)
    if len(digits) == 2:
        return year + (2000 if year < 50 else 1900)
    return (
        year + 1900 if 50 <= year < 1000 else year
    )  # programs that count from 1900 (RFC 5322, 4.3)


def _instant(year: int, month: int, day: int, rest: list[str | None]) -> datetime | None:
    hour, minute, second, half, zone = rest
    hours = int(hour or 0)
    if half:
        hours = hours % 12 + (12 if half.lower() == "p" else 0)
    if year > 2100:
        return clock.LATEST
    try:
        seconds = min(int(second or 0), 59)  # leap seconds exist
        local = datetime(max(year, 1), month, day, hours, int(minute or 0), seconds, tzinfo=UTC)
        return clock.clamp(local - _offset(zone))
    except OverflowError:
        return clock.EARLIEST
    except ValueError:
        return None


def _offset(zone: str | None) -> timedelta:
    if not zone:
        return timedelta(0)
    if zone[0] in "+-" or zone[0].isdigit():
        digits = zone.lstrip("+-").replace(":", "").strip().zfill(4)
        minutes = int(digits[:2]) * 60 + int(digits[2:])
        if minutes > 24 * 60:
            return timedelta(0)
        return timedelta(minutes=-minutes if zone[0] == "-" else minutes)
    return timedelta(hours=_ZONES.get(zone.lower(), 0))
