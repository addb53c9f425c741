"""Writing a mail again for those of its recipients who did not get it."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from relance.crm import access
from relance.crm.models import Person
from relance.mail.models import Outgoing, OutgoingAttachment, OutgoingRecipient
from relance.mime import compose
from relance.users.models import User

_BAD = (OutgoingRecipient.State.REFUSED, OutgoingRecipient.State.BOUNCED)
_KEPT = (
    "account",
    "thread",
    "kind",
    "identity",
    "organisation_address",
    "source",
    "in_reply_to",
    "references",
    "subject",
    "text",
    "html",
    "quote_html",
    "quote_text",
    "has_quote",
)


@transaction.atomic
def for_unreached(viewer: User, mail: Outgoing) -> Outgoing | None:
    """A draft with the words and files of `mail` (of her own), for those who did not get it; None
    when there are none. Where a record has been given another address since, that one is taken."""
    bad = list(mail.recipients.filter(state__in=_BAD).select_related("address").order_by("pk"))
    if not bad:
        return None
    people: dict[str, list[dict[str, str]]] = {r: [] for r in OutgoingRecipient.Role.values}
    for recipient in bad:
        people[recipient.role].append(_person(viewer, recipient))
    draft = Outgoing.objects.create(
        **{name: getattr(mail, name) for name in _KEPT},
        author=viewer,
        people=people,
        message_id=compose.new_message_id(mail.account.domain),
        state=Outgoing.State.DRAFT,
    )
    _copy_files(draft, mail.attachments.order_by("pk"))
    return draft


def _person(viewer: User, recipient: OutgoingRecipient) -> dict[str, str]:
    record = recipient.record
    found = {"name": recipient.name, "address": recipient.address.address, "record": record}
    person = _behind(viewer, recipient)
    if person is None:
        return found
    usable = person.address_links.filter(address__invalid_at=None).select_related("address")
    link = usable.first()  # the primary one comes first
    address = link.address.address if link else found["address"]
    return {**found, "address": address, "record": record or f"person:{person.pk}"}


def _behind(viewer: User, recipient: OutgoingRecipient) -> Person | None:
    """The person it was for: chosen then, or whose address it is."""
    people = access.people_for(viewer)
    kind, _, key = recipient.record.partition(":")
    if kind == "person" and key.isdigit():
        return people.filter(pk=int(key)).first()
    return people.filter(addresses=recipient.address_id).order_by("pk").first()


def _copy_files(draft: Outgoing, files: Iterable[OutgoingAttachment]) -> None:
    OutgoingAttachment.objects.bulk_create(
        OutgoingAttachment(
            outgoing=draft,
            blob_id=f.blob_id,
            filename=f.filename,
            content_type=f.content_type,
            content_id=f.content_id,
            is_inline=f.is_inline,
            origin=f.origin,
            document_id=f.document_id,
        )
        for f in files
    )
