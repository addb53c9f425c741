"""Secrets at rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

from relance.mail import secrets

if TYPE_CHECKING:
    _TextField = models.TextField[str, str]
else:
    _TextField = models.TextField


class SecretField(_TextField):
    """Text that is encrypted in the database with a key kept outside it.

    Reading one whose key is lost gives "" (the mailbox then asks to be reconnected); it never
    shows itself in a form or a representation.
    """

    def get_prep_value(self, value: Any) -> Any:
        return secrets.encrypt(value) if value else ""

    def from_db_value(self, value: Any, _expression: Any, _connection: Any) -> str:
        return secrets.decrypt(value) if value else ""
