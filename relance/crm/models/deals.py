"""Deals, their stages, and who takes part in them."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from relance.crm.models.companies import Company
from relance.crm.models.people import Person
from relance.crm.models.records import Record, page_of


class Stage(models.Model):
    """A step of the pipeline. Its kind decides whether a deal in it is open, won or lost."""

    class Kind(models.TextChoices):
        OPEN = "open"
        WON = "won"
        LOST = "lost"

    name = models.CharField(_("name"), max_length=60)
    name_fr = models.CharField(_("French name"), max_length=60, blank=True)
    kind = models.CharField(_("kind"), max_length=4, choices=Kind.choices, default=Kind.OPEN)
    probability = models.PositiveSmallIntegerField(
        _("probability"), default=0, validators=[MaxValueValidator(100)]
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The stage's name in the reader's language."""
        is_french = (get_language() or "").startswith("fr")
        return self.name_fr if is_french and self.name_fr else self.name


class Deal(Record):
    """Something one hopes to sell."""

    name = models.CharField(_("name"), max_length=200)
    amount = models.DecimalField(
        _("amount"),
        max_digits=15,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    stage = models.ForeignKey(Stage, verbose_name=_("stage"), on_delete=models.PROTECT)
    closes_on = models.DateField(_("closing date"))
    closed_at = models.DateTimeField(null=True, editable=False)
    lost_reason = models.CharField(_("reason of the loss"), max_length=200, blank=True)
    company = models.ForeignKey(
        Company,
        verbose_name=_("account"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="deals",
    )
    description = models.TextField(_("description"), blank=True)
    people: models.ManyToManyField[Person, DealContact] = models.ManyToManyField(
        Person, through="DealContact", related_name="deals"
    )

    class Meta:
        verbose_name = _("deal")
        verbose_name_plural = _("deals")
        indexes = [
            models.Index(fields=["stage", "closes_on"], name="crm_deal_by_stage"),
            models.Index(fields=["search_text"], name="crm_deal_by_words"),
            models.Index(
                fields=["closes_on"], name="crm_deal_listed", condition=Q(deleted_at=None)
            ),
            models.Index(
                fields=["stage", "currency", "amount", "deleted_at"],
                name="crm_deal_summed",
                condition=Q(deleted_at=None),
            ),
            models.Index(
                fields=["search_text", "deleted_at"],
                name="crm_deal_worded",
                condition=Q(deleted_at=None),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return page_of("deals:show", self.pk)

    def searchable(self) -> str:
        return f"{self.name} {self.company.name if self.company else ''}"


class DealContact(models.Model):
    """A person on a deal: the primary contact, or one in a role."""

    deal = models.ForeignKey(Deal, on_delete=models.CASCADE, related_name="contacts")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="deal_roles")
    role = models.CharField(_("role"), max_length=60, blank=True)
    is_primary = models.BooleanField(default=False)

    class Meta:
        ordering = ["-is_primary", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["deal", "person"], name="crm_person_once_per_deal"),
            models.UniqueConstraint(
                fields=["deal"], condition=Q(is_primary=True), name="crm_one_primary_contact"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} on deal {self.deal_id}"
