"""The pivot: one row per e-mail address, normalised once."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from relance.lib import clock


class EmailAddress(models.Model):
    """One e-mail address. Mail and people both point here; neither points at the other.

    `address` is lower-case, its domain in ASCII (IDNA). Nothing else is folded: `bob+x@` is not
    `bob@`, and dots count.
    """

    address = models.CharField(max_length=320, unique=True)
    domain = models.CharField(max_length=255, db_index=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    # Three separate verdicts (D16), each with the time it was given:
    invalid_at = models.DateTimeField(null=True)  # no such user or domain: blocks everything
    blocked_at = models.DateTimeField(null=True)  # by policy, or five soft bounces: temporary
    opted_out_at = models.DateTimeField(null=True)  # no mass or automatic mail any more
    # its owner's personal data was erased: blocks everything, and outlives this row (`Erased`)
    erased_at = models.DateTimeField(null=True)
    soft_bounces = models.PositiveSmallIntegerField(default=0)  # in a row

    def __str__(self) -> str:
        return self.address


class Erased(models.Model):
    """An address whose owner's personal data was erased, by its digest alone: whoever writes it
    anywhere again learns that no mail may go there."""

    digest = models.CharField(max_length=64, unique=True)  # `suppression.digest_of`
    created_at = models.DateTimeField(default=clock.now, editable=False)

    def __str__(self) -> str:
        return f"erased address {self.pk}"


class CompanyDomain(models.Model):
    """A domain whose senders are colleagues, beside each mailbox's own."""

    domain = models.CharField(_("domain"), max_length=255, unique=True)
    include_subdomains = models.BooleanField(_("include sub-domains"), default=False)

    def __str__(self) -> str:
        return self.domain
