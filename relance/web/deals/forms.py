"""The form of a deal, and that of a person's part in it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from relance.crm import companies
from relance.crm.models import Deal, Person, Stage
from relance.lib.text import squeeze
from relance.users.models import Organisation, User
from relance.web.components.amounts import AmountField
from relance.web.components.choices import currency_choices, owner_field, team_field
from relance.web.components.custom_fields import WithCustomFields
from relance.web.components.naming import PersonField, ProposingInput, name_of

_CLOSES_IN = timedelta(days=30)


class StageField(forms.ModelChoiceField[Stage]):
    """Stages by their names in the reader's language."""

    def label_from_instance(self, obj: Stage) -> str:
        return obj.label


class DealForm(WithCustomFields, forms.ModelForm[Deal]):
    """All fields of a deal; its account and its primary contact are named in words."""

    amount = AmountField(label=_("Amount"), required=False, min_value=0)
    organisation = forms.CharField(
        label=_("Account"),
        required=False,
        max_length=200,
        widget=ProposingInput("companies:proposals"),
    )
    person = PersonField(label=_("Primary contact"), required=False)

    class Meta:
        model = Deal
        fields = [
            "name",
            "amount",
            "currency",
            "stage",
            "closes_on",
            "lost_reason",
            "owner",
            "team",
            "description",
        ]
        widgets = {
            "closes_on": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
            "description": forms.Textarea(attrs={"rows": 4}),
        }

    def __init__(
        self, *args: Any, viewer: User, person: Person | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._viewer = viewer
        is_new = self.instance.pk is None
        self.fields["stage"] = StageField(
            Stage.objects.all(), label=_("Stage"), empty_label=None, initial=_first_stage()
        )
        self.fields["owner"] = owner_field(self.instance, viewer)
        self.fields["currency"] = forms.ChoiceField(
            label=_("Currency"), choices=currency_choices(self.instance.currency)
        )
        self.fields["closes_on"].localize = False
        self.fields["team"] = team_field()
        if is_new or self.instance.stage.kind != Stage.Kind.LOST:
            del self.fields["lost_reason"]
        contact = self.fields["person"]
        assert isinstance(contact, PersonField)
        contact.viewer = viewer
        if is_new:
            self._propose(person)
        else:
            del self.fields["person"]
            company = self.instance.company
            self.initial["organisation"] = company.name if company else ""

    def _propose(self, person: Person | None) -> None:
        organisation = Organisation.current()
        proposed: dict[str, Any] = {
            "currency": organisation.currency if organisation else "EUR",
            "closes_on": timezone.localdate() + _CLOSES_IN,
            "stage": _first_stage(),
            "owner": self._viewer.pk,
        }
        if person:
            proposed |= {"person": name_of(person), "organisation": person.organisation_name}
        self.initial = {**self.initial, **proposed, **_given(self.initial)}

    def filled(self) -> Deal:
        """The deal as written, not saved; its account is made when there is none."""
        deal: Deal = self.save(commit=False)
        if "organisation" not in self.fields:
            return deal
        name = squeeze(self.cleaned_data["organisation"])
        deal.company = companies.named(self._viewer, name) if name else None
        return deal


class PartForm(forms.Form):
    """Somebody's part in a deal."""

    person = PersonField(label=_("Person"))
    role = forms.CharField(
        label=_("Role"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"list": "deal_roles", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, viewer: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["person"]
        assert isinstance(field, PersonField)
        field.viewer = viewer


class LossForm(forms.Form):
    """Why a deal was lost; the words used before are proposed."""

    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"list": "loss_reasons", "autocomplete": "off"}),
    )


def _first_stage() -> Stage | None:
    return Stage.objects.filter(kind=Stage.Kind.OPEN).first()


def _given(initial: Mapping[str, Any]) -> dict[str, Any]:
    return {name: initial[name] for name in ("name", "organisation") if initial.get(name)}
