"""Links of mails to a record, carried over when that record becomes another."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from relance.inbox.links import DEAL
from relance.inbox.models import RecordLink
from relance.mail.models import MessageCopy, Outgoing, OutgoingRecipient, Participant

PERSON, COMPANY = "person", "company"
_MOST_THREADS = 2_000  # conversations of one person that are put on a new deal
_CORRESPONDENTS = (
    Participant.Role.FROM,
    Participant.Role.TO,
    Participant.Role.CC,
    Participant.Role.REPLY_TO,
)
_KEPT = ("thread_id", "message_id", "entity", "record_id", "origin", "is_removed", "created_by_id")
Record = tuple[str, int]


def move(old: Record, new: Record) -> dict[str, Any]:
    """Make the mails linked to `old` ("person", 12) be linked to `new`; what `new` was linked to,
    or taken from, already stays so. Returns what `move_back` needs."""
    rows = list(RecordLink.objects.filter(entity=old[0], record_id=old[1]))
    theirs = RecordLink.objects.filter(entity=new[0], record_id=new[1])
    known = set(theirs.values_list("thread_id", "message_id"))
    moved = [row.pk for row in rows if (row.thread_id, row.message_id) not in known]
    spare = RecordLink.objects.filter(pk__in=[r.pk for r in rows if r.pk not in set(moved)])
    given_up = list(spare.values(*_KEPT))
    spare.delete()
    RecordLink.objects.filter(pk__in=moved).update(entity=new[0], record_id=new[1])
    return {
        "moved": moved,
        "given_up": given_up,
        "recipients": _readdress(old, new),
        "old": list(old),
        "new": list(new),
    }


def move_back(moved: Mapping[str, Any]) -> None:
    """Undo `move`; links whose conversation is gone are gone."""
    entity, key = moved["old"]
    rows = RecordLink.objects.filter(pk__in=moved["moved"])
    rows.update(entity=entity, record_id=key)
    RecordLink.objects.bulk_create(
        [RecordLink(**row) for row in moved["given_up"] if _is_there(row)], ignore_conflicts=True
    )
    OutgoingRecipient.objects.filter(pk__in=moved["recipients"]).update(record=f"{entity}:{key}")


def _is_there(row: Mapping[str, Any]) -> bool:
    return MessageCopy.objects.filter(
        **{"thread": row["thread_id"]} if row["thread_id"] else {"message": row["message_id"]}
    ).exists()


def _readdress(old: Record, new: Record) -> list[int]:
    """Mails on their way that were written to `old` go to `new`: a deleted record holds them."""
    if new[0] != old[0]:
        return []
    rows = OutgoingRecipient.objects.filter(record=f"{old[0]}:{old[1]}").exclude(
        outgoing__state=Outgoing.State.SENT
    )
    found = list(rows.values_list("pk", flat=True))
    OutgoingRecipient.objects.filter(pk__in=found).update(record=f"{new[0]}:{new[1]}")
    return found


def put_on_deal(addresses: Collection[int], deal: int) -> list[int]:
    """The newest conversations with these addresses that nobody put on, or took from, a deal are
    about this one: it came of them. Returns the keys of the links, for `take_off`."""
    messages = Participant.objects.filter(
        address__in=addresses, role__in=_CORRESPONDENTS
    ).values_list("message_id", flat=True)
    copies = MessageCopy.objects.filter(message__in=messages, thread__isnull=False)
    threads = list(
        copies.order_by("-thread_id").values_list("thread_id", flat=True).distinct()[:_MOST_THREADS]
    )
    known = RecordLink.objects.filter(thread__in=threads, message=None, entity=DEAL)
    taken = set(known.values_list("thread_id", flat=True))
    RecordLink.objects.bulk_create(
        [
            RecordLink(
                thread_id=thread, entity=DEAL, record_id=deal, origin=RecordLink.Origin.ONLY_DEAL
            )
            for thread in threads
            if thread not in taken
        ],
        ignore_conflicts=True,
    )
    made = RecordLink.objects.filter(thread__in=threads, message=None, entity=DEAL, record_id=deal)
    return list(made.values_list("pk", flat=True))


def take_off(links: Collection[int]) -> None:
    """Undo `put_on_deal`; what somebody decided by hand since stays."""
    RecordLink.objects.filter(pk__in=links, origin=RecordLink.Origin.ONLY_DEAL).delete()
