"""The words of a message, folded, for the search index."""

from __future__ import annotations

from django.db import models

from relance.mail.models import Message


class SearchEntry(models.Model):
    """PostgreSQL's index row. On SQLite the same words live in the FTS5 table `inbox_fts`."""

    message = models.OneToOneField(
        Message, primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    words = models.TextField()

    def __str__(self) -> str:
        return f"words of message {self.pk}"
