"""What a reader decided while reading: whose images to load, which meetings she goes to."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from relance.addresses.models import EmailAddress
from relance.lib import clock
from relance.mail.models import Outgoing


class RemoteConsent(models.Model):
    """Mails of that sender may load images from elsewhere for that reader, until she says no."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="remote_consents"
    )
    address = models.ForeignKey(EmailAddress, on_delete=models.CASCADE, related_name="+")
    given_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "address"], name="inbox_consent_once")
        ]

    def __str__(self) -> str:
        return f"consent {self.pk}"


class MeetingAnswer(models.Model):
    """What a reader answered to an invitation. `meeting` is the SHA-256 of its UID and, for one
    date of a series, of that date."""

    class Answer(models.TextChoices):
        ACCEPTED = "accepted"
        TENTATIVE = "tentative"
        DECLINED = "declined"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    meeting = models.CharField(max_length=64)
    answer = models.CharField(max_length=9, choices=Answer.choices)
    sequence = models.PositiveIntegerField(default=0)  # the version of the invitation answered
    outgoing = models.ForeignKey(Outgoing, null=True, on_delete=models.SET_NULL, related_name="+")
    answered_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "meeting"], name="inbox_meeting_once")
        ]

    def __str__(self) -> str:
        return f"answer {self.pk}"
