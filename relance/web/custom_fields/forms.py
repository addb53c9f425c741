"""The form of a custom field, with the choices of a list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from relance.crm import custom_fields
from relance.crm.custom_fields import KIND
from relance.crm.models import CustomField
from relance.lib.text import squeeze

SPARE = 3
KINDS = {
    KIND.TEXT: gettext_lazy("Text"),
    KIND.NUMBER: gettext_lazy("Number, whole or with decimals"),
    KIND.MONEY: gettext_lazy("Amount with its currency"),
    KIND.DATE: gettext_lazy("Day"),
    KIND.LIST: gettext_lazy("List of choices"),
    KIND.YES_NO: gettext_lazy("Yes or no"),
    KIND.USER: gettext_lazy("User"),
}


@dataclass(frozen=True, slots=True)
class ChoiceRow:
    """One choice as the form has it; `code` is empty for a new one."""

    code: str = ""
    label: str = ""
    label_fr: str = ""


class CustomFieldForm(forms.ModelForm[CustomField]):
    """Its labels, its kind (once), whether it must be filled in, and a list's choices."""

    class Meta:
        model = CustomField
        fields = ("label", "label_fr", "kind", "is_required")
        labels = {
            "label": gettext_lazy("Label in English"),
            "label_fr": gettext_lazy("Label in French"),
            "is_required": gettext_lazy("Must be filled in"),
        }

    def __init__(self, data: QueryDict | None, *, instance: CustomField) -> None:
        super().__init__(data, instance=instance)
        self.is_new = instance.pk is None
        self.fields["label"].required = False
        if self.is_new:
            self.fields["kind"] = forms.ChoiceField(label=_("Kind"), choices=KINDS.items())
        else:
            del self.fields["kind"]
        self.rows = _sent(data) if data is not None else self._known()
        self.problem = ""

    @property
    def choice_rows(self) -> list[ChoiceRow]:
        """The rows to draw, some of them spare."""
        return self.rows + [ChoiceRow()] * SPARE

    @property
    def may_have_choices(self) -> bool:
        return self.is_new or self.instance.kind == KIND.LIST

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        assert cleaned is not None
        label, label_fr = (squeeze(cleaned.get(n) or "") for n in ("label", "label_fr"))
        if not (label or label_fr):
            self.add_error("label", _("Name the field in one language at least."))
        cleaned |= {"label": label or label_fr, "label_fr": label_fr}
        kind = cleaned.get("kind") or self.instance.kind
        if kind == KIND.LIST:
            given = ((row.code, row.label, row.label_fr) for row in self.rows)
            custom_fields.with_choices(self.instance, given)
            if not self.instance.choices:
                self.problem = _("A list needs one choice at least.")
                self.add_error(None, self.problem)
        return cleaned

    def _known(self) -> list[ChoiceRow]:
        known = custom_fields.choices_of(self.instance)
        return [ChoiceRow(c.code, c.label, c.label_fr) for c in known]


def _sent(data: QueryDict) -> list[ChoiceRow]:
    columns = (data.getlist(f"choice_{name}") for name in ("code", "label", "label_fr"))
    sent = [ChoiceRow(*row) for row in zip(*columns, strict=False)]
    return [row for row in sent if row.label.strip() or row.label_fr.strip()]
