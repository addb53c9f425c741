"""The library in words: why not, how far open, how full."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from relance.files.library import Refused
from relance.files.models import DocumentFolder
from relance.files.quota import QuotaReached, Usage
from relance.web.shell.wording import filesize

_REFUSALS = {
    "read_only": gettext_lazy("You may read here, not change anything."),
    "too_wide": gettext_lazy("A folder cannot be more open than the one it lies in."),
    "too_deep": gettext_lazy("Folders go eight deep. Choose one nearer to the top."),
    "into_itself": gettext_lazy("A folder cannot lie in itself. Choose another."),
    "holds_others": gettext_lazy(
        "Others keep documents in this folder. Ask them to move theirs first."
    ),
    "not_empty": gettext_lazy("The folder is not empty."),
    "name_taken": gettext_lazy("That name is taken here. Choose another."),
    "no_name": gettext_lazy("Give it a name."),
}
_ICONS = {
    DocumentFolder.Access.PRIVATE: "lock",
    DocumentFolder.Access.READ: "eye",
    DocumentFolder.Access.WRITE: "users",
}


def refusal(refused: Refused) -> str:
    return str(_REFUSALS[refused.code])


def full(reached: QuotaReached) -> str:
    """What to do when nothing more fits."""
    return _(
        "The storage is full: %(used)s of %(limit)s are used, and this file takes %(size)s. "
        "Delete documents, or ask an administrator for more room. Mail keeps coming in."
    ) % {
        "used": filesize(reached.used),
        "limit": filesize(reached.limit),
        "size": filesize(reached.size),
    }


def used(usage: Usage) -> str:
    if usage.limit is None:
        return _("%(used)s used") % {"used": filesize(usage.used)}
    words = {"used": filesize(usage.used), "limit": filesize(usage.limit)}
    return _("%(used)s of %(limit)s") % words


def access_icon(access: str) -> str:
    return _ICONS[DocumentFolder.Access(access)]


def access_label(access: str) -> str:
    return str(DocumentFolder.Access(access).label)
