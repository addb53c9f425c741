"""Notices: what a user is told, in app."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from relance.lib import clock


class Notice(models.Model):
    """One thing a user should know. `code` and `params` are worded by the pages."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    code = models.CharField(max_length=40)
    params = models.JSONField(default=dict)
    url = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    read_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["user", "-created_at"], name="notice_by_user"),
            models.Index(
                fields=["user"], condition=models.Q(read_at=None), name="notice_unread_by_user"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} for user {self.user_id}"
