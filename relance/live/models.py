"""Events, written in the transaction of the change they tell of."""

from __future__ import annotations

from django.db import models

from relance.lib import clock


class Event(models.Model):
    """Something an open page may want to show. Kept for an hour.

    `user_id` is whom it concerns (0: everybody logged in). A plain number, since this floor knows
    no users. `kind` and `payload` hold ids and counts only, never mail.
    """

    user_id = models.BigIntegerField(default=0)
    kind = models.CharField(max_length=40)
    payload = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=clock.now, db_index=True)

    class Meta:
        indexes = [models.Index(fields=["user_id", "id"], name="live_event_by_user")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
