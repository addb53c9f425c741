"""The form that says on which records an attachment is put."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from relance.crm.models import RecordFile
from relance.web.components.about import AboutForm


class PlaceForm(AboutForm):
    """A person, and a deal where there is one."""

    class Meta:
        model = RecordFile
        fields = ()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not any(data.get(name) for name in ("person", "company", "deal", "case")):
            self.add_error("person", _("Say whose file it is."))
        return data
