"""What lists say when they are empty, and above the words one looks for."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Words:
    """Of one module: nothing matches; there is none yet, and what one is for; the button that
    makes one; what the search looks at."""

    unmatched: Text
    none: Text
    purpose: Text
    create: Text
    search: Text


_ANY = Words(_("Nothing matches"), _("Nothing here yet"), "", _("New"), _("Search this list"))
_words: dict[str, Words] = {
    "leads": Words(
        _("Nobody matches"),
        _("No lead yet"),
        _(
            "A lead is somebody interested whom you do not know well yet."
            " Add one here, or from a mail."
        ),
        _("New lead"),
        _("Name, company or title"),
    ),
    "contacts": Words(
        _("Nobody matches"),
        _("No contact yet"),
        _("Mail of your contacts stands in its own column. Add one here, or from a mail."),
        _("New contact"),
        _("Name, company or title"),
    ),
    "accounts": Words(
        _("No account matches"),
        _("No account yet"),
        _("An account gathers the people and the deals of one company."),
        _("New account"),
        _("Name, domain or city"),
    ),
    "deals": Words(
        _("No deal matches"),
        _("No deal yet"),
        _("Mail from the people of an open deal stands in Potentials, with its amount."),
        _("New deal"),
        _("Name or account"),
    ),
    "tasks": Words(
        _("No task matches"),
        _("No task yet"),
        _("A task is something to do, by somebody, until a day. Add one here, or from a record."),
        _("New task"),
        _("Words of the task"),
    ),
    "cases": Words(
        _("No case matches"),
        _("No case yet"),
        _("A case is a request to settle, with a number. Add one here, or from a mail."),
        _("New case"),
        _("Number or words of the subject"),
    ),
    "calls": Words(
        _("No call matches"),
        _("No call yet"),
        _("Plan calls, and note what came out of them."),
        _("New call"),
        _("Words of the subject"),
    ),
    "meetings": Words(
        _("No event matches"),
        _("No event yet"),
        _("Events stand in the calendar and on the records they are about."),
        _("New event"),
        _("Subject or place"),
    ),
}


def register(key: str, words: Words) -> None:
    """What the lists of that module say."""
    _words[key] = words


def words_of(key: str) -> Words:
    return _words.get(key, _ANY)
