"""The form of an account."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from relance.addresses import book, domains
from relance.crm import companies
from relance.crm.models import Company
from relance.lib.text import squeeze
from relance.users.models import User
from relance.web.components.choices import country_choices, owner_field, team_field
from relance.web.components.custom_fields import WithCustomFields


class CompanyForm(WithCustomFields, forms.ModelForm[Company]):
    """All fields of a company; a second one of the same name is refused."""

    class Meta:
        model = Company
        fields = [
            "name",
            "domain",
            "website",
            "phone",
            "street",
            "postcode",
            "city",
            "country",
            "shipping_street",
            "shipping_postcode",
            "shipping_city",
            "shipping_country",
            "industry",
            "tax_number",
            "owner",
            "team",
            "description",
        ]
        widgets = {
            "description": forms.Textarea(attrs={"rows": 4}),
            "phone": forms.TextInput(attrs={"type": "tel"}),
        }
        help_texts = {"domain": gettext_lazy("What stands after the @ in its people’s addresses.")}

    def __init__(self, *args: Any, viewer: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._viewer = viewer
        self.fields["owner"] = owner_field(self.instance, viewer)
        self.fields["team"] = team_field()
        for name in ("country", "shipping_country"):
            self.fields[name] = forms.ChoiceField(
                label=gettext_lazy("Country"), required=False, choices=country_choices()
            )

    def filled(self) -> Company:
        """The account as written, not saved."""
        company: Company = self.save(commit=False)
        return company

    def clean_name(self) -> str:
        name = squeeze(self.cleaned_data["name"])
        other = companies.find_named(self._viewer, name)
        if other and other.pk != self.instance.pk:
            raise ValidationError(_("There is an account of this name already."))
        return name

    def clean_domain(self) -> str:
        """What was pasted: an address, a site or a domain; kept as a lower-case domain."""
        text = self.cleaned_data["domain"].strip().lower()
        if not text:
            return ""
        text = text.partition("://")[2] or text
        host = text.partition("/")[0].rpartition("@")[2].removeprefix("www.")
        normalised = book.normalise(f"somebody@{host}")
        if not normalised or "." not in host:
            raise ValidationError(_("This is no domain. It looks like company.com."))
        domain = normalised.rpartition("@")[2]
        if domains.is_public(domain):
            raise ValidationError(
                _("Anybody may have an address at %(domain)s: it belongs to no account.")
                % {"domain": domain}
            )
        return domain

    def clean_website(self) -> str:
        """Only a web address: it becomes a link."""
        text = str(self.cleaned_data["website"]).strip()
        if not text:
            return ""
        if "://" not in text:
            text = f"https://{text}"
        if not text.startswith(("https://", "http://")):
            raise ValidationError(_("This is no web address. It looks like company.com."))
        forms.URLField(assume_scheme="https").clean(text)
        return text
