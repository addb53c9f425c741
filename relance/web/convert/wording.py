"""What goes with a lead, and why an account is offered, in words."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from relance.crm.models import Company
from relance.inbox.conversion import Following
from relance.web.shell.wording import number


def account_facts(company: Company, people: int, *, same_domain: bool) -> str:
    """ "same domain, 1 contact, owner Camille"."""
    facts = [_("same domain") if same_domain else _("same name")]
    if people:
        words = ngettext("%(n)s contact", "%(n)s contacts", people)
        facts.append(words % {"n": number(people)})
    facts.append(_("owner %(name)s") % {"name": company.owner.name})
    return ", ".join(facts)


def follows(following: Following) -> str:
    """ "3 messages, 1 note and 1 task go with the contact."; "" when nothing does."""
    parts = [
        words % {"n": number(count)}
        for count, words in (
            (following.mails, ngettext("%(n)s message", "%(n)s messages", following.mails)),
            (following.notes, ngettext("%(n)s note", "%(n)s notes", following.notes)),
            (following.tasks, ngettext("%(n)s task", "%(n)s tasks", following.tasks)),
            (following.calls, ngettext("%(n)s call", "%(n)s calls", following.calls)),
            (following.meetings, ngettext("%(n)s event", "%(n)s events", following.meetings)),
            (following.files, ngettext("%(n)s file", "%(n)s files", following.files)),
        )
        if count
    ]
    if not parts:
        return ""
    total = following.mails + following.notes + following.tasks + following.calls
    total += following.meetings + following.files
    sentence = ngettext("%(what)s goes with the contact.", "%(what)s go with the contact.", total)
    return sentence % {"what": _listed(parts)}


def _listed(parts: Sequence[str]) -> str:
    """ "a, b and c"."""
    if len(parts) == 1:
        return parts[0]
    return _("%(some)s and %(last)s") % {"some": ", ".join(parts[:-1]), "last": parts[-1]}
