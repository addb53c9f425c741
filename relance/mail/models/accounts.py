"""Mail accounts (shown as "mailboxes") and their folders."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from relance.jobs.models import Leased
from relance.lib import clock
from relance.mail.models.fields import SecretField

_PORT = [MinValueValidator(1), MaxValueValidator(65535)]


class Security(models.TextChoices):
    TLS = "tls", _("TLS")
    STARTTLS = "starttls", _("STARTTLS")
    NONE = "none", _("None")


class MailAccount(Leased):
    """A user's mailbox: its servers, its secrets, its state.

    States:

        pending ──first sync──▶ importing ──all kept──▶ ok ◀──▶ degraded   (server unreachable)
           any state ──login refused──▶ auth_error ──new password──▶ pending
           any state ──owner──▶ disconnected ──owner connects it again──▶ pending
    """

    class State(models.TextChoices):
        PENDING = "pending", _("Waiting")
        IMPORTING = "importing", _("Importing")
        OK = "ok", _("Up to date")
        DEGRADED = "degraded", _("Unreachable")
        AUTH_ERROR = "auth_error", _("Reconnect needed")
        DISCONNECTED = "disconnected", _("Disconnected")

    class Sharing(models.TextChoices):
        PRIVATE = "private", _("Private")
        CUSTOM = "custom", _("Custom")
        PUBLIC = "public", _("Public")

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="mail_accounts"
    )
    address = models.CharField(_("e-mail address"), max_length=320)
    sender_name = models.CharField(_("sender name"), max_length=150, blank=True)
    provider = models.CharField(max_length=40, default="custom")
    imap_host = models.CharField(_("incoming server"), max_length=255)
    imap_port = models.PositiveIntegerField(_("port"), default=993, validators=_PORT)
    imap_security = models.CharField(_("security"), max_length=8, choices=Security.choices)
    imap_username = models.CharField(_("user name"), max_length=320)
    imap_password = SecretField(_("password"), blank=True)
    smtp_host = models.CharField(_("outgoing server"), max_length=255)
    smtp_port = models.PositiveIntegerField(_("port"), default=465, validators=_PORT)
    smtp_security = models.CharField(_("security"), max_length=8, choices=Security.choices)
    smtp_same_login = models.BooleanField(_("same login for the outgoing server"), default=True)
    smtp_username = models.CharField(_("user name"), max_length=320, blank=True)
    smtp_password = SecretField(_("password"), blank=True)
    sharing = models.CharField(_("sharing"), max_length=8, choices=Sharing.choices)
    excluded_domains = models.JSONField(default=list, blank=True)
    is_default = models.BooleanField(default=False)
    is_system = models.BooleanField(default=False)  # Relance writes to its users through it
    smtp_size_limit = models.BigIntegerField(default=0)  # SIZE of RFC 1870, bytes; 0 = unknown
    state = models.CharField(max_length=12, choices=State.choices, default=State.PENDING)
    error_code = models.CharField(max_length=40, blank=True)
    import_total = models.PositiveIntegerField(default=0)
    import_done = models.PositiveIntegerField(default=0)
    import_started_at = models.DateTimeField(null=True)
    imported_at = models.DateTimeField(null=True)
    synced_at = models.DateTimeField(null=True)
    wanted_at = models.DateTimeField(null=True)  # somebody asked for a sync now
    disconnected_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "address", "imap_host"], name="mail_account_once_per_owner"
            ),
            models.CheckConstraint(
                condition=Q(sharing__in=["private", "custom", "public"]),
                name="mail_account_sharing_chosen",
            ),
        ]

    def __str__(self) -> str:
        return self.address

    @property
    def is_connected(self) -> bool:
        return self.state != self.State.DISCONNECTED

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2].lower()

    @property
    def smtp_login(self) -> tuple[str, str]:
        """(user name, password) for sending: the incoming ones when so chosen."""
        if self.smtp_same_login:
            return self.imap_username, self.imap_password
        return self.smtp_username, self.smtp_password


class Folder(models.Model):
    """A folder of the server (RFC 9051 calls it a mailbox)."""

    class Use(models.TextChoices):
        INBOX = "inbox", _("Inbox")
        SENT = "sent", _("Sent")
        DRAFTS = "drafts", _("Drafts")
        ARCHIVE = "archive", _("Archive")
        SPAM = "spam", _("Spam")
        TRASH = "trash", _("Trash")
        OTHER = "", _("Other")

    account = models.ForeignKey(MailAccount, on_delete=models.CASCADE, related_name="folders")
    path = models.CharField(max_length=500)
    delimiter = models.CharField(max_length=4, blank=True)
    special_use = models.CharField(max_length=8, choices=Use.choices, blank=True)
    is_selectable = models.BooleanField(default=True)
    is_monitored = models.BooleanField(default=False)
    uidvalidity = models.BigIntegerField(default=0)
    uidnext = models.BigIntegerField(default=0)
    highestmodseq = models.BigIntegerField(default=0)
    remote_count = models.PositiveIntegerField(default=0)
    total_count = models.PositiveIntegerField(default=0)
    unread_count = models.PositiveIntegerField(default=0)
    imported_at = models.DateTimeField(null=True)
    synced_at = models.DateTimeField(null=True)
    missing_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "path"], name="mail_folder_once")]
        indexes = [models.Index(fields=["account", "special_use"], name="mail_folder_by_use")]

    def __str__(self) -> str:
        return self.path
