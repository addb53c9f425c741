"""Turning somebody of a conversation into somebody the CRM knows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import transaction

from relance import journal
from relance.addresses import domains
from relance.addresses.models import EmailAddress
from relance.crm import access, people
from relance.crm.models import Company, Person
from relance.crm.people import Duplicate
from relance.inbox import streams
from relance.inbox.context import Chosen, SenderContext, context_of
from relance.inbox.conversation import Conversation, MessageView, conversation
from relance.inbox.models import AddressOverride
from relance.journal.models import Entry
from relance.mail.models import Attachment, MessageCopy
from relance.mime import names, quotes
from relance.users.models import User

JOINED, COLLEAGUE, NO_COLLEAGUE = "person.address", "colleague.add", "colleague.remove"


@dataclass(slots=True)
class Prefill:
    """What a mail tells of somebody: proposed in the form, never saved by itself. `copy` is the
    mail it was read in, with its `attachments`; `known` whether a record has the address."""

    address: str
    address_id: int = 0
    first_name: str = ""
    last_name: str = ""
    company_name: str = ""
    company: Company | None = None
    title: str = ""
    phone: str = ""
    from_signature: frozenset[str] = frozenset()
    is_known: bool = False
    is_locked: bool = False
    copy: MessageCopy | None = None
    attachments: Sequence[Attachment] = ()
    duplicates: list[Duplicate] = field(default_factory=list)


def prefill(viewer: User, thread_id: int, address_id: int | None = None) -> Prefill:
    """Name from the display name or the address, the rest from her own signature and domain; of
    the other side, or of whoever of the conversation has that address.

    Raises `Thread.DoesNotExist` when the thread is not the viewer's, `EmailAddress.DoesNotExist`
    when nobody there has the address.
    """
    found = conversation(viewer, thread_id)
    known = context_of(viewer, found, Chosen(address=address_id))
    if address_id is not None and (known.address is None or known.address.pk != address_id):
        raise EmailAddress.DoesNotExist(address_id)
    result = read_of_sender(found, known)
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
    view = _mail_of(found, address)
    wrote = view is not None and view.message.from_address_id == address.pk
    signature = quotes.signature_fields(view.message.body.text) if view and wrote else {}
    company = known.domain_company
    written = signature.get("company") or _company_of(address)
    return Prefill(
        address=address.address,
        address_id=address.pk,
        first_name=first,
        last_name=last,
        company_name=company.name if company else written,
        company=company,
        title=signature.get("title", ""),
        phone=signature.get("phone", ""),
        from_signature=frozenset(signature),
        is_known=known.person is not None,
        is_locked=known.locked_by is not None,
        copy=view.copy if view else None,
        attachments=[a for a in view.attachments if not a.is_inline] if view and wrote else [],
    )


def _mail_of(found: Conversation, address: EmailAddress) -> MessageView | None:
    """The newest mail that address wrote, else the newest one it received."""
    newest = found.messages[::-1]
    wrote = (v for v in newest if v.message.from_address_id == address.pk)
    got = (v for v in newest if any(p.address_id == address.pk for p in v.recipients))
    return next(wrote, None) or next(got, None)


def _company_of(address: EmailAddress) -> str:
    if domains.is_public(address.domain):
        return ""
    return names.company_from_domain(address.domain)


@transaction.atomic
def join(viewer: User, person: Person, address: str) -> Entry:
    """Somebody known writes from another address: it is hers too."""
    known = [link.address.address for link in person.address_links.select_related("address")]
    people.set_addresses(person, [*known, address], actor=viewer)
    return journal.record(
        viewer,
        JOINED,
        {"name": person.name, "address": address},
        {"person": person.pk, "address": address, "is_new": address.lower() not in known},
    )


@transaction.atomic
def add_colleague(viewer: User, address: str) -> Entry:
    """From now on `address` is a colleague for this user alone (D1, step 0)."""
    found = EmailAddress.objects.get(address=address.lower())
    _set_colleague(viewer, found, is_one=True)
    return journal.record(viewer, COLLEAGUE, {"address": address}, {"address": found.pk})


@transaction.atomic
def remove_colleague(viewer: User, address: str) -> Entry | None:
    """Take that decision back. None when there was none."""
    mine = AddressOverride.objects.filter(user=viewer, address__address=address.lower())
    override = mine.select_related("address").first()
    if override is None:
        return None
    found = override.address
    _set_colleague(viewer, found, is_one=False)
    return journal.record(viewer, NO_COLLEAGUE, {"address": address}, {"address": found.pk})


def _set_colleague(viewer: User, address: EmailAddress, *, is_one: bool) -> None:
    if is_one:
        AddressOverride.objects.update_or_create(
            user=viewer,
            address=address,
            defaults={"category": AddressOverride.Category.COLLEAGUE},
        )
    else:
        AddressOverride.objects.filter(user=viewer, address=address).delete()
    streams.replace_addresses({address.pk})


def register() -> None:
    """Tell the journal how to undo what this module does."""
    journal.register_undo(JOINED, _leave)
    journal.register_undo(COLLEAGUE, lambda entry: _again(entry, is_one=False))
    journal.register_undo(NO_COLLEAGUE, lambda entry: _again(entry, is_one=True))


def _leave(entry: Entry) -> None:
    person = Person.objects.filter(pk=entry.payload["person"]).first()
    if person is None or not entry.payload["is_new"]:
        return
    links = person.address_links.select_related("address")
    left = [link.address.address for link in links]
    people.set_addresses(
        person, [a for a in left if a != entry.payload["address"].lower()], actor=entry.user
    )


def _again(entry: Entry, *, is_one: bool) -> None:
    address = EmailAddress.objects.filter(pk=entry.payload["address"]).first()
    if address is not None:
        _set_colleague(entry.user, address, is_one=is_one)


def known_by(viewer: User, address: EmailAddress) -> Person | None:
    """The readable record that has the address; a converted lead is none."""
    found = access.people_for(viewer).filter(address_links__address=address)
    live = found.exclude(kind=Person.Kind.LEAD, status=Person.Status.CONVERTED)
    return live.order_by("kind", "pk").first()
