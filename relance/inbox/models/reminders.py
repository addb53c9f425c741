"""Reminders on mail: that I owe an answer, or that one is owed to me."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from relance.jobs.models import Leased
from relance.lib import clock
from relance.mail.models import Message, Outgoing, Thread


class Reminder(Leased):
    """One reminder of one user about one mail (REM, D18, D19).

    States: waiting ──due──▶ fired ──▶ done; or ──▶ cancelled, with the code of what cancelled it.
    """

    class Kind(models.TextChoices):
        ANSWER = "answer", _("I have to answer")
        AWAIT = "await", _("An answer is due to me")

    class State(models.TextChoices):
        WAITING = "waiting"
        FIRED = "fired"
        DONE = "done"
        CANCELLED = "cancelled"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reminders"
    )
    kind = models.CharField(max_length=6, choices=Kind.choices)
    thread = models.ForeignKey(
        Thread, null=True, on_delete=models.CASCADE, related_name="reminders"
    )
    message = models.ForeignKey(Message, null=True, on_delete=models.CASCADE, related_name="+")
    outgoing = models.ForeignKey(  # while it has not been sent, `message` is None
        Outgoing, null=True, on_delete=models.CASCADE, related_name="reminders"
    )
    filter = models.ForeignKey(
        "inbox.Filter", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    note = models.CharField(_("note"), max_length=300, blank=True)
    due_at = models.DateTimeField(null=True)  # None: `delay_minutes` after the mail has been sent
    delay_minutes = models.PositiveIntegerField(null=True)
    in_app = models.BooleanField(_("in Relance"), default=True)
    by_mail = models.BooleanField(_("by e-mail"), default=False)
    state = models.CharField(max_length=9, choices=State.choices, default=State.WAITING)
    cancelled_by = models.CharField(max_length=20, blank=True)  # a code, worded by the pages
    fired_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["filter", "message", "user"],
                condition=Q(filter__isnull=False),
                name="inbox_reminder_once_per_filter",
            )
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(state="waiting"), name="inbox_reminder_due"
            ),
            models.Index(fields=["thread"], name="inbox_reminder_by_thread"),
            models.Index(fields=["user", "state", "due_at"], name="inbox_reminder_by_user"),
        ]

    def __str__(self) -> str:
        return f"reminder {self.pk}"
