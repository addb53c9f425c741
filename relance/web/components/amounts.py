"""Amounts as people type them: "12 500,50", "12,500.50", "12500"."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from babel.numbers import format_decimal
from django import forms
from django.utils.translation import gettext_lazy as _

from relance.web.shell import wording

_NOISE = re.compile(r"[\s'’€$£\u00a0\u202f\u2009]")
_NUMBER = re.compile(r"-?\d{0,20}(\.\d{0,20})?(?<=\d)", re.ASCII)
_GROUPS = re.compile(r"-?\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*")


def plain_number(written: str, *, language: str) -> str:
    """`written` with a point before the cents and nothing between thousands.

    Where both signs occur the last one stands before the cents. Where one occurs, three digits
    after it make it a thousands sign, unless the language says otherwise: in French a comma always
    stands before the cents, in English a point.
    """
    text = _NOISE.sub("", written)
    comma, point = text.rfind(","), text.rfind(".")
    if comma >= 0 and point >= 0:
        thousands, cents = (",", ".") if point > comma else (".", ",")
        return text.replace(thousands, "").replace(cents, ".")
    own = "," if language == "fr" else "."
    groups = _GROUPS.fullmatch(text)
    if groups and (groups[1] != own or text.count(own) > 1):
        return text.replace(groups[1], "")
    return text.replace(",", ".")


class AmountField(forms.DecimalField):
    """A Decimal of two places, written as the reader's language writes it."""

    widget = forms.TextInput
    default_error_messages = {
        "invalid": _("This is no amount. Write it like %(example)s."),
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=15, decimal_places=2, **kwargs)
        self.widget.attrs |= {"inputmode": "decimal", "autocomplete": "off"}

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]  # stubs: int
        """Raises ValidationError with an example in the reader's language."""
        text = plain_number(str(value or ""), language=wording.language())
        if text and not _NUMBER.fullmatch(text):
            message = self.error_messages["invalid"] % {"example": shown(Decimal("12500.50"))}
            raise forms.ValidationError(message, code="invalid")
        return super().to_python(text)

    def prepare_value(self, value: Any) -> Any:
        return shown(value) if isinstance(value, Decimal) else value


def shown(amount: Decimal) -> str:
    """`amount` as one would type it: cents only when there are some."""
    pattern = "#,##0.00" if amount % 1 else "#,##0"
    return format_decimal(amount, pattern, locale=wording.locale_of(wording.language()))


def number(count: int) -> str:
    """A count with its thousands apart, as the reader's language writes it."""
    return format_decimal(count, locale=wording.locale_of(wording.language()))
