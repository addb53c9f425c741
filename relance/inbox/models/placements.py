"""Where each conversation stands: what the inbox reads."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from relance.addresses.models import EmailAddress
from relance.mail.models import MailAccount, Message, Thread


class Stream(models.IntegerChoices):
    """The four columns, most valuable first (also the order of the decision D54)."""

    POTENTIALS = 1
    PEOPLE = 2
    NOT_IN_CRM = 3
    COLLEAGUES = 4


class Placement(models.Model):
    """A conversation of the inbox in its column: narrow, indexed, one row a thread.

    Exists exactly as long as the thread has a received copy in the inbox folder. `key` is the
    date-major key of its newest received copy; a column is an index range scan on it.
    """

    account = models.ForeignKey(MailAccount, on_delete=models.CASCADE, related_name="+")
    thread = models.OneToOneField(Thread, on_delete=models.CASCADE, related_name="placement")
    stream = models.PositiveSmallIntegerField(choices=Stream.choices)
    key = models.BigIntegerField()
    is_unread = models.BooleanField(default=False)
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="+")
    message_count = models.PositiveIntegerField(default=1)
    has_attachment = models.BooleanField(default=False)
    is_flagged = models.BooleanField(default=False)  # starred: one of its received copies is
    decided_by = models.ForeignKey(
        EmailAddress, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        indexes = [
            models.Index(fields=["account", "stream", "-key"], name="inbox_column"),
            models.Index(
                fields=["account", "stream", "-key"],
                condition=Q(is_unread=True),
                name="inbox_column_unread",
            ),
            models.Index(fields=["account", "-key"], name="inbox_unified"),
        ]

    def __str__(self) -> str:
        return f"thread {self.thread_id} in {self.get_stream_display()}"


class ColumnCount(models.Model):
    """How many conversations a column holds, maintained with its placements."""

    account = models.ForeignKey(MailAccount, on_delete=models.CASCADE, related_name="+")
    stream = models.PositiveSmallIntegerField(choices=Stream.choices)
    total = models.IntegerField(default=0)
    unread = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "stream"], name="inbox_count_once")
        ]

    def __str__(self) -> str:
        return f"{self.total} in {self.get_stream_display()}"


class AddressOverride(models.Model):
    """What one user decided for one address, before any other rule (D1, step 0)."""

    class Category(models.TextChoices):
        COLLEAGUE = "colleague"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    address = models.ForeignKey(EmailAddress, on_delete=models.CASCADE, related_name="+")
    category = models.CharField(max_length=10, choices=Category.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "address"], name="inbox_override_once")
        ]

    def __str__(self) -> str:
        return f"{self.address_id} is {self.category} for user {self.user_id}"
