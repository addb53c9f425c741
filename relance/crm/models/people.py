"""People: leads and contacts are one table, told apart by `kind`."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from relance.addresses.models import EmailAddress
from relance.crm.models.companies import Company
from relance.crm.models.records import Record, page_of
from relance.files.models import Blob


class Person(Record):
    """A lead (not qualified yet) or a contact (a person of a company one deals with)."""

    class Kind(models.TextChoices):
        LEAD = "lead", _("Lead")
        CONTACT = "contact", _("Contact")

    class Status(models.TextChoices):
        NEW = "new", _("New")
        ASSIGNED = "assigned", _("Assigned")
        IN_PROCESS = "in_process", _("In process")
        CONVERTED = "converted", _("Converted")
        RECYCLED = "recycled", _("Recycled")
        DEAD = "dead", _("Dead")

    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    first_name = models.CharField(_("first name"), max_length=100, blank=True)
    last_name = models.CharField(_("last name"), max_length=100)
    title = models.CharField(_("title"), max_length=150, blank=True)
    company = models.ForeignKey(
        Company,
        verbose_name=_("account"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="people",
    )
    company_name = models.CharField(_("company"), max_length=200, blank=True)
    phone = models.CharField(_("phone"), max_length=50, blank=True)
    mobile = models.CharField(_("mobile"), max_length=50, blank=True)
    street = models.CharField(_("street"), max_length=255, blank=True)
    postcode = models.CharField(_("postcode"), max_length=20, blank=True)
    city = models.CharField(_("city"), max_length=120, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)
    status = models.CharField(
        _("status"), max_length=12, choices=Status.choices, default=Status.NEW, blank=True
    )
    photo = models.ForeignKey(
        Blob, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    # a lead that was converted stays as read-only history (D35)
    converted_at = models.DateTimeField(null=True, editable=False)
    converted_into = models.ForeignKey(
        "self", null=True, editable=False, on_delete=models.SET_NULL, related_name="leads"
    )
    mail_key = models.BigIntegerField(null=True, blank=True, editable=False)  # first mail of a lead
    erased_at = models.DateTimeField(null=True, editable=False)  # personal data was erased
    source = models.CharField(_("source"), max_length=60, blank=True)
    description = models.TextField(_("description"), blank=True)
    addresses: models.ManyToManyField[EmailAddress, PersonAddress] = models.ManyToManyField(
        EmailAddress, through="PersonAddress", related_name="people"
    )

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        indexes = [
            models.Index(fields=["kind", "last_name", "first_name"], name="crm_person_by_name"),
            models.Index(fields=["search_text"], name="crm_person_by_words"),
            models.Index(
                fields=["kind", "last_name", "first_name"],
                name="crm_person_listed",
                condition=Q(deleted_at=None),
            ),
            models.Index(
                fields=["kind", "updated_at"],
                name="crm_person_recent",
                condition=Q(deleted_at=None),
            ),
            models.Index(
                fields=["kind", "title"], name="crm_person_by_title", condition=Q(deleted_at=None)
            ),
            models.Index(
                fields=["kind", "owner", "last_name", "first_name"],
                name="crm_person_owned",
                condition=Q(deleted_at=None),
            ),
            models.Index(
                fields=["kind", "status", "deleted_at"],
                name="crm_person_stated",
                condition=Q(deleted_at=None),
            ),
            models.Index(
                fields=["kind", "search_text", "deleted_at"],
                name="crm_person_worded",
                condition=Q(deleted_at=None),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        if self.erased_at:
            return _now("Erased person")
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def is_converted(self) -> bool:
        """Is it a lead that became a contact? Such a one is history: nobody changes it."""
        return self.converted_at is not None

    @property
    def organisation_name(self) -> str:
        """The account's name, or what was written for a lead."""
        return self.company.name if self.company else self.company_name

    def get_absolute_url(self) -> str:
        return page_of("people:show", self.pk)

    def searchable(self) -> str:
        if self.erased_at:
            return ""
        return f"{self.name} {self.organisation_name} {self.title}"


class PersonAddress(models.Model):
    """One of a person's addresses. The primary one is where mail goes by default."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="address_links")
    address = models.ForeignKey(EmailAddress, on_delete=models.PROTECT, related_name="person_links")
    is_primary = models.BooleanField(default=False)

    class Meta:
        ordering = ["-is_primary", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["person", "address"], name="crm_person_address_once"),
            models.UniqueConstraint(
                fields=["person"], condition=Q(is_primary=True), name="crm_one_primary_address"
            ),
        ]

    def __str__(self) -> str:
        return str(self.address)


class PersonPhone(models.Model):
    """A further number of a person, beside `phone` and `mobile`."""

    class Kind(models.TextChoices):
        WORK = "work", _("Work")
        MOBILE = "mobile", _("Mobile")
        HOME = "home", _("Home")
        OTHER = "other", _("Other")

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="phones")
    kind = models.CharField(_("kind"), max_length=6, choices=Kind.choices, default=Kind.WORK)
    number = models.CharField(_("number"), max_length=50)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.number
