"""Records that look alike and are not: somebody said so."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from relance.lib import clock


class NotDuplicates(models.Model):
    """Two records of one kind ("person", "company") that are never proposed for merging again;
    `first` is the smaller key."""

    entity = models.CharField(max_length=10)
    first = models.BigIntegerField()
    second = models.BigIntegerField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["entity", "first", "second"], name="crm_not_duplicates_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.entity} {self.first} is not {self.second}"
