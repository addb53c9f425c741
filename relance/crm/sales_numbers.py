"""The numbers of sales documents: one series for each kind, without gaps."""

from __future__ import annotations

from django.db.models import F

from relance.crm.models.sales import NumberSeries, SalesDocument
from relance.lib import clock

_PREFIXES = {"quote": "D", "order": "C", "purchase": "BC", "invoice": "F"}


def series_of(kind: str) -> NumberSeries:
    """The series of that kind, made when there is none."""
    made = {"prefix": _PREFIXES[kind], "year": clock.now().year}
    return NumberSeries.objects.get_or_create(kind=kind, defaults=made)[0]


def preview(series: NumberSeries) -> str:
    """What the next number looks like."""
    return _written(series, clock.now().year, series.next if _is_current(series) else 1)


def take(kind: str) -> str:
    """The next number, inside the transaction that saves its document.

    The row is written before it is read: whoever comes at the same moment waits for the end of that
    transaction, and a transaction that fails gives its number back. Numbers somebody has already
    (the series was changed by hand) are left out. A new year begins with 1.
    """
    series, year = series_of(kind), clock.now().year
    row = NumberSeries.objects.filter(pk=series.pk)
    row.filter(year__lt=year).update(year=year, next=1)
    while True:
        row.update(next=F("next") + 1)
        series = row.get()
        number = _written(series, series.year, series.next - 1)
        if not SalesDocument.objects.filter(kind=kind, number=number).exists():
            return number


def _is_current(series: NumberSeries) -> bool:
    return series.year >= clock.now().year


def _written(series: NumberSeries, year: int, number: int) -> str:
    return f"{series.prefix}{max(year, series.year)}-{number:0{series.digits}d}"
