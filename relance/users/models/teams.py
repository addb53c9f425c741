"""Teams, and the currencies the organisation counts in."""

from __future__ import annotations

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from relance.lib import clock
from relance.users.models.users import User


class Team(models.Model):
    """Users who work on the same records."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    members = models.ManyToManyField(User, related_name="teams", blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Currency(models.Model):
    """A currency deals may be in, and what one unit is worth in the organisation's own."""

    code = models.CharField(_("code"), max_length=3, unique=True)
    rate = models.DecimalField(
        _("rate"), max_digits=18, decimal_places=8, validators=[MinValueValidator(0)]
    )
    is_active = models.BooleanField(_("active"), default=True)
    updated_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code
