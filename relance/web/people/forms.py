"""The form of a lead or a contact."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from relance.crm import companies
from relance.crm.models import Person
from relance.lib.text import squeeze
from relance.users.models import User
from relance.web.components.choices import country_choices, owner_field, team_field, zone_field
from relance.web.components.custom_fields import WithCustomFields
from relance.web.components.naming import ProposingInput


class PersonForm(WithCustomFields, forms.ModelForm[Person]):
    """All fields of a person but its addresses; the company is named in words."""

    organisation = forms.CharField(
        label=_("Account"),
        required=False,
        max_length=200,
        widget=ProposingInput("companies:proposals"),
    )

    class Meta:
        model = Person
        fields = [
            "first_name",
            "last_name",
            "title",
            "phone",
            "mobile",
            "street",
            "postcode",
            "city",
            "country",
            "time_zone",
            "status",
            "source",
            "owner",
            "team",
            "description",
        ]
        widgets = {
            "country": forms.Select,
            "description": forms.Textarea(attrs={"rows": 4}),
            "phone": forms.TextInput(attrs={"type": "tel"}),
            "mobile": forms.TextInput(attrs={"type": "tel"}),
        }

    def __init__(self, *args: Any, viewer: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._viewer = viewer
        self.fields["owner"] = owner_field(self.instance, viewer)
        self.fields["country"] = forms.ChoiceField(
            label=_("Country"), required=False, choices=country_choices()
        )
        self.fields["time_zone"] = zone_field(self.instance.time_zone)
        self.fields["team"] = team_field()
        if self.instance.kind == Person.Kind.LEAD:
            self.fields["organisation"].label = _("Company")
            self.fields["status"] = forms.ChoiceField(
                label=_("Status"), choices=_statuses(self.instance)
            )
        else:
            del self.fields["status"]
        self.initial.setdefault("organisation", self.instance.organisation_name)

    def clean_organisation(self) -> str:
        return squeeze(self.cleaned_data["organisation"])

    def filled(self) -> Person:
        """The person as written, not saved; a contact's account is made when there is none."""
        person: Person = self.save(commit=False)
        if "organisation" not in self.fields:
            return person
        name = self.cleaned_data["organisation"]
        if person.kind == Person.Kind.LEAD:
            person.company = companies.find_named(self._viewer, name)
            person.company_name = "" if person.company else name
        else:
            person.company = companies.named(self._viewer, name) if name else None
            person.company_name = ""
        return person


def _statuses(lead: Person) -> list[tuple[str, Any]]:
    """One converts a lead by a button; "converted" is only kept where it came with an import."""
    hidden = {"", Person.Status.CONVERTED} - {lead.status}
    return [(value, label) for value, label in Person.Status.choices if value not in hidden]
