"""What the CRM says against a scheduled mail at the moment it leaves (SCH-09): fills the port
`mail.ports.screener`.

What leaves at once was looked at when its author pressed the button, a moment ago.
"""

from __future__ import annotations

from collections.abc import Iterator

from relance.crm.models import Company, Deal, Person
from relance.crm.models.records import Record
from relance.lib.reason import Reason
from relance.mail.models import Outgoing, OutgoingRecipient
from relance.users.models import Organisation

_RECORDS: dict[str, type[Record]] = {"person": Person, "company": Company, "deal": Deal}


def screen(outgoing: Outgoing) -> list[Reason]:
    """Why it must not leave: a record chosen as recipient was deleted since, or an address has
    opted out and nobody confirmed that it is written to all the same."""
    if outgoing.scheduled_at is None:
        return []
    recipients = list(outgoing.recipients.select_related("address"))
    return [*_deleted(recipients), *_opted_out(outgoing, recipients)]


def _deleted(recipients: list[OutgoingRecipient]) -> Iterator[Reason]:
    for recipient in recipients:
        kind, _, key = recipient.record.partition(":")
        model = _RECORDS.get(kind)
        if model is None or not (key.isascii() and key.isdigit() and len(key) < 19):
            continue
        record = model._default_manager.filter(pk=int(key)).first()
        if record is None or record.deleted_at is not None:
            name = str(record) if record is not None else recipient.address.address
            sources = ((f"crm.{model.__name__}", int(key)),)
            yield Reason("record_deleted", {"name": name}, sources)


def _opted_out(outgoing: Outgoing, recipients: list[OutgoingRecipient]) -> Iterator[Reason]:
    organisation = Organisation.current()
    blocks_all = organisation is not None and organisation.opt_out_blocks_all
    if not blocks_all and "opted_out" in (outgoing.written or {}).get("confirmed", ()):
        return
    for recipient in recipients:
        address = recipient.address
        if address.opted_out_at is not None:
            sources = (("addresses.EmailAddress", address.pk),)
            yield Reason("opted_out", {"address": address.address}, sources)
