"""Companies (shown as "accounts")."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from relance.addresses.models import EmailAddress
from relance.crm.models.records import Record, page_of


class Company(Record):
    """A company one sells to, buys from, or works with."""

    name = models.CharField(_("name"), max_length=200)
    domain = models.CharField(_("e-mail domain"), max_length=255, blank=True, db_index=True)
    website = models.CharField(_("website"), max_length=255, blank=True)
    phone = models.CharField(_("phone"), max_length=50, blank=True)
    street = models.CharField(_("street"), max_length=255, blank=True)
    postcode = models.CharField(_("postcode"), max_length=20, blank=True)
    city = models.CharField(_("city"), max_length=120, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    shipping_street = models.CharField(_("delivery street"), max_length=255, blank=True)
    shipping_postcode = models.CharField(_("delivery postcode"), max_length=20, blank=True)
    shipping_city = models.CharField(_("delivery city"), max_length=120, blank=True)
    shipping_country = models.CharField(_("delivery country"), max_length=2, blank=True)
    industry = models.CharField(_("industry"), max_length=120, blank=True)
    tax_number = models.CharField(_("VAT number"), max_length=40, blank=True)
    description = models.TextField(_("description"), blank=True)

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        indexes = [
            models.Index(fields=["name"], name="crm_company_name"),
            models.Index(fields=["search_text"], name="crm_company_by_words"),
            models.Index(fields=["name"], name="crm_company_listed", condition=Q(deleted_at=None)),
            models.Index(
                fields=["updated_at"], name="crm_company_recent", condition=Q(deleted_at=None)
            ),
            models.Index(
                fields=["search_text", "deleted_at"],
                name="crm_company_worded",
                condition=Q(deleted_at=None),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return page_of("companies:show", self.pk)

    def searchable(self) -> str:
        return f"{self.name} {self.domain} {self.city}"


class CompanyAddress(models.Model):
    """One of a company's own addresses, of nobody in particular (contact@…)."""

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="address_links")
    address = models.ForeignKey(
        EmailAddress, on_delete=models.PROTECT, related_name="company_links"
    )
    is_primary = models.BooleanField(default=False)

    class Meta:
        ordering = ["-is_primary", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["company", "address"], name="crm_company_address_once")
        ]

    def __str__(self) -> str:
        return str(self.address)
