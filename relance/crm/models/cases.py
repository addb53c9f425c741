"""Cases (shown as "tickets"): something a customer asked to be settled."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from relance.crm.models.companies import Company
from relance.crm.models.deals import Deal
from relance.crm.models.people import Person
from relance.crm.models.records import Record, page_of


class Case(Record):
    """A request with a number, which mails name in their subject: "[#123]" (D34)."""

    class Status(models.TextChoices):
        NEW = "new", _("New")
        ASSIGNED = "assigned", _("Assigned")
        PENDING = "pending", _("Pending")
        CLOSED = "closed", _("Closed")
        REJECTED = "rejected", _("Rejected")
        DUPLICATE = "duplicate", _("Duplicate")

    class Priority(models.TextChoices):
        LOW = "low", _("Low")
        NORMAL = "normal", _("Normal")
        HIGH = "high", _("High")
        URGENT = "urgent", _("Urgent")

    number = models.PositiveIntegerField(unique=True, editable=False)
    name = models.CharField(_("subject"), max_length=255)
    status = models.CharField(_("status"), max_length=9, choices=Status.choices, default=Status.NEW)
    priority = models.CharField(
        _("priority"), max_length=6, choices=Priority.choices, default=Priority.NORMAL
    )
    person = models.ForeignKey(
        Person, verbose_name=_("contact"), null=True, blank=True, on_delete=models.SET_NULL,
        related_name="cases",
    )  # fmt: skip
    company = models.ForeignKey(
        Company, verbose_name=_("account"), null=True, blank=True, on_delete=models.SET_NULL,
        related_name="cases",
    )  # fmt: skip
    deal = models.ForeignKey(
        Deal, verbose_name=_("deal"), null=True, blank=True, on_delete=models.SET_NULL,
        related_name="cases",
    )  # fmt: skip
    promised_at = models.DateTimeField(_("promised for"), null=True, blank=True)
    closed_at = models.DateTimeField(null=True, editable=False)
    mail_key = models.BigIntegerField(null=True, blank=True, editable=False)
    description = models.TextField(_("description"), blank=True)

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        indexes = [
            models.Index(fields=["status", "-number"], name="crm_case_by_status"),
            models.Index(
                fields=["updated_at"], name="crm_case_recent", condition=Q(deleted_at=None)
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.number} {self.name}"

    def get_absolute_url(self) -> str:
        return page_of("cases:show", self.pk)

    def searchable(self) -> str:
        return f"#{self.number} {self.name}"

    @property
    def is_open(self) -> bool:
        return self.status in (self.Status.NEW, self.Status.ASSIGNED, self.Status.PENDING)
