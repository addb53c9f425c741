"""The mail that tells the owner that her mailbox has been read."""

from __future__ import annotations

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from relance.mail import system
from relance.users.models import User


def send(owner: User, address: str, count: int) -> bool:
    """Mail it in her language, inside the transaction that ends the first import. False when
    there is no system mailbox to write from."""
    with translation.override(owner.language):
        number = f"{count:,}".replace(",", "\u202f" if owner.language.startswith("fr") else ",")
        subject = ngettext(
            "Your mailbox is synchronised (%(number)s message)",
            "Your mailbox is synchronised (%(number)s messages)",
            count,
        ) % {"number": number}
        lines = [
            _("Hello %(name)s,") % {"name": owner.first_name or owner.name},
            ngettext(
                "%(number)s message of %(address)s is now in Relance.",
                "%(number)s messages of %(address)s are now in Relance.",
                count,
            )
            % {"number": number, "address": address},
            _("New mail comes by itself from now on. Nothing was changed on your mail server."),
        ]
    return system.send(owner.email, subject, "\n\n".join(lines) + "\n")
