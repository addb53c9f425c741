"""Criteria as a sentence: "amount is at least €30,000 and stage is one of Proposal, Won"."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal
from django.utils.translation import get_language, gettext

from relance.criteria.conditions import Condition, Exists, Group, Node
from relance.lib.money import Money
from relance.users.models import User


def sentence(node: Node) -> str:
    """The tree in words, in the reader's language. Groups inside others stand in brackets."""
    return _words(node, is_inside=False)


def _words(node: Node, *, is_inside: bool) -> str:
    if isinstance(node, Group):
        return _group(node, is_inside=is_inside)
    if isinstance(node, Exists):
        return _exists(node)
    return _condition(node)


def _group(group: Group, *, is_inside: bool) -> str:
    if not group.nodes:
        return gettext("nothing") if group.is_any else gettext("everything")
    parts = [_words(n, is_inside=True) for n in group.nodes]
    joined = f" {gettext('or') if group.is_any else gettext('and')} ".join(parts)
    return f"({joined})" if is_inside and len(parts) > 1 else joined


def _exists(node: Exists) -> str:
    form = (
        gettext("there is no %(record)s of which %(conditions)s")
        if node.is_denied
        else gettext("there is %(record)s of which %(conditions)s")
    )
    if node.node == Group(()):
        form = (
            gettext("there is no %(record)s") if node.is_denied else gettext("there is %(record)s")
        )
    conditions = _words(node.node, is_inside=False)
    return form % {"record": node.relation.label, "conditions": conditions}


def _condition(condition: Condition) -> str:
    said = f"{condition.field.label} {condition.operator.words}"
    return f"{said} {_value(condition)}" if condition.operator.takes else said


def _value(condition: Condition) -> str:
    labels = _labels(condition)
    if isinstance(condition.value, tuple):
        said = [_said(v, labels) for v in condition.value]
        if condition.operator.takes == "texts":
            return ", ".join(said)
        return gettext("%(low)s and %(high)s") % {"low": said[0], "high": said[-1]}
    return _said(condition.value, labels)


def _labels(condition: Condition) -> dict[str, Any]:
    field, value = condition.field, condition.value
    if field.choices:
        return dict(field.choices())
    if field.target != "User":
        return {}
    users = User.objects.filter(pk__in=value if isinstance(value, tuple) else (value,))
    return {str(user.pk): user.name for user in users}


def _said(value: Any, labels: dict[str, Any]) -> str:
    locale = (get_language() or "en").replace("-", "_")
    if isinstance(value, Money):
        return _money(value, Locale.parse(locale))
    if isinstance(value, Decimal):
        return format_decimal(value, locale=locale)
    if isinstance(value, date):
        return format_date(value, "medium", locale=locale)
    text = str(value)
    return (
        str(labels[text]) if text in labels else text if text.isdigit() else gettext("“%s”") % text
    )


def _money(money: Money, locale: Locale) -> str:
    """€30,000, 30 000 €: cents only where there are some."""
    pattern = locale.currency_formats["standard"].pattern
    whole = pattern.replace(".00", "") if money.amount % 1 == 0 else None
    return format_currency(
        money.amount, money.currency, whole, locale=locale, currency_digits=whole is None
    )
