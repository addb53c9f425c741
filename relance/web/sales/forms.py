"""The forms of a sales document, of its lines and of a series of numbers."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from relance.crm import access, activities, companies, sales
from relance.crm.models import Company, Deal, DocumentLine, NumberSeries, Person, SalesDocument
from relance.lib.text import squeeze
from relance.users.models import Organisation, User
from relance.web.components.about import DayField, DealChoice
from relance.web.components.amounts import plain_number
from relance.web.components.choices import currency_choices, owner_field
from relance.web.components.naming import PersonField, ProposingInput, name_of
from relance.web.shell import wording

_MOST_DEALS = 30
MOST_LINES = 200
_PRICE, _PRICE_PLACES = 15, 4  # digits
_ASKED = ("person", "company", "deal")


class DocumentForm(forms.ModelForm[SalesDocument]):
    """The head of a document: for whom, when, in which currency and language."""

    organisation = forms.CharField(
        label=_("Account"),
        required=False,
        max_length=200,
        widget=ProposingInput("companies:proposals"),
    )
    person = PersonField(label=_("Contact"), required=False)
    issued_on = DayField(label=_("Date"))
    due_on = DayField(label=_("Valid until"), required=False)

    class Meta:
        model = SalesDocument
        fields = (
            *("name", "currency", "language", "discount_percent", "owner"),
            *("billing_address", "shipping_address", "terms", "description"),
        )
        widgets = {
            name: forms.Textarea(attrs={"rows": rows})
            for name, rows in (
                *(("billing_address", 3), ("shipping_address", 3)),
                *(("terms", 3), ("description", 2)),
            )
        }

    def __init__(
        self, *args: Any, viewer: User, asked: Mapping[str, str] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._viewer = viewer
        document = self.instance
        is_new = document.pk is None
        if is_new:
            self.initial = {**_proposed(document.kind), **_asked(viewer, asked or {})}
        else:
            self.initial["organisation"] = document.company.name if document.company else ""
            self.initial["person"] = name_of(document.person) if document.person else ""
            self.initial["deal"] = document.deal_id
            self.initial["issued_on"] = document.issued_on
            self.initial["due_on"] = document.due_on
        self._offer(document)

    def _offer(self, document: SalesDocument) -> None:
        field = self.fields["person"]
        assert isinstance(field, PersonField)
        field.viewer = self._viewer
        self.fields["owner"] = owner_field(document, self._viewer)
        self.fields["currency"] = forms.ChoiceField(
            label=_("Currency"), choices=currency_choices(document.currency)
        )
        self.fields["language"] = forms.ChoiceField(
            label=_("Language of the document"), choices=settings.LANGUAGES
        )
        self.fields["discount_percent"] = _number(_("Discount (%)"), places=2, most=100)
        deal = DealChoice(access.deals_for(self._viewer), label=_("Deal"), required=False)
        self.fields["deal"] = deal
        deal.offer(self._deals())
        if document.kind == SalesDocument.Kind.PURCHASE_ORDER:
            self.fields["organisation"].label = _("Supplier")
            self.fields["due_on"].label = _("Wanted by")
        elif document.kind == SalesDocument.Kind.INVOICE:
            self.fields["due_on"].label = _("Due on")
        elif document.kind == SalesDocument.Kind.SALES_ORDER:
            self.fields["due_on"].label = _("Delivery on")

    def _deals(self) -> list[Deal]:
        """Those of the account, and the one it belongs to."""
        chosen = self.data.get("deal") if self.is_bound else self.initial.get("deal")
        rows = access.deals_for(self._viewer)
        key = str(chosen or "")
        found = list(rows.filter(pk=int(key))) if key.isdecimal() and len(key) < 19 else []
        company = self.instance.company_id or (found[0].company_id if found else None)
        if company:
            near = rows.filter(company=company).exclude(pk__in=[deal.pk for deal in found])
            found += near.order_by("-closes_on", "pk")[:_MOST_DEALS]
        return found

    def filled(self) -> SalesDocument:
        """The document as written, not saved; its account is made when there is none."""
        document = self.save(commit=False)
        data = self.cleaned_data
        for name in ("person", "deal", "issued_on", "due_on"):
            setattr(document, name, data[name])
        name = squeeze(data["organisation"])
        document.company = companies.named(self._viewer, name) if name else None
        if not document.billing_address and document.company:
            document.billing_address = address_of(document.company)
        return document

    def clean_discount_percent(self) -> Any:
        return self.cleaned_data["discount_percent"] or 0


class NumberField(forms.DecimalField):
    """A number as the reader's language writes it."""

    widget = forms.TextInput

    def to_python(self, value: Any) -> Any:
        text = "" if value is None else str(value).replace("%", "")
        return super().to_python(plain_number(text, language=wording.language()))

    def prepare_value(self, value: Any) -> Any:
        if value is None or isinstance(value, str):
            return value
        cents = Decimal("0.01") if self.decimal_places == _PRICE_PLACES else Decimal(1)
        return shown(value if value % cents else Decimal(value).quantize(cents), cents)


