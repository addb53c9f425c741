"""The dialogs that make a sender known."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from relance.crm import companies
from relance.crm.models import Person
from relance.inbox.senders import Prefill
from relance.users.models import User


class SenderForm(forms.Form):
    """A lead or a contact made of a mail's sender. What was read in the mail is proposed."""

    first_name = forms.CharField(label=_("First name"), max_length=100, required=False)
    last_name = forms.CharField(label=_("Last name"), max_length=100)
    title = forms.CharField(label=_("Title"), max_length=150, required=False)
    company = forms.CharField(label=_("Company"), max_length=200, required=False)
    phone = forms.CharField(label=_("Phone"), max_length=50, required=False)

    @classmethod
    def proposed(cls, prefill: Prefill) -> SenderForm:
        return cls(
            initial={
                "first_name": prefill.first_name,
                "last_name": prefill.last_name,
                "title": prefill.title,
                "company": prefill.company_name,
                "phone": prefill.phone,
            }
        )

    def person(self, kind: str, *, actor: User) -> Person:
        """The person described, unsaved. A contact's company becomes an account; a lead's stays
        words, unless an account of that name is known already."""
        data = self.cleaned_data
        person = Person(
            kind=kind,
            owner=actor,
            first_name=data["first_name"],
            last_name=data["last_name"],
            title=data["title"],
            phone=data["phone"],
            source="e-mail",
        )
        if kind == Person.Kind.CONTACT:
            person.status = ""
        known = companies.find_named(actor, data["company"]) if data["company"] else None
        if known or (data["company"] and kind == Person.Kind.CONTACT):
            person.company = known or companies.named(actor, data["company"])
        else:
            person.company_name = data["company"]
        return person
