"""Which records a conversation belongs to, beyond what addresses say."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from relance.lib import clock
from relance.mail.models import Message, Thread


class RecordLink(models.Model):
    """A mail, or a whole conversation, on a record (D20, D21).

    What somebody chose by hand is sticky: nothing overrides it, also where it says "not this one"
    (`is_removed`). `entity` and `record_id` name the record: "deal", "case", "company", "person".
    """

    class Origin(models.TextChoices):
        MANUAL = "manual"
        COMPOSED = "composed"
        THREAD = "thread"
        REFERENCE = "reference"
        ONLY_DEAL = "only_deal"
        NUMBER = "number"
        ADDRESS = "address"

    thread = models.ForeignKey(Thread, null=True, on_delete=models.CASCADE, related_name="+")
    message = models.ForeignKey(Message, null=True, on_delete=models.CASCADE, related_name="+")
    entity = models.CharField(max_length=10)
    record_id = models.BigIntegerField()
    origin = models.CharField(max_length=9, choices=Origin.choices)
    is_removed = models.BooleanField(default=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["thread", "entity", "record_id"],
                condition=models.Q(message=None),
                name="inbox_link_once_per_thread",
            ),
            models.UniqueConstraint(
                fields=["message", "entity", "record_id"],
                condition=models.Q(thread=None),
                name="inbox_link_once_per_message",
            ),
        ]
        indexes = [
            models.Index(fields=["entity", "record_id", "thread"], name="inbox_link_by_record")
        ]

    def __str__(self) -> str:
        return f"{self.entity} {self.record_id}"
