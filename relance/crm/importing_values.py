"""What people write in cells, read: days, amounts, yes and no, addresses, countries.

Both notations are understood: 14/11/2026 and 11/14/2026, 12 500,50 and 12,500.50. What one cell
leaves open ("03/04/2026", "1,500") the other cells of its column decide.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal, InvalidOperation

from babel import Locale

from relance.addresses import book
from relance.crm.importing_files import Cell, text_of
from relance.lib.text import fold, squeeze

DAY_FIRST, MONTH_FIRST = "dmy", "mdy"
COMMA, POINT = ",", "."
LARGEST = Decimal(10) ** 13
_DAY = re.compile(r"(\d{1,4})[-/. ](\d{1,2}|[^\W\d]{3,10}\.?)[-/. ](\d{1,4})(?:[T ].*)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_NUMBER_NOISE = re.compile(r"[\s'’€$£%\u00a0\u202f\u2009]|[A-Za-z]{3}\b")
_NUMBER = re.compile(r"[-+]?\d[\d.,]*")
_AMBIGUOUS = re.compile(r"[-+]?\d{1,3}[.,]\d{3}")
_CURRENCY = re.compile(r"\b([A-Z]{3})\b")
_SIGNS = {"€": "EUR", "$": "USD", "£": "GBP"}
_APART = re.compile(r"[;,|\n\r]+|\s{2,}|\s+(?=\S+@)")
_WITH_NAME = re.compile(r"[^<>]*<([^<>]+)>")
_DOMAIN = re.compile(r"(?!-)[a-z0-9-]{1,63}(\.(?!-)[a-z0-9-]{1,63})+", re.ASCII)
_YES = {"1", "yes", "y", "true", "oui", "o", "vrai", "x", "ok", "✓", "✔", "on"}
_NO = {"0", "no", "n", "false", "non", "faux", "off", "-"}
_MONTHS = (
    *("jan janv janvier january", "feb fev fevr fevrier february", "mar mars march"),
    *("apr avr avril april", "may mai", "jun juin june", "jul juil juillet july"),
    *("aug aou aout august", "sep sept septembre september", "oct octobre october"),
    *("nov novembre november", "dec decembre december"),
)
_MONTH = {word: n for n, words in enumerate(_MONTHS, 1) for word in words.split()}


class BadValue(ValueError):
    """The cell does not say such a thing. `code` is a word such as "bad_date"."""

    def __init__(self, code: str, text: str, proposal: str = "") -> None:
        super().__init__(code)
        self.code, self.text, self.proposal = code, text, proposal


def day(cell: Cell, order: str = DAY_FIRST) -> date | None:
    """The day a cell says; None when it is empty. Raises `BadValue` ("bad_date")."""
    if isinstance(cell, date):
        return cell
    text = squeeze(text_of(cell))
    if not text:
        return None
    if found := _COMPACT.fullmatch(text):
        return _date(text, *found.groups())
    found = _DAY.fullmatch(text)
    if not found:
        raise BadValue("bad_date", text)
    first, second, third = found.groups()
    if len(first) == 4:
        return _date(text, first, second, third)
    if second.isdecimal() and order == MONTH_FIRST:
        first, second = second, first
    return _date(text, third, second, first)


def _date(text: str, year: str, month: str, number: str) -> date:
    known = _MONTH.get(fold(month).rstrip("."), 0) if not month.isdecimal() else int(month)
    short = 2
    try:
        full = int(year) + (0 if len(year) > short else 2000 if int(year) < 70 else 1900)
        return date(full, known, int(number))
    except ValueError:
        raise BadValue("bad_date", text) from None


def order_of(texts: Iterable[str], fallback: str = DAY_FIRST) -> str:
    """Whether days or months come first in a column: what one of its cells proves."""
    for text in texts:
        found = _DAY.fullmatch(squeeze(text))
        if not found or len(found[1]) > 2 or not found[2].isdecimal():
            continue
        if int(found[1]) > 12:
            return DAY_FIRST
        if int(found[2]) > 12:
            return MONTH_FIRST
    return fallback


def number(cell: Cell, decimal: str = COMMA) -> Decimal | None:
    """The number a cell says, currencies and spaces apart; None when it is empty.

    Raises `BadValue` ("bad_number").
    """
    if isinstance(cell, Decimal):
        return cell
    written = squeeze(text_of(cell))
    text = _NUMBER_NOISE.sub("", written)
    if not written:
        return None
    if not _NUMBER.fullmatch(text):
        raise BadValue("bad_number", written)
    comma, point = text.rfind(","), text.rfind(".")
    if comma >= 0 and point >= 0:
        decimal = COMMA if comma > point else POINT
    elif comma >= 0 or point >= 0:
        sign = COMMA if comma >= 0 else POINT
        if text.count(sign) > 1:
            decimal = POINT if sign == COMMA else COMMA
        elif not _AMBIGUOUS.fullmatch(text):
            decimal = sign
    thousands = POINT if decimal == COMMA else COMMA
    try:
        found = Decimal(text.replace(thousands, "").replace(decimal, "."))
    except InvalidOperation:
        raise BadValue("bad_number", written) from None
    if abs(found) >= LARGEST:
        raise BadValue("bad_number", written)
    return found


def decimal_of(texts: Iterable[str], fallback: str = COMMA) -> str:
    """Which sign stands before the cents in a column: what one of its cells proves."""
    for written in texts:
        text = _NUMBER_NOISE.sub("", written)
        comma, point = text.rfind(","), text.rfind(".")
        if not _NUMBER.fullmatch(text) or comma == point or _AMBIGUOUS.fullmatch(text):
            continue
        if comma >= 0 and point >= 0:
            return COMMA if comma > point else POINT
        sign = COMMA if comma >= 0 else POINT
        if text.count(sign) == 1:
            return sign
        return POINT if sign == COMMA else COMMA
    return fallback


def currency_in(text: str) -> str:
    """The currency an amount is written with ("" for none): "€", "12 500 EUR"."""
    for sign, code in _SIGNS.items():
        if sign in text:
            return code
    found = _CURRENCY.search(text.upper())
    return found[1] if found else ""


def yes_no(cell: Cell) -> bool | None:
    """Raises `BadValue` ("bad_yes_no")."""
    if isinstance(cell, bool):
        return cell
    text = fold(squeeze(text_of(cell)))
    if not text:
        return None
    if text in _YES or text in _NO:
        return text in _YES
    raise BadValue("bad_yes_no", text)


def addresses(cell: Cell, *, mend: bool = False) -> list[str]:
    """Every address of a cell, as they are kept, in order. With `mend` a slip is put right where
    it is plain what was meant. Raises `BadValue` with what was written, and what may be meant."""
    whole = text_of(cell).strip().removeprefix("mailto:")
    if not whole:
        return []
    if _is_address(kept := book.normalise(whole)):
        return [kept]
    return list(dict.fromkeys(_address(part, mend=mend) for part in _parts(whole)))


def _parts(text: str) -> Iterator[str]:
    if text.count("@") == 1 or re.fullmatch(r"\S*@@\S*", text):
        single = _WITH_NAME.fullmatch(text)
        yield single[1] if single else text
        return
    for part in _APART.split(text):
        in_brackets = _WITH_NAME.fullmatch(part)
        if part.strip():
            yield in_brackets[1] if in_brackets else part


def _address(text: str, *, mend: bool) -> str:
    text = text.strip().strip("<>;,").removeprefix("mailto:").strip()
    kept = book.normalise(text)
    if _is_address(kept):
        return kept
    proposal = _mended(text)
    if mend and proposal:
        return proposal
    raise BadValue(_what_is_wrong(text), text, proposal)


def _is_address(kept: str) -> bool:
    local, _at, domain = kept.rpartition("@")
    return bool(local) and "@" not in local and bool(_DOMAIN.fullmatch(domain))


def _mended(text: str) -> str:
    """What was probably meant: one @ for several, points for commas and spaces in the domain."""
    local, _at, domain = re.sub(r"@+", "@", text.lower()).rpartition("@")
    domain = re.sub(r"\s*[,;]\s*|\.{2,}|\s*\.\s*", ".", domain.strip()).strip(".")
    proposal = book.normalise(f"{local.strip()}@{domain}")
    return proposal if _is_address(proposal) else ""


def _what_is_wrong(text: str) -> str:
    if "@" not in text:
        return "no_at"
    if "@@" in text or text.count("@") > 1:
        return "two_at"
    if not text.rpartition("@")[2].strip(" ."):
        return "no_domain"
    return "bad_address"


def domain(cell: Cell) -> str:
    """The domain of "https://www.x.example/fr" or of "@x.example". Raises `BadValue`."""
    text = squeeze(text_of(cell)).lower()
    text = re.sub(r"^[a-z]+://|^@|^.*@", "", text).partition("/")[0].removeprefix("www.")
    if not text:
        return ""
    kept = book.normalise(f"a@{text}").removeprefix("a@")
    if not _DOMAIN.fullmatch(kept):
        raise BadValue("bad_domain", text)
    return kept


def country(cell: Cell) -> str:
    """The code of a country written by its code or its name, in French or English.

    Raises `BadValue` ("bad_country").
    """
    text = squeeze(text_of(cell))
    if not text:
        return ""
    if found := _countries().get(fold(text)):
        return found
    raise BadValue("bad_country", text)


@functools.cache
def _countries() -> dict[str, str]:
    names = {"usa": "US", "uk": "GB", "angleterre": "GB", "england": "GB", "hollande": "NL"}
    for language in ("en", "fr"):
        for code, name in Locale(language).territories.items():
            if len(code) == 2 and code.isalpha() and code not in ("EU", "ZZ", "UN", "XA", "XB"):
                names[fold(name)] = code
                names[code.lower()] = code
    return names
