"""What a field of a record says: in a cell of a list, and as plain text in an export."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from babel.numbers import format_decimal
from django.db.models import Exists, OuterRef
from django.utils.functional import cached_property
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from relance.criteria import fields
from relance.criteria.fields import Field, Kind
from relance.criteria.rows import values_of
from relance.lib.text import shorten
from relance.users.models import Team, User
from relance.web.shell import wording
from relance.web.templatetags.relance import day, when

_LONGEST = 120  # characters of a text in a cell


@dataclass
class Labels:
    """The words for what fields keep as codes, looked up once for a page."""

    viewer: User
    _choices: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def of(self, one: Field, value: Any) -> str:
        """The label of one value of a field with choices, a country or a user."""
        if one.kind == Kind.COUNTRY:
            return str(self.countries.get(str(value), value))
        if one.choices:
            if one.code not in self._choices:
                self._choices[one.code] = dict(one.choices())
            return str(self._choices[one.code].get(str(value), value))
        if one.target == "User":
            return self.users.get(str(value), "")
        return str(value)

    @cached_property
    def countries(self) -> Mapping[str, str]:
        territories: Mapping[str, str] = wording.locale_of(wording.language()).territories
        return territories

    @cached_property
    def people(self) -> list[Any]:
        """Every user, by name; `is_mate` says who is in a team of the viewer's."""
        shared = Team.objects.filter(members=OuterRef("pk")).filter(members=self.viewer)
        users = User.objects.annotate(is_mate=Exists(shared))
        return list(users.order_by("first_name", "last_name", "pk"))

    @cached_property
    def users(self) -> Mapping[str, str]:
        return {str(user.pk): user.name for user in self.people}


def cell(record: Any, one: Field, labels: Labels) -> str:
    """What a list shows of it, as HTML or text to be escaped."""
    values = values_of(record, one)
    if one.kind == Kind.MONEY:
        return _money(record, one, values)
    return format_html_join(", ", "{}", [(_shown(v, one, labels),) for v in values])


def plain(record: Any, one: Field, labels: Labels) -> Any:
    """What an export says of it: a text, a number, a date, or None."""
    values = values_of(record, one)
    if not values:
        return None
    if len(values) == 1 and one.kind in (Kind.MONEY, Kind.NUMBER, Kind.DATE, Kind.MOMENT):
        return values[0]
    if one.kind == Kind.YES_NO:
        return _("yes") if values[0] else _("no")
    return ", ".join(labels.of(one, v) for v in values)


def _shown(value: Any, one: Field, labels: Labels) -> str:
    if isinstance(value, datetime):
        return when(value)
    if isinstance(value, date):
        return day(value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int):
        return labels.of(one, value) if one.kind != Kind.NUMBER else wording.number(value)
    if isinstance(value, Decimal):
        return format_decimal(value, "#,##0.####", locale=wording.locale_of(wording.language()))
    text = labels.of(one, value)
    return shorten(text, _LONGEST)


def _money(record: Any, one: Field, values: Sequence[Any]) -> str:
    held = fields.find(one.entity, one.currency)
    code = next(iter(values_of(record, held)), "") if held else ""
    if not values or not isinstance(values[0], Decimal):
        return ""
    return format_html('<span class="money">{}</span>', wording.money(values[0], str(code)))


def link(record: Any) -> str:
    """A record's name, leading to it."""
    return format_html('<a class="link" href="{}">{}</a>', record.get_absolute_url(), record)


def amounts(_record: Any, fact: Any, _labels: Labels) -> str:
    """The cell of a column whose facts are amounts (a list of `Money`, or None)."""
    lines = [(wording.money(m.amount, m.currency),) for m in fact or ()]
    return format_html_join(mark_safe("<br>"), '<span class="money">{}</span>', lines)


def amounts_plain(_record: Any, fact: Any, _labels: Labels) -> str:
    """The same in an export: "48000.00 EUR, 1200.00 USD"."""
    return ", ".join(f"{m.amount} {m.currency}" for m in fact or ())
