"""Why a record may be a duplicate, in words."""

from django.utils.translation import gettext as _


def duplicate_reason(code: str) -> str:
    """The sentence for a `crm.duplicates.Duplicate.reason`."""
    return {
        "same_address": _("has the same e-mail address"),
        "same_phone": _("has the same telephone number"),
        "same_name": _("has the same name"),
    }[code]
