"""The warnings before sending that one may turn off, by name."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

NAMES: dict[str, str | Promise] = {
    "attachment_missing": _("An attachment is announced and there is none"),
    "greeting_differs": _("The greeting names somebody else"),
    "empty_subject": _("The subject is empty"),
    "empty_body": _("The message is empty"),
    "reply_all_many": _("An answer to all goes to many people"),
    "first_external": _("Somebody from outside joins an internal conversation"),
    "other_company": _("The text names another account"),
}
