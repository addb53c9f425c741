"""The form of a case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from relance.crm.models import Case
from relance.web.components.about import AboutForm
from relance.web.components.choices import owner_field
from relance.web.components.custom_fields import WithCustomFields


class CaseForm(WithCustomFields, AboutForm):
    """What is asked, by whom, how it stands, and who settles it."""

    class Meta:
        model = Case
        fields = ("name", "status", "priority", "owner", "description")
        widgets = {"description": forms.Textarea(attrs={"rows": 4})}

    def __init__(
        self,
        *args: Any,
        asked: Mapping[str, str] | None = None,
        instance: Case | None = None,
        **kwargs: Any,
    ) -> None:
        case = instance or Case()
        case.case_id = None  # type: ignore[attr-defined]  # a case is about no other case
        super().__init__(*args, asked=asked, instance=case, **kwargs)
        self.fields["owner"] = owner_field(case, self.viewer)
        self.fields["owner"].label = _("Assigned to")