def shown(value: Any, cents: Decimal = Decimal(1)) -> str:
    """A number without the zeros that say nothing: "8", "84,5"; a price keeps its `cents`."""
    text = f"{value:f}"
    if "." in text and (value % cents or cents == 1):
        text = text.rstrip("0").rstrip(".")
    return text.replace(".", ",") if wording.language() == "fr" else text


def _number(
    label: Any, *, places: int, most: int | None = None, digits: int = 5, initial: int | None = None
) -> NumberField:
    """Not below zero, but for a price: one may be a credit."""
    return NumberField(
        label=label,
        required=False,
        initial=initial,
        min_value=None if digits == _PRICE else 0,
        max_value=most,
        max_digits=digits,
        decimal_places=places,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )


class LineForm(forms.ModelForm[DocumentLine]):
    """One line. Without a price it is a heading; without a text it is none."""

    class Meta:
        model = DocumentLine
        fields = (
            "description", "quantity", "unit", "unit_price", "discount_percent", "tax_percent"
        )  # fmt: skip
        widgets = {"description": forms.Textarea(attrs={"rows": 1})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["quantity"] = _number(_("Quantity"), places=3, digits=12, initial=1)
        self.fields["unit_price"] = _number(_("Unit price"), places=_PRICE_PLACES, digits=_PRICE)
        discount = _number(_("Discount (%)"), places=2, most=100, initial=0)
        self.fields["discount_percent"] = discount
        self.fields["tax_percent"] = _number(_("Tax (%)"), places=2, most=100, initial=20)

    def clean_quantity(self) -> Any:
        found = self.cleaned_data["quantity"]
        return 1 if found is None else found

    def clean_discount_percent(self) -> Any:
        return self.cleaned_data["discount_percent"] or 0

    def clean_tax_percent(self) -> Any:
        return self.cleaned_data["tax_percent"] or 0


LineForms = forms.formset_factory(LineForm, extra=1, max_num=MOST_LINES, absolute_max=MOST_LINES)


def lines_of(forms_: Any) -> list[DocumentLine]:
    """The lines of a valid set of forms, in their order; without those that say nothing."""
    return [form.save(commit=False) for form in forms_ if form.has_changed()]


class SeriesForm(forms.ModelForm[NumberSeries]):
    """How the numbers of one kind are written, and which comes next."""

    class Meta:
        model = NumberSeries
        fields = ("prefix", "next", "digits")
        labels = {"prefix": _("Begins with"), "next": _("Next number"), "digits": _("Digits")}

    @property
    def prefix_field(self) -> forms.BoundField:
        """`prefix` is also what a form calls the beginning of its names."""
        return self["prefix"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, most in (("next", 999_999_999), ("digits", 9)):
            self.fields[name] = forms.IntegerField(
                label=self.fields[name].label, min_value=1, max_value=most
            )


def address_of(company: Company) -> str:
    """Where bills of that company go, as lines."""
    place = f"{company.postcode} {company.city}".strip()
    return "\n".join(line for line in (company.name, company.street, place) if line)


def _proposed(kind: str) -> dict[str, Any]:
    organisation, today = Organisation.current(), timezone.localdate()
    after = sales.due_after(kind)
    return {
        "currency": organisation.currency if organisation else "EUR",
        "language": organisation.language if organisation else "fr",
        "issued_on": today,
        "due_on": today + after if after else None,
    }


def _asked(viewer: User, asked: Mapping[str, str]) -> dict[str, Any]:
    """What ?person=, ?company= and ?deal= say, as far as the viewer may read it."""
    found: dict[str, Any] = {}
    for name in _ASKED:
        key = asked.get(name, "")
        if not (key.isascii() and key.isdigit() and len(key) < 19):
            continue
        subject = activities.subject(viewer, name, int(key))
        record = subject.record if subject else None
        if isinstance(record, Company):
            found |= {"organisation": record.name, "billing_address": address_of(record)}
        elif isinstance(record, Person):
            found |= {"person": name_of(record), "organisation": record.organisation_name}
        elif isinstance(record, Deal):
            found |= {"deal": record.pk, "name": record.name, "currency": record.currency}
            part = record.contacts.filter(is_primary=True).select_related("person").first()
            found |= {"person": name_of(part.person)} if part else {}
            found |= {"organisation": record.company.name} if record.company else {}
    return found
