"""What a person says of a conversation: labels, mute, priority, later."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from relance.lib import clock
from relance.mail.models import Thread


class Label(models.Model):
    """A word on conversations, in one of the eight hues; nested by `parent`.

    `owner` None: the organisation's, seen by everybody.
    """

    name = models.CharField(_("name"), max_length=60)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.CASCADE, related_name="children"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="labels"
    )
    hue = models.PositiveSmallIntegerField(_("colour"), default=1)
    position = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ["position", "name", "pk"]
        constraints = [
            models.UniqueConstraint(
                Coalesce("owner", 0), Coalesce("parent", 0), "name", name="inbox_label_once"
            )
        ]

    def __str__(self) -> str:
        return self.name


class ThreadLabel(models.Model):
    """A label on a conversation, put there by hand or by a filter."""

    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="labels")
    label = models.ForeignKey(Label, on_delete=models.CASCADE, related_name="threads")
    filter = models.ForeignKey(
        "inbox.Filter", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["thread", "label"], name="inbox_label_once_per_thread")
        ]
        indexes = [models.Index(fields=["label", "thread"], name="inbox_thread_by_label")]

    def __str__(self) -> str:
        return f"label {self.label_id} on thread {self.thread_id}"


class ThreadState(models.Model):
    """What was decided of one conversation beyond what its mail says; a row only where something
    was. A snoozed conversation has no placement until it wakes, and then stands at `raised_key`.
    """

    class Priority(models.IntegerChoices):
        LOW = -1, _("Low")
        NORMAL = 0, _("Normal")
        HIGH = 1, _("High")

    class Event(models.TextChoices):
        NONE = ""
        REPLY = "reply"  # whoever answers in the conversation
        STAGE = "stage"  # the deal it is about changes its stage

    thread = models.OneToOneField(Thread, on_delete=models.CASCADE, related_name="state")
    is_muted = models.BooleanField(default=False)
    priority = models.SmallIntegerField(choices=Priority.choices, default=Priority.NORMAL)
    snoozed_at = models.DateTimeField(null=True)
    snoozed_until = models.DateTimeField(null=True)  # with an event: that hour at the latest
    snooze_event = models.CharField(max_length=5, choices=Event.choices, blank=True)
    snooze_deal_id = models.BigIntegerField(null=True)
    raised_key = models.BigIntegerField(null=True)  # where it stands since it woke

    class Meta:
        indexes = [
            models.Index(
                fields=["snoozed_until"],
                condition=Q(snoozed_at__isnull=False),
                name="inbox_snoozed",
            )
        ]

    def __str__(self) -> str:
        return f"state of thread {self.thread_id}"
