"""An absence: when, for whom, and what is answered in each language."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from relance.inbox.models import VacationResponse
from relance.inbox.vacation import OTHERS, PEOPLE, SUBJECTS
from relance.writing import merge

MOST = 4_000
TEXTS = [(audience, language) for audience in (PEOPLE, OTHERS) for language in SUBJECTS]
_LABELS = {
    (PEOPLE, "fr"): gettext_lazy("Text for contacts and leads, in French"),
    (PEOPLE, "en"): gettext_lazy("Text for contacts and leads, in English"),
    (OTHERS, "fr"): gettext_lazy("Text for unknown senders, in French"),
    (OTHERS, "en"): gettext_lazy("Text for unknown senders, in English"),
}


class VacationForm(forms.ModelForm[VacationResponse]):
    """The absence of one mailbox. Texts are fields of their own, "people_fr" and so on."""

    class Meta:
        model = VacationResponse
        fields = ["is_on", "starts_on", "ends_on", "audience", "subject"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("starts_on", "ends_on"):
            self.fields[name].widget = forms.DateInput({"type": "date"}, format="%Y-%m-%d")
        if self.instance._state.adding:
            today = timezone.localdate()
            self.initial.update(starts_on=today, ends_on=today + timedelta(days=7))
        for audience, language in TEXTS:
            self.fields[f"{audience}_{language}"] = forms.CharField(
                label=_LABELS[audience, language],
                required=False,
                max_length=MOST,
                initial=(self.instance.texts.get(audience) or {}).get(language, ""),
                widget=forms.Textarea(attrs={"rows": 7, "lang": language, "dir": "auto"}),
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        start, end = data.get("starts_on"), data.get("ends_on")
        if start and end and end < start:
            self.add_error("ends_on", _("The absence ends before it starts."))
        for name in ("subject", *(f"{a}_{language}" for a, language in TEXTS)):
            if unknown := merge.check(str(data.get(name) or "")):
                listed = ", ".join(f"{{{code}}}" for code in unknown)
                self.add_error(name, _("Nothing is called %(codes)s.") % {"codes": listed})
        if data.get("is_on"):
            self._ask_for_texts(data)
        return data

    def _ask_for_texts(self, data: dict[str, Any]) -> None:
        """Whoever is answered needs a text, in one language at least."""
        wanted = [PEOPLE]
        if data.get("audience") != VacationResponse.Audience.PEOPLE:
            wanted.append(OTHERS)
        for audience in wanted:
            if not any(str(data.get(f"{audience}_{code}") or "").strip() for code in SUBJECTS):
                self.add_error(f"{audience}_fr", ValidationError(_("Write what is answered.")))

    def response(self) -> VacationResponse:
        """The absence as typed, saved or not."""
        self.instance.texts = {
            audience: {c: self.cleaned_data.get(f"{audience}_{c}", "").strip() for c in SUBJECTS}
            for audience in (PEOPLE, OTHERS)
        }
        return self.instance
