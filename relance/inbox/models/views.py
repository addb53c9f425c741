"""How a user sees the inbox: smart folders, and the columns as she arranged them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from relance.lib import clock


class SmartFolder(models.Model):
    """A view of the mail that meets criteria; it holds nothing (FLD).

    `key` names a folder that comes with the product ("customers", "closing", "deals"); a row with a
    key and an owner is her own version of it, one without an owner the organisation's. `criteria`
    is a tree of entity "Mail", as of a filter.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="smart_folders"
    )
    key = models.CharField(max_length=20, blank=True)
    name = models.CharField(_("name"), max_length=80, blank=True)
    criteria = models.JSONField(default=dict)
    icon = models.CharField(max_length=20, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    is_hidden = models.BooleanField(_("hidden"), default=False)
    is_column = models.BooleanField(_("also as a column of the inbox"), default=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                Coalesce("owner", 0),
                "key",
                condition=~models.Q(key=""),
                name="inbox_folder_key_once",
            )
        ]

    def __str__(self) -> str:
        return self.name or self.key


class ColumnChoice(models.Model):
    """A column as one user wants it: its name, place and order; hidden, its mail shows under
    "Others". Rows only for what differs from the product's own."""

    class Order(models.TextChoices):
        DATE = "date", _("Newest first")
        VALUE = "value", _("What it is worth first")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="column_choices"
    )
    stream = models.PositiveSmallIntegerField()
    name = models.CharField(_("name"), max_length=40, blank=True)
    position = models.PositiveSmallIntegerField(null=True)
    is_hidden = models.BooleanField(default=False)
    order = models.CharField(max_length=5, choices=Order.choices, default=Order.DATE)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "stream"], name="inbox_column_choice_once")
        ]

    def __str__(self) -> str:
        return f"column {self.stream} of user {self.user_id}"
