"""The organisation that runs this Relance: one row, read often."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


class Organisation(models.Model):
    """Settings that hold for everybody."""

    name = models.CharField(_("name"), max_length=200)
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    language = models.CharField(_("language"), max_length=8, default="fr")
    time_zone = models.CharField(_("time zone"), max_length=64, default="Europe/Paris")
    fetch_interval = models.PositiveSmallIntegerField(
        _("fetch interval (minutes)"),
        default=5,
        validators=[MinValueValidator(1), MaxValueValidator(60)],
    )
    allowed_hosts = models.JSONField(
        _("private mail servers allowed"),
        default=list,
        blank=True,
        help_text=_("Hosts, host:port pairs or networks inside your own network."),
    )
    look_up_servers = models.BooleanField(_("look up unknown mail servers"), default=True)
    domain_first = models.BooleanField(_("the company domain wins over the CRM"), default=False)
    attachment_limit_mb = models.PositiveSmallIntegerField(
        _("attachments of one mail (MB)"),
        default=10,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
    )
    library_documents_max = models.PositiveSmallIntegerField(
        _("library documents in one mail"),
        default=5,
        validators=[MinValueValidator(1), MaxValueValidator(50)],
    )
    recipients_max = models.PositiveSmallIntegerField(
        _("recipients of one mail"),
        default=100,
        validators=[MinValueValidator(1), MaxValueValidator(1000)],
    )
    storage_quota_mb = models.PositiveIntegerField(
        _("storage for documents and attachments (MB)"),
        default=0,
        help_text=_("0 sets no limit. Mail is always kept."),
    )
    track_opens = models.BooleanField(_("follow openings of mails"), default=False)
    opt_out_blocks_all = models.BooleanField(
        _("opting out also stops personal mail"), default=False
    )
    is_b2c = models.BooleanField(
        _("customers are persons"),
        default=False,
        help_text=_("Mail belongs to the contact rather than to the account."),
    )
    is_demo = models.BooleanField(default=False, editable=False)

    def __str__(self) -> str:
        return self.name

    @classmethod
    def current(cls) -> Organisation | None:
        """The organisation, or None before the first set-up."""
        return cls.objects.order_by("pk").first()
