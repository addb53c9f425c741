"""The form of a note."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from relance.crm.models import Note
from relance.web.components.about import AboutForm

_LONGEST = 20_000


class NoteForm(AboutForm):
    """The text, and what it is about."""

    text = forms.CharField(
        label=_("Note"),
        max_length=_LONGEST,
        widget=forms.Textarea(attrs={"rows": 5, "autofocus": True, "dir": "auto"}),
    )

    class Meta:
        model = Note
        fields = ("text",)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not any(data.get(name) for name in ("person", "company", "deal", "case")):
            self.add_error("person", _("Say whom the note is about."))
        return data
