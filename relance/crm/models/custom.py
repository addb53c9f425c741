"""What an administrator adds to records: fields; what everybody adds: tags."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Tag(models.Model):
    """A word on records, in one of the eight hues."""

    name = models.CharField(_("name"), max_length=60, unique=True)
    hue = models.PositiveSmallIntegerField(default=1)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class CustomField(models.Model):
    """A field the administrator added. Records keep its value in `custom`, by `key`."""

    class Entity(models.TextChoices):
        LEAD = "Lead", _("Leads")
        CONTACT = "Person", _("Contacts")
        ACCOUNT = "Account", _("Accounts")
        DEAL = "Deal", _("Deals")
        CASE = "Case", _("Cases")

    class Kind(models.TextChoices):
        TEXT = "text", _("Text")
        NUMBER = "number", _("Number")
        MONEY = "money", _("Amount")
        DATE = "date", _("Date")
        LIST = "choice", _("List")
        YES_NO = "yes_no", _("Yes or no")
        USER = "user", _("User")

    entity = models.CharField(_("module"), max_length=8, choices=Entity.choices)
    key = models.SlugField(max_length=40, editable=False)
    label = models.CharField(_("label"), max_length=80)
    label_fr = models.CharField(_("French label"), max_length=80, blank=True)
    kind = models.CharField(_("kind"), max_length=6, choices=Kind.choices)
    choices = models.JSONField(_("choices"), default=list, blank=True)
    is_required = models.BooleanField(_("required"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["entity", "position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["entity", "key"], name="crm_custom_field_once")
        ]

    def __str__(self) -> str:
        return self.label
