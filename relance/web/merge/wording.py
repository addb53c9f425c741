"""Why two records may be one, in words."""

from __future__ import annotations

from django.utils.translation import gettext as _

from relance.crm.duplicates import find_duplicates
from relance.crm.models import Person
from relance.users.models import User


def reason(code: str) -> str:
    """The words for a `crm.duplicate_pairs.Pair.reason`."""
    return {
        "same_address": _("same e-mail address"),
        "same_phone": _("same telephone number"),
        "same_name": _("same name"),
        "same_domain": _("same domain"),
    }.get(code, "")


def reasons(viewer: User, keep: Person, drop: Person) -> str:
    """Why these two may be one; "" when nothing speaks for it."""
    links = drop.address_links.select_related("address")
    found = find_duplicates(
        viewer,
        addresses=[link.address.address for link in links],
        phone=drop.phone or drop.mobile,
        name=drop.name,
        company=drop.organisation_name,
    )
    return next((reason(one.reason) for one in found if one.person.pk == keep.pk), "")
