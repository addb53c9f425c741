"""A template as a form."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from relance.lib.text import squeeze
from relance.writing import merge
from relance.writing.models import Template
from relance.writing.templates import Content

FALLBACK = "fallback:"


class TemplateForm(forms.ModelForm[Template]):
    """What is said of a template; its text is read beside, its files too."""

    class Meta:
        model = Template
        fields = [
            "name",
            "category",
            "language",
            "subject",
            "sharing",
            "is_one_off",
            "is_active",
        ]

    def __init__(self, *args: Any, may_share: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"].widget.attrs.update(list="categories", autocomplete="off")
        self.fields["subject"].widget.attrs.update(
            {"autocomplete": "off", "dir": "auto", "data-compose-subject": True}
        )
        self.fields["language"] = forms.ChoiceField(
            label=gettext_lazy("Language"),
            required=False,
            choices=[("", gettext_lazy("Of whoever writes")), *settings.LANGUAGES],
            help_text=gettext_lazy("Dates and amounts are written in it."),
        )
        self.fields["sharing"].label = gettext_lazy("Visible to")
        self.fields["is_one_off"].label = gettext_lazy("Hide it once it has been used")
        self.fields["is_active"].label = gettext_lazy("Offer it when one writes")
        if not may_share:
            del self.fields["sharing"]

    def clean_subject(self) -> str:
        subject = squeeze(self.cleaned_data["subject"])
        unknown = merge.check(subject)
        if unknown:
            raise ValidationError(unknown_words(unknown))
        return subject

    def content(self, html: str) -> Content:
        """What is to be saved, with the fallbacks that were written beside the fields."""
        data = self.cleaned_data
        fallbacks = tuple(
            (name.removeprefix(FALLBACK), str(value)[:200])
            for name, value in self.data.items()
            if name.startswith(FALLBACK) and str(value).strip()
        )
        return Content(
            name=squeeze(data["name"]),
            subject=data["subject"],
            html=html,
            category=squeeze(data["category"]),
            language=data["language"],
            sharing=data.get("sharing", self.instance.sharing),
            is_one_off=data["is_one_off"],
            is_active=data["is_active"],
            fallbacks=fallbacks,
        )


def unknown_words(codes: list[str]) -> str:
    """What is wrong with placeholders nobody knows."""
    return _("No field is called %(names)s. Choose one from the list.") % {
        "names": ", ".join(f"{{{code}}}" for code in codes)
    }


def cut_words(codes: list[str]) -> str:
    """What is wrong with placeholders that formatting runs through."""
    return _("Formatting runs through %(names)s. Delete the field and insert it again.") % {
        "names": ", ".join(f"{{{code}}}" for code in codes)
    }
