"""Lists as somebody wants to see them again."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from relance.lib import clock


class SavedView(models.Model):
    """A list of some entity's records: its criteria, columns and order."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    module = models.CharField(max_length=40)
    name = models.CharField(_("name"), max_length=80)
    criteria = models.JSONField(default=dict)
    columns = models.JSONField(default=list)
    sort = models.CharField(max_length=60, blank=True)  # "-amount"
    is_shared = models.BooleanField(_("everybody sees it"), default=False)
    is_default = models.BooleanField(_("opens first"), default=False)
    position = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        indexes = [models.Index(fields=["module", "owner"], name="criteria_view_by_module")]

    def __str__(self) -> str:
        return self.name
