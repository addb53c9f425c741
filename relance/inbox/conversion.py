"""Converting a lead with its mails: they go on its deal, else on its account (REC-25, D35)."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from relance import journal
from relance.crm import access, activities, conversion, people
from relance.crm.conversion import Converted, Wanted
from relance.crm.models import Person
from relance.inbox import record_links
from relance.inbox.links import DEAL
from relance.inbox.related import concern_of
from relance.inbox.visibility import visible_copies
from relance.journal.models import Entry
from relance.mail.models import MessageCopy
from relance.users.models import User

CONVERTED = "lead.convert"
_MOST_COUNTED = 10_000


@dataclass(frozen=True, slots=True)
class Following:
    """How much goes with a lead, as far as the viewer may see it."""

    mails: int
    tasks: int
    calls: int
    meetings: int
    notes: int
    files: int


@dataclass(frozen=True, slots=True)
class Done:
    """What a lead became, and the entry that undoes it."""

    converted: Converted
    entry: Entry


@transaction.atomic
def convert(viewer: User, lead: Person, wanted: Wanted) -> Done:
    """Convert it with the mails that were linked to it or that its addresses brought. Raises as
    `crm.conversion.convert` does."""
    addresses = people.address_ids(lead)
    converted = conversion.convert(viewer, lead, wanted)
    parent = (record_links.PERSON, converted.contact.pk)
    if converted.deal is not None:
        parent = (DEAL, converted.deal.pk)
    elif converted.company is not None:
        parent = (record_links.COMPANY, converted.company.pk)
    payload = {
        **converted.payload,
        "links": record_links.move((record_links.PERSON, lead.pk), parent),
    }
    if converted.deal is not None:
        payload["dealt"] = record_links.put_on_deal(addresses, converted.deal.pk)
    params = {"name": lead.name, "contact": converted.contact.name}
    return Done(converted, journal.record(viewer, CONVERTED, params, payload))


def following(viewer: User, lead: Person) -> Following:
    """What would go with that lead."""
    subject = activities.Subject("person", lead)
    counts = [
        activities.about(found, subject).count()
        for found in (
            access.tasks_for(viewer),
            access.calls_for(viewer),
            access.meetings_for(viewer),
            access.notes_for(viewer),
            access.record_files_for(viewer),
        )
    ]
    return Following(len(mail_keys(viewer, lead)), *counts)


def mail_keys(viewer: User, person: Person) -> set[int]:
    """The mails of that person the viewer may see, by the keys of their messages: those of her
    addresses and those linked to her, at most `_MOST_COUNTED` of either."""
    concern = concern_of(person)
    rows = visible_copies(viewer).filter(message__isnull=False)
    of_addresses = rows.filter(message__participants__address__in=concern.addresses)
    linked = rows.filter(Q(thread__in=concern.threads) | Q(message__in=concern.messages))
    found: set[int] = set()
    for some in (of_addresses, linked):
        ids = some.order_by().values_list("message_id", flat=True).distinct()
        found.update(key for key in ids[:_MOST_COUNTED] if key)
    return found


def original_thread(viewer: User, person: Person) -> int | None:
    """The conversation of the mail a lead was made from, where the viewer may see it."""
    if person.mail_key is None:
        return None
    copies: list[MessageCopy] = list(
        visible_copies(viewer).filter(message=person.mail_key, thread__isnull=False)[:1]
    )
    return copies[0].thread_id if copies else None


def register() -> None:
    """Tell the journal how to undo what this module does."""
    journal.register_undo(CONVERTED, _take_back)


def _take_back(entry: Entry) -> None:
    payload = entry.payload
    record_links.take_off(payload.get("dealt", ()))
    record_links.move_back(payload["links"])
    conversion.take_back(payload)
