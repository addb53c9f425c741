"""What rows of work have in common."""

from __future__ import annotations

from django.db import models


class Leased(models.Model):
    """A row that is a job: somebody claims it for a while, tries, and records how it went."""

    lease_until = models.DateTimeField(null=True, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    next_try_at = models.DateTimeField(null=True, editable=False)
    last_error = models.CharField(max_length=500, blank=True, editable=False)

    class Meta:
        abstract = True
