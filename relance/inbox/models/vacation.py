"""Absences: what a mailbox answers while its owner is away, and whom it has answered."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import models
from django.utils.translation import gettext_lazy as _

from relance.addresses.models import EmailAddress
from relance.lib import clock
from relance.mail.models import MailAccount


class VacationResponse(models.Model):
    """The automatic answer of one mailbox (RFC 8621 calls it so).

    `texts` are plain texts by whom they are for and language:
    {"people": {"fr": …, "en": …}, "others": {…}}.
    """

    class Audience(models.TextChoices):
        OUTSIDE = "outside", _("Contacts, leads and unknown senders")
        PEOPLE = "people", _("Contacts and leads")
        EVERYONE = "everyone", _("Everyone, colleagues too")

    account = models.OneToOneField(MailAccount, on_delete=models.CASCADE, related_name="vacation")
    is_on = models.BooleanField(_("answer while I am away"), default=False)
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))  # the last day of the absence
    time_zone = models.CharField(max_length=64)
    audience = models.CharField(
        _("to whom"), max_length=8, choices=Audience.choices, default=Audience.OUTSIDE
    )
    subject = models.CharField(_("subject"), max_length=200, blank=True)
    texts = models.JSONField(default=dict)
    updated_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_on__gte=models.F("starts_on")),
                name="inbox_vacation_ends_after_it_starts",
            )
        ]

    def __str__(self) -> str:
        return f"absence of mailbox {self.account_id}"

    @property
    def starts_at(self) -> datetime:
        """The first instant of the absence, on the clock of its zone."""
        return self._midnight(self.starts_on)

    @property
    def ends_at(self) -> datetime:
        """The first instant after it."""
        return self._midnight(self.ends_on + timedelta(days=1))

    def is_active_at(self, at: datetime) -> bool:
        return self.is_on and self.starts_at <= at < self.ends_at

    def text(self, audience: str, language: str) -> str:
        """The text for "people" or "others" in `language`, else in the other one; "" if none."""
        written = self.texts.get(audience) or {}
        return str(written.get(language) or next(filter(None, written.values()), ""))

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), ZoneInfo(self.time_zone))


class VacationSent(models.Model):
    """Whom a mailbox answered last, and when: once a week at most, and once an absence."""

    account = models.ForeignKey(MailAccount, on_delete=models.CASCADE, related_name="+")
    address = models.ForeignKey(EmailAddress, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "address"], name="inbox_vacation_sent_once")
        ]

    def __str__(self) -> str:
        return f"absence of mailbox {self.account_id} told to {self.address_id}"
