"""Who is on the other side of a conversation, as far as its viewer may know (PAN-01, 10, 12)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Exists, F, OuterRef, Q

from relance.addresses.models import EmailAddress
from relance.crm import access
from relance.crm.models import Company, Deal, Person, PersonAddress, Stage
from relance.inbox import vacation
from relance.inbox.conversation import Conversation, MessageView, conversation
from relance.inbox.models import AddressOverride, Stream, VacationResponse
from relance.inbox.verdicts import verdicts
from relance.mail.models import MailAccount
from relance.users.models import User


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody of the conversation who is not its mailbox: an address, and the name it came with
    ("" when it came without)."""

    address: EmailAddress
    name: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """Whom the viewer chose to see: an address of the conversation, one of its records; by key."""

    address: int | None = None
    person: int | None = None


@dataclass(slots=True)
class SenderContext:
    """Who the other side is. `parties` are all one may choose from, this one first unless chosen;
    `locked_by` owns the record of this address that the viewer may not read."""

    address: EmailAddress | None
    name: str
    parties: list[Party] = field(default_factory=list)
    person: Person | None = None
    other_people: list[Person] = field(default_factory=list)
    locked_by: User | None = None
    company: Company | None = None
    domain_company: Company | None = None
    open_deals: list[Deal] = field(default_factory=list)
    closed_deals: list[Deal] = field(default_factory=list)
    steps: dict[int, tuple[int, int]] = field(default_factory=dict)  # by deal: reached, of how many
    colleague: User | None = None
    is_colleague: bool = False
    absence: VacationResponse | None = None

    @property
    def is_known(self) -> bool:
        return self.person is not None or self.is_colleague


def context(viewer: User, thread_id: int) -> SenderContext:
    """Who the other side of that thread is: its last sender, or whom one wrote to."""
    return context_of(viewer, conversation(viewer, thread_id))


def context_of(viewer: User, found: Conversation, chosen: Chosen | None = None) -> SenderContext:
    """The same, for a conversation already read; or whom `chosen` names, if she takes part."""
    chosen = chosen or Chosen()
    parties = parties_of(found)
    if not parties:
        return SenderContext(None, "")
    party = next((p for p in parties if p.address.pk == chosen.address), parties[0])
    result = SenderContext(party.address, party.name, parties)
    _add_people(result, viewer, chosen.person)
    _add_colleague(result, viewer, found)
    if result.person is None:
        companies = access.companies_for(viewer).filter(domain=party.address.domain)
        result.domain_company = companies.order_by("pk").first()
    return result


def parties_of(found: Conversation) -> list[Party]:
    """Everybody of the conversation but its mailbox, each address once: the other side of the last
    message first, then those of the newest messages. No query."""
    view, own = found.last_received, _own(found)
    first = _other_side(view, found.thread.account) if view else None
    others = [party for party in _everybody(found) if party.address.address not in own]
    parties: dict[int, Party] = {}
    for party in [first, *others] if first else others:
        known = parties.get(party.address.pk)
        if known is None or not known.name:
            parties[party.address.pk] = party
    return list(parties.values())


def _everybody(found: Conversation) -> Iterator[Party]:
    for message in reversed(found.messages):
        sender = message.message.from_address
        if sender is not None and not message.copy.is_outgoing:
            yield Party(sender, message.message.from_name)
        for one in message.recipients:
            yield Party(one.address, one.name)
    for outgoing in found.outgoing:
        for recipient in outgoing.recipients.all():
            yield Party(recipient.address, recipient.name)


def _own(found: Conversation) -> set[str]:
    """The addresses of the mailbox, as far as the conversation shows them."""
    sent = {m.sender_address for m in found.messages if m.copy.is_outgoing}
    return {found.thread.account.address.lower(), *sent}


def _other_side(view: MessageView, account: MailAccount) -> Party | None:
    if view.copy.is_outgoing and view.recipients:
        to = (view.to or view.recipients)[0]
        return Party(to.address, to.name)
    if view.sender_address == account.address.lower() and view.reply_to:
        return Party(view.reply_to[0].address, view.reply_to[0].name)
    sender = view.message.from_address
    return Party(sender, view.message.from_name) if sender else None


