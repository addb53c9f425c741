"""Merging two people, or two accounts, with the mails that were linked to them."""

from __future__ import annotations

from django.db import transaction

from relance import journal
from relance.crm import merging
from relance.crm.merging import Choice
from relance.crm.models import Company, Person
from relance.inbox import record_links
from relance.inbox.record_links import COMPANY, PERSON
from relance.journal.models import Entry
from relance.users.models import User

MERGED_PEOPLE, MERGED_COMPANIES = "person.merge", "company.merge"


@transaction.atomic
def unite(viewer: User, keep: Person, drop: Person, choice: Choice) -> Entry:
    """Make one person of two, as chosen. Raises as `crm.merging.unite` does."""
    payload = merging.unite(viewer, keep, drop, choice)
    payload["links"] = record_links.move((PERSON, drop.pk), (PERSON, keep.pk))
    params = {"name": drop.name, "into": keep.name}
    return journal.record(viewer, MERGED_PEOPLE, params, payload)


@transaction.atomic
def unite_companies(viewer: User, keep: Company, drop: Company, choice: Choice) -> Entry:
    """Make one account of two, as chosen."""
    payload = merging.unite_companies(viewer, keep, drop, choice)
    payload["links"] = record_links.move((COMPANY, drop.pk), (COMPANY, keep.pk))
    params = {"name": drop.name, "into": keep.name}
    return journal.record(viewer, MERGED_COMPANIES, params, payload)


def register() -> None:
    """Tell the journal how to undo what this module does."""
    journal.register_undo(MERGED_PEOPLE, _divide)
    journal.register_undo(MERGED_COMPANIES, _divide_companies)


def _divide(entry: Entry) -> None:
    record_links.move_back(entry.payload["links"])
    merging.divide(entry.payload)


def _divide_companies(entry: Entry) -> None:
    record_links.move_back(entry.payload["links"])
    merging.divide_companies(entry.payload)
