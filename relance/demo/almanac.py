"""Dates in words, so that what people of the demo write stays true whenever it is begun.

In a text, `{day:8}` is the day in eight days ("2 décembre"), `{weekday:1}` the name of tomorrow,
`{month:0}` this month, `{year:0}` this year, `{first:1}` the first of the next month, `{quarter:1}`
the next quarter's number, and `{number:-5}` the day of the month five days ago.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Paris")
_MONTHS = {
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "es": "enero febrero marzo abril mayo junio julio agosto "
    "septiembre octubre noviembre diciembre",
}
_WEEKDAYS = {
    "fr": "lundi mardi mercredi jeudi vendredi samedi dimanche",
    "en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    "de": "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag",
    "es": "lunes martes miércoles jueves viernes sábado domingo",
}
_DAY = {"fr": "{} {}", "en": "{} {}", "de": "{}. {}", "es": "{} de {}"}


@dataclass(frozen=True, slots=True)
class _Word:
    """Something that is written for a number of days (or months) from now."""

    write: Callable[[int], str]

    def __format__(self, spec: str) -> str:
        return self.write(int(spec or 0))


def words(at: datetime, language: str) -> Mapping[str, object]:
    """What `str.format` needs to write dates as somebody would on the day of `at`."""
    today = at.astimezone(ZONE).date()
    names = _MONTHS[language].split(), _WEEKDAYS[language].split()
    return {
        "day": _Word(lambda n: _day(workday(today, n), language)),
        "weekday": _Word(lambda n: names[1][workday(today, n).weekday()]),
        "month": _Word(lambda n: names[0][_first(today, n).month - 1]),
        "first": _Word(lambda n: _day(_first(today, n), language)),
        "year": _Word(lambda n: str(today.year + n)),
        "number": _Word(lambda n: str(workday(today, n).day)),
        "week": _Word(lambda n: str((today + timedelta(days=n)).isocalendar().week)),
        "quarter": _Word(lambda n: str((today.month - 1 + 3 * n) // 3 % 4 + 1)),
        "quarter_start": _Word(
            lambda n: _day(_first(today, 3 * n - (today.month - 1) % 3), language)
        ),
        "months": names[0],
    }


def workday(today: date, days: int) -> date:
    """The day `days` from today, moved out of the week-end: forward when it lies ahead."""
    found = today + timedelta(days=days)
    late = found.weekday() - 4
    if late <= 0:
        return found
    return found + timedelta(days=3 - late) if days > 0 else found - timedelta(days=late)


def working_days_ago(now: datetime, days: int, hour: int, minute: int) -> datetime:
    """That many working days before `now`, at that hour in Paris."""
    at = now.astimezone(ZONE)
    while days > 0:
        at -= timedelta(days=1)
        days -= at.weekday() < 5
    return at.replace(hour=hour, minute=minute, second=0, microsecond=0)


def _day(one: date, language: str) -> str:
    number = "1er" if language == "fr" and one.day == 1 else str(one.day)
    return _DAY[language].format(number, _MONTHS[language].split()[one.month - 1])


def _first(today: date, months: int) -> date:
    years, month = divmod(today.month - 1 + months, 12)
    return date(today.year + years, month + 1, 1)