def _add_people(result: SenderContext, viewer: User, chosen: int | None) -> None:
    """The records of the address she may read, the chosen or the likeliest one first (D6)."""
    company = access.companies_for(viewer).filter(pk=OuterRef("company"))
    found = list(
        access.people_for(viewer)
        .filter(address_links__address=result.address)
        .exclude(kind=Person.Kind.LEAD, status=Person.Status.CONVERTED)  # her contact's (D35)
        .select_related("owner", "team", "created_by", "company")
        .annotate(may_read_company=Exists(company))
    )
    for person in found:
        if not person.may_read_company:
            person.company = None
    if not found:
        result.locked_by = _owner_of_locked(result.address)
        return
    deals = _deals_of(viewer, found, result.steps)
    with_open = {p for p, rows in deals.items() if any(is_open(d) for d in rows)}
    found.sort(
        key=lambda p: (
            p.pk != chosen,
            p.kind != Person.Kind.CONTACT,
            p.pk not in with_open,
            p.owner_id != viewer.pk,
            -p.updated_at.timestamp(),
            p.pk,
        )
    )
    result.person, *others = found
    result.other_people = list(others)
    result.company = result.person.company
    mine = deals.get(result.person.pk, [])
    result.open_deals = [d for d in mine if is_open(d)]
    result.closed_deals = sorted((d for d in mine if not is_open(d)), key=_closed, reverse=True)


def _owner_of_locked(address: EmailAddress | None) -> User | None:
    """Whose record has the address, when no readable one does: all that may be told (D6)."""
    links = PersonAddress.objects.filter(address=address, person__deleted_at=None).exclude(
        person__kind=Person.Kind.LEAD, person__status=Person.Status.CONVERTED
    )
    link = links.select_related("person__owner").order_by("pk").first()
    return link.person.owner if link else None


def _deals_of(
    viewer: User, people: Collection[Person], steps: dict[int, tuple[int, int]]
) -> dict[int, list[Deal]]:
    """The deals each person takes part in, the first to close first; `steps` is filled."""
    rows = list(
        access.deals_for(viewer)
        .filter(contacts__person__in=people)
        .annotate(of_person=F("contacts__person_id"))
        .select_related("stage")
        .order_by("closes_on", "pk")
    )
    stages = Stage.objects.filter(kind=Stage.Kind.OPEN).order_by() if rows else ()
    positions = [stage.position for stage in stages]
    found: dict[int, list[Deal]] = {}
    for deal in rows:
        found.setdefault(deal.of_person, []).append(deal)
        reached = sum(1 for p in positions if p <= deal.stage.position or not is_open(deal))
        steps[deal.pk] = (reached, len(positions))
    return found


def is_open(deal: Deal) -> bool:
    return deal.stage.kind == Stage.Kind.OPEN


def _closed(deal: Deal) -> tuple[date, int]:
    """When it was closed; where that is not known, when it was to be."""
    return (deal.closed_at.date() if deal.closed_at else deal.closes_on, deal.pk)


def _add_colleague(result: SenderContext, viewer: User, found: Conversation) -> None:
    assert result.address is not None
    if found.decided_by == result.address.pk and found.stream != Stream.COLLEAGUES:
        return  # the column was decided by this very address, and not as a colleague's
    overridden = AddressOverride.objects.filter(user=viewer, address=result.address).exists()
    verdict = verdicts(found.thread.account, [result.address.pk]).get(result.address.pk)
    by_rule = verdict is not None and verdict.stream == Stream.COLLEAGUES
    result.is_colleague = overridden or by_rule
    if not result.is_colleague:
        return
    result.colleague = user_of_address(result.address.address)
    if result.colleague:
        result.absence = vacation.active_for(result.colleague)


def user_of_address(address: str) -> User | None:
    """The user who logs in with the address or has a mailbox of it; nobody who has left."""
    boxes = MailAccount.objects.filter(address=address).values("owner")
    users = User.objects.filter(Q(email=address) | Q(pk__in=boxes), is_active=True)
    return min(users, key=lambda user: (user.email != address, user.pk), default=None)
