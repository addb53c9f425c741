"""A record made of somebody in a mail (REC-19): with what was attached, and the way back to it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import transaction

from relance import journal
from relance.crm import access, people
from relance.crm.models import Person, RecordFile
from relance.inbox import record_files
from relance.inbox.models import RecordLink
from relance.inbox.record_links import PERSON
from relance.journal.models import Entry
from relance.lib.text import squeeze
from relance.mail.models import Attachment, MessageCopy
from relance.users.models import User

ADDED = "person.from_mail"


def description_of(copy: MessageCopy) -> str:
    """What a lead made of that mail says of itself at first: its subject."""
    return squeeze(copy.message.subject) if copy.message else ""


@transaction.atomic
def add_from_mail(
    viewer: User,
    copy: MessageCopy,
    person: Person,
    *,
    addresses: Sequence[str],
    attachments: Iterable[Attachment] = (),
) -> Entry:
    """Save `person` (not saved yet), put these attachments of `copy` on the record, and link the
    conversation to it; a lead is about what the mail is about. The entry undoes all of it.

    Raises `people.NotAnAddress`, `record_files.Unreadable` and `files.quota.QuotaReached`.
    """
    person.mail_key = copy.message_id
    if person.kind == Person.Kind.LEAD and not person.description:
        person.description = description_of(copy)
    people.create_person(viewer, person, addresses=addresses)
    for attachment in attachments:
        record_files.take(viewer, copy, attachment, RecordFile(person=person), again=True)
    if copy.thread_id:
        RecordLink.objects.get_or_create(
            thread_id=copy.thread_id,
            message=None,
            entity=PERSON,
            record_id=person.pk,
            defaults={"origin": RecordLink.Origin.MANUAL, "created_by": viewer},
        )
    return journal.record(viewer, ADDED, {"name": person.name}, {"id": person.pk})


def register() -> None:
    """Tell the journal how to undo what this module does."""
    journal.register_undo(ADDED, _take_back)


def _take_back(entry: Entry) -> None:
    """The record is deleted softly, whatever was added to it since."""
    person = access.people_for(entry.user).filter(pk=entry.payload["id"]).first()
    if person is not None:
        people.delete(entry.user, person)
    RecordLink.objects.filter(entity=PERSON, record_id=entry.payload["id"]).delete()
