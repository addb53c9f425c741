"""The fields an administrator added: shown on a record, and in its forms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from babel.numbers import format_decimal
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from relance.crm import custom_fields, custom_text
from relance.crm.custom_fields import KIND, LARGEST, LONGEST, PLACES, Value
from relance.crm.models import CustomField
from relance.crm.models.records import Record
from relance.lib.money import Money
from relance.users.models import User
from relance.web.components.amounts import plain_number
from relance.web.shell import wording
from relance.web.templatetags.relance import day

_LONG = 200  # a text beyond stands in a larger box


@dataclass(frozen=True, slots=True)
class Shown:
    """One line of a card; `name` is that of its form field."""

    key: str
    label: str
    html: str
    name: str


def shown(_entity: str, record: Record) -> list[Shown]:
    """What the record says in the administrator's fields, in order; those it says nothing in are
    left out."""
    found = []
    for definition in custom_fields.of(record):
        value = custom_fields.value(record, definition)
        if value is not None:
            label = custom_fields.label_of(definition)
            words = words_of(definition, value)
            found.append(Shown(definition.key, label, words, name_of(definition)))
    return found


def words_of(definition: CustomField, value: Value) -> str:
    """A value as people read it: a text to be escaped, or HTML that is safe."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Money):
        return wording.money(value.amount, value.currency)
    if isinstance(value, date):
        return day(value)
    if isinstance(value, Decimal):
        return number(value)
    if definition.kind == KIND.USER:
        user = User.objects.filter(pk=value).first()
        return user.name if user else ""
    if definition.kind == KIND.LIST:
        choices = custom_fields.choices_of(definition)
        return next((c.words for c in choices if c.code == value), str(value))
    return str(value)


def name_of(definition: CustomField) -> str:
    """The name of its form field."""
    return f"custom_{definition.key}"


def number(value: Decimal) -> str:
    """A number as the reader's language writes it, with no more places than it has."""
    locale = wording.locale_of(wording.language())
    return format_decimal(value, f"#,##0.{'#' * PLACES}", locale=locale)


def add_to(form: forms.BaseForm, record: Record) -> None:
    """Give the form a field for each of those the record has, filled in."""
    for definition in custom_fields.of(record):
        name = name_of(definition)
        form.fields[name] = form_field(definition, record)
        form.initial.setdefault(name, custom_fields.value(record, definition))


def take(form: forms.BaseForm, record: Record) -> None:
    """Put what the form was given into the record, not saved; what was refused stays as it is."""
    for definition in custom_fields.of(record):
        name = name_of(definition)
        value = form.cleaned_data.get(name)
        if name in form.cleaned_data and value != custom_fields.value(record, definition):
            try:
                custom_fields.put(record, definition, value)
            except ValueError:
                form.add_error(name, _("This value does not fit. Write another."))


class WithCustomFields(forms.ModelForm[Any]):
    """A form of records with the administrator's fields: stands before `ModelForm`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        add_to(self, self.instance)

    @property
    def custom_inputs(self) -> list[forms.BoundField]:
        """Their inputs, in order, as far as the form asks them."""
        names = map(name_of, custom_fields.of(self.instance))
        return [self[name] for name in names if name in self.fields]

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        take(self, self.instance)
        return cleaned


def form_field(definition: CustomField, record: Record | None = None) -> forms.Field:
    """The form field of one of them; `record` may hold a choice that is no longer offered."""
    made = _MADE[KIND(definition.kind)](definition, record)
    made.label = custom_fields.label_of(definition)
    made.required = definition.is_required
    made.widget.is_required = False  # the server says what is missing, in place
    return made


class NumberField(forms.CharField):
    """A number as the reader's language writes it: a `Decimal`, or None."""

    example = Decimal("1250.5")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=40, **kwargs)
        self.widget.attrs |= {"inputmode": "decimal", "autocomplete": "off"}

    def clean(self, value: Any) -> Any:
        text = str(super().clean(value) or "")
        return self.read(text) if text else None

    def read(self, text: str) -> Any:
        return self.number(plain_number(text, language=wording.language()))

    def number(self, text: str) -> Decimal:
        """Raises ValidationError."""
        try:
            found = custom_text.number(text)
        except ValueError:
            found = LARGEST
        if abs(found) >= LARGEST:
            message = _("This is no number. Write it like %(example)s.")
            raise ValidationError(message % {"example": self.prepare_value(self.example)})
        return round(found, PLACES)

    def prepare_value(self, value: Any) -> Any:
        return number(value) if isinstance(value, Decimal) else value


class MoneyField(NumberField):
    """An amount with its currency in one input, "1,250 EUR": `Money`, or None."""

    def read(self, text: str) -> Money:
        bare = custom_text.without_currency(text)
        amount = self.number(plain_number(bare, language=wording.language()))
        code = custom_text.currency_in(text) or custom_text.own_currency()
        return Money(round(amount, 2), code)

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, Decimal):
            value = Money(value, custom_text.own_currency())
        return f"{number(value.amount)} {value.currency}" if isinstance(value, Money) else value


def _text(definition: CustomField, record: Record | None) -> forms.Field:
    value = custom_fields.value(record, definition) if record else ""
    widget = forms.Textarea(attrs={"rows": 3}) if len(str(value or "")) > _LONG else None
    return forms.CharField(max_length=LONGEST, widget=widget)


def _date(_definition: CustomField, _record: Record | None) -> forms.Field:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    made = forms.DateField(input_formats=["%Y-%m-%d"], widget=widget)
    made.localize = False
    return made


def _list(definition: CustomField, record: Record | None) -> forms.Field:
    offered = {choice.code: choice.words for choice in custom_fields.choices_of(definition)}
    if record and (chosen := custom_fields.value(record, definition)):
        offered.setdefault(str(chosen), str(chosen))
    return forms.ChoiceField(choices=[("", "—"), *offered.items()])


def _yes_no(_definition: CustomField, _record: Record | None) -> forms.Field:
    choices = [("", "—"), ("True", _("yes")), ("False", _("no"))]
    return forms.TypedChoiceField(
        choices=choices, coerce=lambda value: value == "True", empty_value=None
    )


def _user(definition: CustomField, record: Record | None) -> forms.Field:
    users = User.objects.filter(is_active=True)
    chosen = custom_fields.value(record, definition) if record else None
    if isinstance(chosen, int):
        users = users | User.objects.filter(pk=chosen)
    return forms.ModelChoiceField(users.order_by("first_name", "last_name", "pk"), empty_label="—")


_MADE = {
    KIND.TEXT: _text,
    KIND.NUMBER: lambda _definition, _record: NumberField(),
    KIND.MONEY: lambda _definition, _record: MoneyField(),
    KIND.DATE: _date,
    KIND.LIST: _list,
    KIND.YES_NO: _yes_no,
    KIND.USER: _user,
}
