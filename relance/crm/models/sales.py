"""Quotes, sales orders, purchase orders, invoices: one table, told apart by `kind`."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from relance.crm.models.companies import Company
from relance.crm.models.deals import Deal
from relance.crm.models.people import Person
from relance.crm.models.records import Record

_PERCENT = [MinValueValidator(0), MaxValueValidator(100)]


class SalesDocument(Record):
    """A quote, an order or an invoice. Its totals are kept with it, worked out from its lines.

    `company` is the customer; of a purchase order, the supplier. `source` is what it was made
    from: an order from its quote, an invoice from its order.
    """

    class Kind(models.TextChoices):
        QUOTE = "quote", _("Quote")
        SALES_ORDER = "order", _("Sales order")
        PURCHASE_ORDER = "purchase", _("Purchase order")
        INVOICE = "invoice", _("Invoice")

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SENT = "sent", _("Sent")
        ACCEPTED = "accepted", _("Accepted")
        REJECTED = "rejected", _("Rejected")
        DELIVERED = "delivered", _("Delivered")
        PAID = "paid", _("Paid")
        CANCELLED = "cancelled", _("Cancelled")

    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    number = models.CharField(_("number"), max_length=40)
    name = models.CharField(_("subject"), max_length=200)
    status = models.CharField(
        _("status"), max_length=9, choices=Status.choices, default=Status.DRAFT
    )
    company = models.ForeignKey(
        Company, verbose_name=_("account"), null=True, blank=True, on_delete=models.SET_NULL,
        related_name="sales_documents",
    )  # fmt: skip
    person = models.ForeignKey(
        Person, verbose_name=_("contact"), null=True, blank=True, on_delete=models.SET_NULL,
        related_name="sales_documents",
    )  # fmt: skip
    deal = models.ForeignKey(
        Deal, verbose_name=_("deal"), null=True, blank=True, on_delete=models.SET_NULL,
        related_name="sales_documents",
    )  # fmt: skip
    source = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="followers"
    )
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    language = models.CharField(_("language"), max_length=8, default="fr")
    issued_on = models.DateField(_("date"))
    due_on = models.DateField(_("valid until"), null=True, blank=True)  # an invoice: due
    billing_address = models.TextField(_("billing address"), blank=True)
    shipping_address = models.TextField(_("shipping address"), blank=True)
    terms = models.TextField(_("terms"), blank=True)
    description = models.TextField(_("note"), blank=True)
    discount_percent = models.DecimalField(
        _("discount (%)"), max_digits=5, decimal_places=2, default=0, validators=_PERCENT
    )
    subtotal = models.DecimalField(max_digits=15, decimal_places=2, default=0, editable=False)
    tax_total = models.DecimalField(max_digits=15, decimal_places=2, default=0, editable=False)
    total = models.DecimalField(
        _("total"), max_digits=15, decimal_places=2, default=0, editable=False
    )

    class Meta:
        verbose_name = _("sales document")
        verbose_name_plural = _("sales documents")
        constraints = [
            models.UniqueConstraint(fields=["kind", "number"], name="crm_document_number_once")
        ]
        indexes = [models.Index(fields=["kind", "-issued_on"], name="crm_document_by_date")]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"

    def get_absolute_url(self) -> str:
        return reverse("sales:show", args=[self.kind, self.pk])

    def searchable(self) -> str:
        return f"{self.number} {self.name} {self.company.name if self.company else ''}"


class DocumentLine(models.Model):
    """A line: what, how many, at which price before tax. A line without a price is a heading."""

    document = models.ForeignKey(SalesDocument, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField(default=0)
    description = models.TextField(_("description"))
    quantity = models.DecimalField(_("quantity"), max_digits=12, decimal_places=3, default=1)
    unit = models.CharField(_("unit"), max_length=20, blank=True)
    unit_price = models.DecimalField(
        _("unit price"), max_digits=15, decimal_places=4, null=True, blank=True
    )
    discount_percent = models.DecimalField(
        _("discount (%)"), max_digits=5, decimal_places=2, default=0, validators=_PERCENT
    )
    tax_percent = models.DecimalField(
        _("tax (%)"), max_digits=5, decimal_places=2, default=20, validators=_PERCENT
    )

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.description


class NumberSeries(models.Model):
    """The next number of each kind of document: `{prefix}{year}-{next}`, without gaps."""

    kind = models.CharField(max_length=8, choices=SalesDocument.Kind.choices, unique=True)
    prefix = models.CharField(_("prefix"), max_length=12, blank=True)
    year = models.PositiveSmallIntegerField(default=0)
    next = models.PositiveIntegerField(default=1)
    digits = models.PositiveSmallIntegerField(_("digits"), default=3)

    def __str__(self) -> str:
        return f"{self.kind} numbers"
