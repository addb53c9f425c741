"""A table as CSV that spreadsheets open without harm."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

_FORMULA = re.compile(r"[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?[\d\s\u00a0\u202f().]*\d", re.ASCII)
_BOM = "\ufeff"  # spreadsheets take a file without it for their system's own encoding


def pieces(
    head: Sequence[str], several: Iterable[Iterable[Sequence[Any]]], *, is_french: bool
) -> Iterator[bytes]:
    """The bytes of the file, in UTF-8. French spreadsheets take a semicolon between values and a
    comma before the cents."""
    separator = ";" if is_french else ","
    yield (_BOM + _lines([[safe(name) for name in head]], separator)).encode()
    for rows in several:
        written = ([_written(value, is_french=is_french) for value in row] for row in rows)
        yield _lines(written, separator).encode()


def safe(text: str) -> str:
    """A text that no spreadsheet takes for a formula: a quote before what looks like one.

    Telephone numbers (+33 4 00…) stay as they are.
    """
    looks = bool(_FORMULA.match(text)) and not _NUMBER.fullmatch(text)
    return f"'{text}" if looks else text


def _written(value: Any, *, is_french: bool) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal | int | float):
        text = f"{value:f}" if isinstance(value, Decimal) else str(value)
        return text.replace(".", ",") if is_french else text
    return safe(str(value).replace("\x00", ""))


def _lines(rows: Iterable[Iterable[str]], separator: str) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=separator, lineterminator="\r\n").writerows(rows)
    return out.getvalue()
