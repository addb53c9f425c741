"""The mails that belong to somebody's personal data, and what of the inbox names an erased one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.db import transaction

from relance.crm import dossier, erasure
from relance.crm.erasure import What
from relance.crm.models import Person
from relance.inbox.conversion import mail_keys
from relance.inbox.models import RecordLink
from relance.inbox.record_links import PERSON
from relance.inbox.visibility import visible_copies
from relance.mail import sources
from relance.mail.models import MessageCopy, OutgoingRecipient
from relance.users.models import User

_AT_ONCE = 20


def mails_of(viewer: User, person: Person) -> list[dict[str, Any]]:
    """The mails with that person in mailboxes the viewer sees, the newest first: date, subject,
    direction, address of the sender."""
    found = []
    for some in _copies(viewer, person):
        for copy in some:
            message = copy.message
            assert message is not None  # `_copies` asked for it
            sender = message.from_address
            found.append(
                {
                    "at": message.received_at.isoformat(),
                    "subject": message.subject,
                    "from": sender.address if sender else "",
                    "is_outgoing": copy.is_outgoing,
                }
            )
    return found


def mail_sources(viewer: User, person: Person) -> Iterator[tuple[str, bytes]]:
    """Their sources, with a file name for each; those that are not here whole are left out."""
    for some in _copies(viewer, person):
        by_copy = sources.sources_of([copy for copy in some if not copy.is_partial])
        for copy in some:
            if copy.pk in by_copy and copy.message is not None:
                day = copy.message.received_at.date().isoformat()
                yield f"{day}-{copy.message_id}.eml", by_copy[copy.pk]


def _copies(viewer: User, person: Person) -> Iterator[list[MessageCopy]]:
    keys = sorted(mail_keys(viewer, person), reverse=True)
    for start in range(0, len(keys), _AT_ONCE):
        part = keys[start : start + _AT_ONCE]
        rows = visible_copies(viewer).filter(message__in=part)
        best: dict[int, MessageCopy] = {}
        for copy in rows.select_related("message__from_address", "raw").order_by("pk"):
            best.setdefault(copy.message_id or 0, copy)
        yield [best[key] for key in part if key in best]


@transaction.atomic
def erase(viewer: User, person: Person, what: What) -> Mapping[str, int]:
    """Erase that person's data (`crm.erasure.erase`) and what links mails to the record. The mails
    stay in their mailboxes. Raises `erasure.NotAllowed`."""
    keys = [one.pk for one in dossier.same_person(person)]
    counts = erasure.erase(viewer, person, what)
    RecordLink.objects.filter(entity=PERSON, record_id__in=keys).delete()
    names = [f"{PERSON}:{key}" for key in keys]
    OutgoingRecipient.objects.filter(record__in=names).update(record="", name="")
    return counts
