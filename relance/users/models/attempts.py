"""Failed log-ins, counted so that guessing a password takes for ever."""

from __future__ import annotations

from django.db import models

from relance.lib import clock


class FailedLogin(models.Model):
    """The failures in a row of one address from one place (both kept as one digest)."""

    key = models.CharField(max_length=64, unique=True)
    failure_count = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField(default=clock.now, db_index=True)

    def __str__(self) -> str:
        return f"{self.failure_count} failures"
