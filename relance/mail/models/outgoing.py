"""Mail on its way out."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from relance.addresses.models import EmailAddress
from relance.jobs.models import Leased
from relance.lib import clock
from relance.mail.models.accounts import MailAccount
from relance.mail.models.messages import Thread


class Outgoing(Leased):
    """A mail to send. Its Message-ID is fixed when queued and the same on every attempt.

    States:

        queued ──claim──▶ sending ──250──▶ sent
          ▲                  │ ├─4xx, no connection──▶ retrying ──due──▶ sending
          │                  │ ├─5xx──▶ failed
          └──user sends again┘ └─cut after the final dot, or our death──▶ uncertain

    An uncertain one is never sent again by itself; finding its Message-ID in Sent settles it.
    """

    class State(models.TextChoices):
        QUEUED = "queued"
        SENDING = "sending"
        RETRYING = "retrying"
        SENT = "sent"
        FAILED = "failed"
        UNCERTAIN = "uncertain"

    account = models.ForeignKey(MailAccount, on_delete=models.CASCADE, related_name="outgoing")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    thread = models.ForeignKey(Thread, null=True, on_delete=models.SET_NULL, related_name="+")
    message_id = models.CharField(max_length=255, unique=True)
    in_reply_to = models.CharField(max_length=995, blank=True)
    references = models.TextField(blank=True)
    subject = models.CharField(max_length=998, blank=True)
    text = models.TextField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    error_code = models.CharField(max_length=40, blank=True)
    queued_at = models.DateTimeField(default=clock.now)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["state", "next_try_at"], name="mail_outgoing_due"),
        ]

    def __str__(self) -> str:
        return f"outgoing {self.pk}"


class OutgoingRecipient(models.Model):
    """One envelope recipient, and what became of it."""

    class Role(models.TextChoices):
        TO = "to"
        CC = "cc"
        BCC = "bcc"

    class State(models.TextChoices):
        WAITING = "waiting"
        ACCEPTED = "accepted"
        REFUSED = "refused"

    outgoing = models.ForeignKey(Outgoing, on_delete=models.CASCADE, related_name="recipients")
    role = models.CharField(max_length=3, choices=Role.choices, default=Role.TO)
    address = models.ForeignKey(EmailAddress, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=255, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    answer = models.CharField(max_length=500, blank=True)  # what the server said

    def __str__(self) -> str:
        return f"recipient {self.pk}"
