"""The one form that makes a contact, an account and a deal of a lead."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from relance.addresses import book
from relance.crm import companies
from relance.crm.conversion import Wanted
from relance.crm.models import Company, Deal, Person, Stage
from relance.lib.text import shorten, squeeze
from relance.users.models import Organisation, User
from relance.web.components.amounts import AmountField
from relance.web.components.choices import currency_choices
from relance.web.components.naming import ProposingInput
from relance.web.convert.choices import Choices

_CLOSES_IN = timedelta(days=30)
_LONGEST_NAME = 120


class _Stages(forms.ModelChoiceField[Stage]):
    """Stages by their names in the reader's language."""

    def label_from_instance(self, obj: Stage) -> str:
        return obj.label


class ConvertForm(forms.Form):
    """`contact` and `account` name something there is already by its key, or "new"; an account
    may be "none"."""

    contact = forms.ChoiceField(widget=forms.RadioSelect)
    first_name = forms.CharField(label=_("First name"), max_length=100, required=False)
    last_name = forms.CharField(label=_("Last name"), max_length=100, required=False)
    email = forms.CharField(
        label=_("E-mail"), max_length=320, required=False, widget=forms.EmailInput
    )
    account = forms.ChoiceField(widget=forms.RadioSelect)
    organisation = forms.CharField(
        label=_("Name of the account"),
        max_length=200,
        required=False,
        widget=ProposingInput("companies:proposals"),
    )
    with_deal = forms.BooleanField(required=False)
    deal_name = forms.CharField(label=_("Name"), max_length=200, required=False)
    amount = AmountField(label=_("Amount"), required=False, min_value=0)
    currency = forms.ChoiceField(label=_("Currency"), required=False)
    stage = _Stages(
        Stage.objects.filter(kind=Stage.Kind.OPEN), label=_("Stage"), empty_label=None,
        required=False,
    )  # fmt: skip
    closes_on = forms.DateField(
        label=_("Closing date"),
        required=False,
        localize=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )

    def __init__(
        self, data: QueryDict | None, *, viewer: User, lead: Person, choices: Choices
    ) -> None:
        super().__init__(data, initial=_proposed(lead, choices))
        self._viewer, self._lead, self._choices = viewer, lead, choices
        self._text("contact").choices = [*((str(p.pk), "") for p in choices.people), ("new", "")]
        keys = [str(company.pk) for company in choices.companies]
        self._text("account").choices = [(key, "") for key in (*keys, "new", "none")]
        self._text("currency").choices = currency_choices(_own_currency())
        self.fields["amount"].widget.attrs["placeholder"] = _now("to be set")
        self.fields["organisation"].widget.attrs |= {
            "class": "input",
            "aria-label": _now("Name of the account"),
        }

    def _text(self, name: str) -> forms.ChoiceField:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        return field

    def clean_email(self) -> str:
        written: str = self.cleaned_data["email"].strip()
        if written and not book.normalise(written):
            raise ValidationError(
                _now("This is no e-mail address. It looks like name@company.com.")
            )
        return written

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if data.get("contact") == "new" and not squeeze(data.get("last_name", "")):
            self.add_error("last_name", _now("A contact has a last name."))
        if data.get("account") == "new" and not squeeze(data.get("organisation", "")):
            self.add_error("organisation", _now("Write its name, or choose “No account”."))
        if data.get("with_deal"):
            for name in ("deal_name", "closes_on", "stage"):
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, _now("A deal needs it."))
        return data

    def wanted(self) -> Wanted:
        """What the lead is to become; nothing of it is saved yet."""
        data = self.cleaned_data
        primary = data["email"] if data["contact"] == "new" else ""  # else her own stays
        return Wanted(self._contact(), self._company(), self._deal(), primary)

    def _contact(self) -> Person:
        data = self.cleaned_data
        for person in self._choices.people:
            if str(person.pk) == data["contact"]:
                return person
        return Person(
            kind=Person.Kind.CONTACT,
            first_name=data["first_name"].strip(),
            last_name=data["last_name"].strip(),
            owner=self._lead.owner,
            status="",
        )

    def _company(self) -> Company | None:
        data = self.cleaned_data
        if data["account"] == "none":
            return None
        for company in self._choices.companies:
            if str(company.pk) == data["account"]:
                return company
        name = squeeze(data["organisation"])
        known = companies.find_named(self._viewer, name)
        return known or Company(name=name, owner=self._lead.owner)

    def _deal(self) -> Deal | None:
        data = self.cleaned_data
        if not data["with_deal"]:
            return None
        return Deal(
            name=squeeze(data["deal_name"]),
            amount=data["amount"],
            currency=data["currency"] or _own_currency(),
            stage=data["stage"],
            closes_on=data["closes_on"],
            owner=self._lead.owner,
        )


def _own_currency() -> str:
    organisation = Organisation.current()
    return organisation.currency if organisation else "EUR"


def _proposed(lead: Person, choices: Choices) -> dict[str, Any]:
    first_line = next(iter(lead.description.strip().splitlines()), "")
    name = squeeze(first_line) or lead.organisation_name or lead.name
    account = str(choices.companies[0].pk) if choices.companies else "new"
    if not choices.companies and not lead.organisation_name:
        account = "none"
    return {
        "contact": str(choices.people[0].pk) if choices.is_known else "new",
        "first_name": lead.first_name,
        "last_name": lead.last_name,
        "email": choices.primary,
        "account": account,
        "organisation": lead.organisation_name,
        "with_deal": True,
        "deal_name": shorten(name, _LONGEST_NAME),
        "currency": _own_currency(),
        "stage": Stage.objects.filter(kind=Stage.Kind.OPEN).first(),
        "closes_on": timezone.localdate() + _CLOSES_IN,
    }
