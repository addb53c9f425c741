"""The fields of whoever writes and of the organisation."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from relance.criteria.fields import Entity, Field, Kind, register

USER = (
    Field("User", "name", _("name"), Kind.TEXT, "name"),
    Field("User", "firstName", _("first name"), Kind.TEXT, "first_name"),
    Field("User", "lastName", _("last name"), Kind.TEXT, "last_name"),
    Field("User", "title", _("title"), Kind.TEXT, "title"),
    Field("User", "emailAddress", _("e-mail address"), Kind.EMAIL, "email"),
    Field("User", "phone", _("phone"), Kind.PHONE, "phone", ("phoneNumber",)),
    Field("User", "photo", _("photo"), Kind.HTML),
    Field("User", "signature", _("signature"), Kind.HTML),
)
ORGANISATION = (Field("Organisation", "name", _("name"), Kind.TEXT, "name"),)


def declare() -> None:
    """Make them known; called when the application starts."""
    register(Entity("User", _("User")), USER)
    register(Entity("Organisation", _("Organisation")), ORGANISATION)
