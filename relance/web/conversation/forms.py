"""The dialogs that make a sender known."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from relance.crm import companies
from relance.crm.models import Person
from relance.inbox.senders import Prefill
from relance.users.models import User
from relance.web.components.choices import owner_field


class SenderForm(forms.Form):
    """A lead or a contact made of somebody in a mail. What was read in the mail is proposed."""

    first_name = forms.CharField(label=_("First name"), max_length=100, required=False)
    last_name = forms.CharField(label=_("Last name"), max_length=100)
    title = forms.CharField(label=_("Title"), max_length=150, required=False)
    company = forms.CharField(label=_("Company"), max_length=200, required=False)
    phone = forms.CharField(label=_("Phone"), max_length=50, required=False)
    source = forms.CharField(label=_("Source"), max_length=60, required=False)
    with_files = forms.BooleanField(required=False)
    again = forms.BooleanField(
        label=_("It is somebody else: make another record of this address"), required=False
    )

    def __init__(self, *args: Any, viewer: User, prefill: Prefill, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.viewer = viewer
        self.fields["owner"] = owner_field(Person(), viewer)
        self.fields["owner"].required = not self.is_bound or "owner" in self.data
        self.fields["with_files"].label = gettext("Keep the attachments on the record")
        self.asks_again = any(d.reason == "same_address" for d in prefill.duplicates)
        if not prefill.attachments:
            del self.fields["with_files"]
        for name in ("title", "company", "phone"):
            if name in prefill.from_signature:
                self.fields[name].help_text = gettext("Read in the signature")

    @classmethod
    def proposed(cls, prefill: Prefill, viewer: User) -> SenderForm:
        return cls(
            viewer=viewer,
            prefill=prefill,
            initial={
                "first_name": prefill.first_name,
                "last_name": prefill.last_name,
                "title": prefill.title,
                "company": prefill.company_name,
                "phone": prefill.phone,
                "source": gettext("Incoming e-mail"),
                "with_files": True,
            },
        )

    def person(self, kind: str, *, actor: User) -> Person:
        """The person described, unsaved. A contact's company becomes an account; a lead's stays
        words, unless an account of that name is known already."""
        data = self.cleaned_data
        person = Person(
            kind=kind,
            owner=data["owner"] or self.viewer,
            first_name=data["first_name"],
            last_name=data["last_name"],
            title=data["title"],
            phone=data["phone"],
            source=data["source"],
        )
        if kind == Person.Kind.CONTACT:
            person.status = ""
        known = companies.find_named(actor, data["company"]) if data["company"] else None
        if known or (data["company"] and kind == Person.Kind.CONTACT):
            person.company = known or companies.named(actor, data["company"])
        else:
            person.company_name = data["company"]
        return person
