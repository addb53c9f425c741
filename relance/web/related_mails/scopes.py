"""Whose mails a record's list shows: a deal's own, or those of one of its contacts (D20)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from relance.crm.models import Company, Deal, Person
from relance.crm.models.records import Record
from relance.inbox import related
from relance.inbox.related import Concern
from relance.users.models import User

OF_DEAL = "deal"


@dataclass(frozen=True, slots=True)
class Scope:
    """One choice; `key` is how an address says it."""

    key: str
    label: str
    record: Record
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Scoped:
    """What was chosen, among what, and what makes a mail belong to it. `record` is the one that
    one writes from: the deal also where the mails of a contact of hers are chosen."""

    scopes: Sequence[Scope]
    chosen: str
    concern: Concern
    record: Record
    empty: str = ""


def scoped(viewer: User, record: Record, asked: str) -> Scoped:
    """The scope asked for; of a deal, else its own mails if there are any, else those of its
    primary contact."""
    if isinstance(record, Deal):
        return _of_deal(viewer, record, asked)
    concern = related.concern_of(record)
    if isinstance(record, Person):
        words = _("Without an e-mail address there is no mail to show. Add one to the record.")
    elif isinstance(record, Company):
        words = _("None of its people has an e-mail address, so there is no mail to show.")
    else:
        words = _("No conversation is linked. Mails that name its number are, by themselves.")
    return Scoped((), "", concern, record, words)


def _of_deal(viewer: User, deal: Deal, asked: str) -> Scoped:
    parts = list(
        deal.contacts.filter(person__deleted_at=None).select_related("person", "person__company")
    )
    scopes = [Scope(OF_DEAL, _("Of the deal"), deal)]
    scopes += [
        Scope(str(p.person_id), p.person.name, p.person, p.role or _primary_words(p.is_primary))
        for p in parts
    ]
    by_key = {scope.key: scope for scope in scopes}
    chosen = by_key.get(asked, scopes[0])
    concern = related.concern_of(chosen.record)
    is_bare = asked not in by_key and len(scopes) > 1 and not related.has_any(viewer, concern)
    if is_bare:
        chosen = scopes[1]
        concern = related.concern_of(chosen.record)
    if isinstance(chosen.record, Person):
        words = _("%(name)s has no e-mail address, so there is no mail to show.")
        words %= {"name": chosen.record.name}
    else:
        words = _("No mail is linked to the deal. Link one from its conversation.")
    return Scoped(scopes if len(scopes) > 1 else (), chosen.key, concern, deal, words)


def _primary_words(is_primary: bool) -> str:
    return _("Primary contact") if is_primary else ""
