"""Forms of sender addresses."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class NameForm(forms.Form):
    """How an address presents itself."""

    name = forms.CharField(
        label=_("Name, as others see it"),
        max_length=150,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class AddressForm(NameForm):
    """A further address. Whether it is one, and new, the engine says."""

    address = forms.CharField(
        label=_("E-mail address"),
        max_length=320,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    field_order = ["address", "name"]
