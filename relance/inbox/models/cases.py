"""Mailboxes whose new mail becomes cases."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from relance.mail.models import MailAccount


class CaseSource(models.Model):
    """New conversations of that mailbox become cases (D34): all of them, or those written to one
    of `addresses`. They are settled by `assignee`, else by the mailbox's owner."""

    account = models.OneToOneField(
        MailAccount, on_delete=models.CASCADE, related_name="case_source"
    )
    is_on = models.BooleanField(_("new mail becomes cases"), default=False)
    addresses = models.JSONField(_("only mail to these addresses"), default=list, blank=True)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("assigned to"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    def __str__(self) -> str:
        return f"cases of mailbox {self.account_id}"
