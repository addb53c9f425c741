"""Values of custom fields as files write them: "12,5", "31/12/2026", "oui", "1 200 EUR"."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from relance.crm.custom_fields import KIND, Value, choices_of
from relance.crm.models import CustomField
from relance.lib.money import Money
from relance.lib.text import fold, squeeze
from relance.users.models import Organisation, User

_SPACES = re.compile(r"[\s\u00a0\u202f\u2009'’]")
_CODE = re.compile(r"(?<![A-Za-z])[A-Za-z]{3}(?![A-Za-z])")
_SIGNS = {"€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY"}
_DAYS = ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y")
_YES = {"yes", "y", "true", "1", "oui", "o", "vrai", "x"}
_NO = {"no", "n", "false", "0", "non", "faux"}


def read(definition: CustomField, text: str) -> Value | None:
    """The value that a text writes; None for none. Raises ValueError when it cannot be read.

    Days are read day first; a list takes a choice's code or label, a user an address or a name.
    """
    text = squeeze(text)
    if not text:
        return None
    return _READ[definition.kind](definition, text)


def number(text: str) -> Decimal:
    """ "1 200,50" and "1,200.50" alike. Raises ValueError."""
    bare = _SPACES.sub("", text)
    comma, point = bare.rfind(","), bare.rfind(".")
    if comma >= 0 and point >= 0:
        thousands = "," if point > comma else "."
        bare = bare.replace(thousands, "")
    try:
        found = Decimal(bare.replace(",", "."))
    except InvalidOperation:
        raise ValueError(text) from None
    if not found.is_finite():
        raise ValueError(text)
    return found


def money(text: str) -> Money:
    """ "1 200 EUR", "€1,200"; without a currency, the organisation's. Raises ValueError."""
    return Money(number(without_currency(text)), currency_in(text) or own_currency())


def currency_in(text: str) -> str:
    """The code of the currency that a text names, by its sign or its code; "" for none."""
    signs = (code for sign, code in _SIGNS.items() if sign in text)
    written = _CODE.search(text)
    return next(signs, "") or (written[0].upper() if written else "")


def without_currency(text: str) -> str:
    """The text but for what names a currency."""
    for sign in _SIGNS:
        text = text.replace(sign, "")
    return _CODE.sub("", text, count=1).strip()


def own_currency() -> str:
    """The currency the organisation counts in."""
    organisation = Organisation.current()
    return organisation.currency if organisation else "EUR"


def _day(text: str) -> date:
    for form in _DAYS:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 (a day has no zone)
        except ValueError:
            continue
    raise ValueError(text)


def _yes_no(text: str) -> bool:
    word = fold(text)
    if word not in _YES | _NO:
        raise ValueError(text)
    return word in _YES


def _code(definition: CustomField, text: str) -> str:
    wanted = fold(text)
    for choice in choices_of(definition):
        if wanted in (choice.code, fold(choice.label), fold(choice.label_fr)):
            return choice.code
    raise ValueError(text)


def _user(text: str) -> int:
    wanted = fold(text)
    for user in User.objects.filter(is_active=True):
        if wanted in (fold(user.email), fold(user.name)):
            return user.pk
    raise ValueError(text)


_READ: dict[str, Callable[[CustomField, str], Value]] = {
    KIND.TEXT: lambda _definition, text: text,
    KIND.NUMBER: lambda _definition, text: number(text),
    KIND.MONEY: lambda _definition, text: money(text),
    KIND.DATE: lambda _definition, text: _day(text),
    KIND.LIST: _code,
    KIND.YES_NO: lambda _definition, text: _yes_no(text),
    KIND.USER: lambda _definition, text: _user(text),
}
