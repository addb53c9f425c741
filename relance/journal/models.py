"""What was done, so that it can be undone."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from relance.lib import clock


class Entry(models.Model):
    """One act of one user, with what undoing it needs.

    `verb` names the act ("mail.archive"); whoever registered that verb knows how to undo `payload`.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    verb = models.CharField(max_length=40)
    params = models.JSONField(default=dict)
    payload = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=clock.now, db_index=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["user", "-created_at"], name="journal_entry_by_user")]

    def __str__(self) -> str:
        return f"{self.verb} {self.pk}"


class Change(models.Model):
    """A line of a record's history: who changed which fields, from what to what.

    `entity` and `record_id` name the record; `changes` maps a field's name to [before, after], as
    texts that can be shown.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    entity = models.CharField(max_length=40)
    record_id = models.BigIntegerField()
    verb = models.CharField(max_length=40)
    changes = models.JSONField(default=dict)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [
            models.Index(fields=["entity", "record_id", "-at"], name="journal_change_by_record")
        ]

    def __str__(self) -> str:
        return f"{self.verb} of {self.entity} {self.record_id}"
