"""What came back: reports that a mail we sent was not delivered."""

from __future__ import annotations

from django.db import models

from relance.addresses.models import EmailAddress
from relance.lib import clock
from relance.mail.models.messages import Message, MessageCopy
from relance.mail.models.outgoing import OutgoingRecipient


class Bounce(models.Model):
    """One report about one recipient of one mail that we really sent (D16, D17).

    `kind` is what is shown; what follows for the address is on the address itself.
    """

    class Kind(models.TextChoices):
        HARD = "hard"
        SOFT = "soft"
        DELAYED = "delayed"  # the server still tries: only logged
        COMPLAINT = "complaint"  # the recipient pressed "spam" (RFC 5965)

    class Cause(models.TextChoices):
        NO_SUCH_USER = "no_such_user"
        NO_SUCH_DOMAIN = "no_such_domain"
        MAILBOX_FULL = "mailbox_full"
        TOO_LARGE = "too_large"
        SERVER_DOWN = "server_down"
        EXPIRED = "expired"
        BLOCKED = "blocked"
        SPAM = "spam"
        OPTED_OUT = "opted_out"
        OTHER = "other"

    # the mail that did not arrive: its recipient row, or a message of ours sent by another program
    recipient = models.ForeignKey(
        OutgoingRecipient, null=True, on_delete=models.SET_NULL, related_name="bounces"
    )
    message = models.ForeignKey(Message, null=True, on_delete=models.CASCADE, related_name="+")
    original_message_id = models.CharField(max_length=995)  # of that mail, without brackets
    address = models.ForeignKey(EmailAddress, on_delete=models.PROTECT, related_name="+")
    # the report itself; none when the server refused at once
    report = models.ForeignKey(
        MessageCopy, null=True, on_delete=models.SET_NULL, related_name="bounces"
    )
    kind = models.CharField(max_length=9, choices=Kind.choices)
    cause = models.CharField(max_length=14, choices=Cause.choices, default=Cause.OTHER)
    status = models.CharField(max_length=12, blank=True)  # enhanced status code (RFC 3463)
    diagnostic = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["report", "address", "kind"], name="mail_bounce_once_per_report"
            )
        ]
        indexes = [models.Index(fields=["address", "-at"], name="mail_bounce_by_address")]

    def __str__(self) -> str:
        return f"{self.kind} bounce {self.pk}"
