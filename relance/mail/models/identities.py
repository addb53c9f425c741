"""The addresses one may write from, beside a mailbox's own."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from relance.lib import clock
from relance.mail.models.accounts import MailAccount


class Proven(models.Model):
    """An address that is proven by a code mailed to it. Only the code's digest is kept."""

    CODE_LIFE = timedelta(days=15)
    MOST_ATTEMPTS = 10

    code_digest = models.CharField(max_length=64, blank=True, editable=False)
    code_sent_at = models.DateTimeField(null=True, editable=False)
    code_attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    confirmed_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        abstract = True

    @property
    def is_confirmed(self) -> bool:
        return self.confirmed_at is not None


class Identity(Proven):
    """A further sender address of a mailbox (RFC 8621 calls it an identity).

    Usable once proven. It counts as "me" wherever the mailbox's own address does.
    """

    account = models.ForeignKey(MailAccount, on_delete=models.CASCADE, related_name="identities")
    address = models.CharField(_("e-mail address"), max_length=320)
    name = models.CharField(_("sender name"), max_length=150, blank=True)
    is_default = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "address"], name="mail_identity_once")
        ]

    def __str__(self) -> str:
        return self.address


class OrganisationAddress(Proven):
    """An address of the whole organisation (sales@, noreply@), for users of some roles.

    Mail from it leaves through `account` where one is given, else through its author's mailbox.
    """

    address = models.CharField(_("e-mail address"), max_length=320, unique=True)
    name = models.CharField(_("sender name"), max_length=150, blank=True)
    roles = models.JSONField(default=list)  # values of users.User.Role
    account = models.ForeignKey(
        MailAccount, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    def __str__(self) -> str:
        return self.address
