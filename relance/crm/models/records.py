"""What every CRM record has."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from relance.crm.models.custom import Tag
from relance.lib import clock
from relance.lib.text import fold
from relance.users.models import Team

_LONGEST_INDEXED = 600  # characters: PostgreSQL's index rows end at 2,700 bytes


def page_of(name: str, key: int) -> str:
    """The address of a record's page; `name` is that of the page's address. Lists ask by dozens."""
    before, _zero, after = _page(name).rpartition("0")
    return f"{before}{key}{after}"


@cache
def _page(name: str) -> str:
    return reverse(name, args=[0])


class Record(models.Model):
    """A CRM record: owned, dated, and deleted softly so that it can come back."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=clock.now, editable=False)
    updated_at = models.DateTimeField(default=clock.now, editable=False)
    deleted_at = models.DateTimeField(null=True, editable=False)
    team = models.ForeignKey(
        Team,
        verbose_name=_("team"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    tags = models.ManyToManyField(Tag, verbose_name=_("tags"), blank=True, related_name="+")
    custom = models.JSONField(default=dict, blank=True, editable=False)  # by `CustomField.key`
    search_text = models.TextField(blank=True, editable=False, default="")

    class Meta:
        abstract = True

    def searchable(self) -> str:
        """The words this record is found by; each record says its own."""
        raise NotImplementedError

    def indexed_text(self) -> str:
        """What `search_text` holds: folded, so that accents and case do not matter."""
        return fold(self.searchable())[:_LONGEST_INDEXED]

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.updated_at = clock.now()
        self.search_text = self.indexed_text()
        if (fields := kwargs.get("update_fields")) is not None:
            kwargs["update_fields"] = {*fields, "updated_at", "search_text"}
        super().save(*args, **kwargs)
