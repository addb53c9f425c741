"""Turning the sender of a mail into somebody the CRM knows."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db import transaction

from relance.addresses import domains
from relance.addresses.models import EmailAddress
from relance.crm import access, people
from relance.crm.models import Company
from relance.crm.people import Duplicate
from relance.inbox import streams
from relance.inbox.conversation import Conversation, SenderContext, context_of, conversation
from relance.inbox.models import AddressOverride
from relance.mime import names, quotes
from relance.users.models import User


@dataclass(slots=True)
class Prefill:
    """What a mail tells of its sender: proposed in the form, never saved by itself."""

    address: str
    first_name: str = ""
    last_name: str = ""
    company_name: str = ""
    company: Company | None = None
    title: str = ""
    phone: str = ""
    duplicates: list[Duplicate] = field(default_factory=list)


def prefill(viewer: User, thread_id: int) -> Prefill:
    """Name from the display name or the address, the rest from her own signature and domain.

    Raises `Thread.DoesNotExist` when the thread is not the viewer's.
    """
    found = conversation(viewer, thread_id)
    result = read_of_sender(found, context_of(viewer, found))
    if result.address:
        result.duplicates = people.find_duplicates(
            viewer,
            addresses=[result.address],
            phone=result.phone,
            name=f"{result.first_name} {result.last_name}".strip(),
            company=result.company_name,
        )
    return result


def read_of_sender(found: Conversation, known: SenderContext) -> Prefill:
    """The same for a conversation already read, without looking for duplicates."""
    if known.address is None:
        return Prefill("")
    address = known.address
    first, last = names.person_name(known.name, address.address)
    view = found.last_received
    text = view.message.body.text if view and not view.copy.is_outgoing else ""
    signature = quotes.signature_fields(text)
    company = known.domain_company
    written = signature.get("company") or _company_of(address)
    return Prefill(
        address=address.address,
        first_name=first,
        last_name=last,
        company_name=company.name if company else written,
        company=company,
        title=signature.get("title", ""),
        phone=signature.get("phone", ""),
    )


def _company_of(address: EmailAddress) -> str:
    if domains.is_public(address.domain):
        return ""
    return names.company_from_domain(address.domain)


@transaction.atomic
def add_colleague(viewer: User, address: str) -> AddressOverride:
    """From now on `address` is a colleague for this user alone (D1, step 0)."""
    found = EmailAddress.objects.get(address=address.lower())
    made, _ = AddressOverride.objects.update_or_create(
        user=viewer,
        address=found,
        defaults={"category": AddressOverride.Category.COLLEAGUE},
    )
    streams.replace_addresses({found.pk})
    return made


@transaction.atomic
def remove_colleague(viewer: User, address: str) -> bool:
    """Take that decision back. False when there was none."""
    overrides = AddressOverride.objects.filter(user=viewer, address__address=address.lower())
    ids = set(overrides.values_list("address_id", flat=True))
    overrides.delete()
    streams.replace_addresses(ids)
    return bool(ids)


def people_at(viewer: User, address: str) -> list[people.Person]:
    """The people of that address the viewer may read (D6)."""
    links = access.people_for(viewer).filter(address_links__address__address=address.lower())
    return list(links.distinct())
