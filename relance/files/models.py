"""Files kept by what they hold."""

from __future__ import annotations

from django.db import models

from relance.lib import clock


class Blob(models.Model):
    """A file on Django's storage, named by the SHA-256 of its content (hexadecimal)."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    size = models.BigIntegerField()
    created_at = models.DateTimeField(default=clock.now, editable=False)

    def __str__(self) -> str:
        return self.sha256
