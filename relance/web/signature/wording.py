"""What the pages of signatures say."""

from __future__ import annotations

from django.utils.translation import gettext as _

from relance.writing.cleaning import TooLong
from relance.writing.signatures import CannotBeNamed

STARTER = (
    "<p>{User.photo}</p><p><b>{User.name}</b><br>{User.title}<br>{Organisation.name}</p>"
    "<p>{User.phone}<br>{User.emailAddress}</p>"
)
"""What one starts from who has none."""


def refusal(refused: CannotBeNamed | TooLong) -> str:
    """Why a signature was not saved."""
    if isinstance(refused, TooLong):
        return _("This text is too long for a mail. Attach it as a file instead.")
    return _(
        "A signature names only fields of the user and the organisation, each in one piece: "
        "%(names)s cannot stay."
    ) % {"names": ", ".join(f"{{{code}}}" for code in refused.codes)}
