"""Dates, amounts and sizes as the reader's language writes them.

Everything here is called once or more for each card of a page, so what is looked up in Babel is
looked up once a language.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

_UNITS = {"fr": ("o", "ko", "Mo", "Go"), "en": ("B", "kB", "MB", "GB")}


def language() -> str:
    """ "fr" or "en": the language the page is in."""
    return "fr" if (get_language() or "fr").startswith("fr") else "en"


@cache
def locale_of(code: str) -> Locale:
    """English is written the British way: 27 Nov, and 24 hours in a day."""
    return Locale("fr", "FR") if code == "fr" else Locale("en", "GB")


def zone_named(name: str) -> ZoneInfo | None:
    """The time zone of that name ("Europe/Paris"); None when there is none."""
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError):
        return None


def money(amount: Decimal | None, currency: str) -> str:
    """48 000 € in French, €48,000 in English; cents only when there are some."""
    return "" if amount is None else _money(amount, currency, language())


@lru_cache(maxsize=4096)
def _money(amount: Decimal, currency: str, code: str) -> str:
    digits = "#,##0.00" if amount % 1 else "#,##0"
    pattern = f"{digits}\u00a0¤" if code == "fr" else f"¤{digits}"
    shown = format_currency(
        amount, currency, format=pattern, locale=locale_of(code), currency_digits=False
    )
    return shown.replace("£GB", "£")  # CLDR tells pounds apart that nobody here mixes up


def number(count: int | None) -> str:
    """1 204 in French, 1,204 in English; "" for None."""
    if count is None:
        return ""
    if -1000 < count < 1000:
        return str(count)
    return format_decimal(count, "#,##0", locale=locale_of(language()))


def filesize(size: int) -> str:
    """1.2 MB; powers of a thousand, as mail clients count."""
    code = language()
    value = float(size)
    for unit in _UNITS[code]:
        if value < 1000 or unit == _UNITS[code][-1]:
            break
        value /= 1000
    pattern = "0.#" if value < 10 and unit != _UNITS[code][0] else "0"
    return f"{format_decimal(value, pattern, locale=locale_of(code))}\u00a0{unit}"


@dataclass(frozen=True, slots=True)
class Calendar:
    """The present day and its words, looked up once for a page of cards."""

    now: datetime
    code: str
    yesterday: str
    days: tuple[str, ...]
    months: tuple[str, ...]

    @classmethod
    def current(cls) -> Calendar:
        code = language()
        days, months = _names(code)
        return cls(timezone.localtime(), code, _("yesterday"), days, months)

    def when(self, at: datetime) -> str:
        """10:31, yesterday, Tue, 27 Nov, 27 Nov 2024: shorter as it is nearer."""
        local = at.astimezone(self.now.tzinfo)
        age = (self.now.date() - local.date()).days
        if age == 0:
            return f"{local.hour:02}:{local.minute:02}"
        if age == 1:
            return self.yesterday
        if 1 < age < 7:
            return self.days[local.weekday()]
        return self.day(local.date())

    def day(self, on: date) -> str:
        """27 Nov, with its year when that is not this one."""
        number = "1er" if on.day == 1 and self.code == "fr" else str(on.day)
        short = f"{number}\u00a0{self.months[on.month - 1]}"
        return short if on.year == self.now.year else f"{short}\u00a0{on.year}"

    def heading(self, on: date) -> str:
        """What stands above a day of a list: "today", "yesterday", "Tuesday 24 November"."""
        age = (self.now.date() - on).days
        if age == 0:
            return _("Today")
        if age == 1:
            return _("Yesterday")
        pattern = "EEEE d MMMM" if on.year == self.now.year else "EEEE d MMMM y"
        text = format_date(on, pattern, locale=locale_of(self.code))
        return text[:1].upper() + text[1:]


@cache
def _names(code: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    locale = locale_of(code)
    days = locale.days["format"]["abbreviated"]
    months = locale.months["format"]["abbreviated"]
    return (
        tuple(days[n] for n in range(7)),
        tuple(months[n].replace("Sept", "Sep") for n in range(1, 13)),
    )


def moment(at: datetime) -> str:
    """The full date and time: Tuesday 27 November 2026, 10:31."""
    local = timezone.localtime(at)
    day = format_date(local.date(), "EEEE d MMMM y", locale=locale_of(language()))
    return f"{day}, {local.hour:02}:{local.minute:02}"
