"""What the guards look at, gathered for one draft in a handful of queries."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from django.db.models import Exists, OuterRef, Q

from relance.addresses import book, suppression
from relance.addresses.models import CompanyDomain, EmailAddress
from relance.crm import access
from relance.crm.models import Company, DealContact, Person, PersonAddress
from relance.inbox import resolving
from relance.inbox.announced import name_words
from relance.inbox.guards import Facts, Missing, Recipient
from relance.inbox.models import Stream
from relance.inbox.verdicts import verdicts
from relance.inbox.visibility import visible_copies
from relance.mail import attachments, identities
from relance.mail.models import Outgoing, OutgoingAttachment, Participant
from relance.mime import compose
from relance.users.models import Organisation, User

_ROLES = ("to", "cc", "bcc")
_SIGNATURE = re.compile(r"^-- $", re.MULTILINE)
_MOST_PARTICIPANTS = 500


def gather(viewer: User, draft: Outgoing) -> Facts:
    """Everything `guards.judge` asks of this draft, as `viewer` may know it."""
    organisation = Organisation.current() or Organisation()
    text = own_text(draft.html) if draft.html else draft.text
    people = _recipients(viewer, draft)
    files = [a for a in attachments.sent_with(draft) if not a.is_inline]
    return Facts(
        kind=draft.kind,
        subject=draft.subject,
        own_text=text,
        recipients=tuple(people),
        has_sender=_has_sender(viewer, draft),
        attachment_count=len(files),
        has_images=_has_images(draft),
        attachments_size=attachments.total(draft),
        attachments_limit=attachments.limit(draft),
        recipients_max=organisation.recipients_max,
        thread_is_internal=_thread_is_internal(viewer, draft, people),
        opted_out_blocks=organisation.opt_out_blocks_all,
        missing=tuple(
            Missing(mail.name, mail.missing)
            for mail in resolving.mails(viewer, draft)
            if mail.missing
        ),
        unknown_fields=tuple(resolving.unknown(draft)),
        other_companies=tuple(_other_companies(viewer, draft, text, people)),
    )


def own_text(html: str) -> str:
    """What was written, without the signature and what it quotes itself."""
    text = _SIGNATURE.split(compose.text_of(html), maxsplit=1)[0]
    return "\n".join(line for line in text.splitlines() if not line.startswith(">"))


def _has_images(draft: Outgoing) -> bool:
    shown = attachments.shown_images(draft)
    rows = draft.attachments.filter(is_inline=True)
    own = rows.exclude(origin=OutgoingAttachment.Origin.SIGNATURE)
    return any(a.content_id.lower() in shown for a in own)


def _has_sender(viewer: User, draft: Outgoing) -> bool:
    key = identities.sender_of(draft).key
    return any(s.key == key for s in identities.senders_for(viewer))


def _recipients(viewer: User, draft: Outgoing) -> list[Recipient]:
    rows = [(role, row) for role in _ROLES for row in draft.people.get(role) or ()]
    texts = [row["address"] for _, row in rows]
    normalised = {text: book.normalise(text) for text in texts}
    judged = suppression.verdicts(texts)
    inside = internal(draft, {n for n in normalised.values() if n})
    names = _names(viewer, {n for n in normalised.values() if n})
    return [
        Recipient(
            role=role,
            address=row["address"] or row["name"],
            normalised=normalised[row["address"]],
            name=row["name"],
            names=_greetable(row, names.get(normalised[row["address"]], ())),
            is_internal=normalised[row["address"]] in inside,
            verdict=judged.get(row["address"]),
        )
        for role, row in rows
    ]


def _greetable(row: resolving.Row, known: Collection[str]) -> frozenset[str]:
    """The words one may greet her by; none when there is nothing but a nameless address."""
    given = [row["name"], *known]
    if not any(given):
        return frozenset()
    return frozenset(name_words(row["address"], *given))


def _names(viewer: User, addresses: Collection[str]) -> dict[str, list[str]]:
    """The names of whoever has these addresses: of people one may read, and of users."""
    links = PersonAddress.objects.filter(
        address__address__in=addresses, person__deleted_at=None
    ).values_list("address__address", "person")
    readable = access.people_for(viewer).filter(pk__in=[person for _, person in links])
    by_key = {p.pk: p.name for p in readable}
    found: dict[str, list[str]] = {}
    for address, person in links:
        found.setdefault(address, []).append(by_key.get(person, ""))
    for user in User.objects.filter(email__in=addresses):
        found.setdefault(user.email, []).append(user.name)
    return found


def internal(draft: Outgoing, addresses: Collection[str]) -> set[str]:
    """Those of the (normalised) addresses that are colleagues of the mailbox's owner."""
    account = draft.account
    rows = EmailAddress.objects.filter(address__in=addresses)
    known = dict(rows.values_list("pk", "address"))
    judged = verdicts(account, known)
    inside = {known[pk] for pk, v in judged.items() if v.stream == Stream.COLLEAGUES}
    domains = {account.domain, *CompanyDomain.objects.values_list("domain", flat=True)}
    new = set(addresses) - set(known.values())
    return (
        inside
        | {a for a in new if a.rpartition("@")[2] in domains}
        | {a for a in addresses if a == account.address.lower()}
    )


def _thread_is_internal(viewer: User, draft: Outgoing, people: Sequence[Recipient]) -> bool:
    """Has everybody in the conversation been a colleague so far? Asked only when somebody outside
    is about to be written to."""
    source = draft.source
    thread_id = source.thread_id if source is not None else None
    if thread_id is None or all(one.is_internal for one in people):
        return False
    messages = visible_copies(viewer).filter(thread=thread_id).values("message")
    rows = Participant.objects.filter(message__in=messages).order_by()
    listed = rows.values_list("address__address", flat=True).distinct()
    addresses = set(listed[:_MOST_PARTICIPANTS])
    return bool(addresses) and addresses <= internal(draft, addresses)


_NAME = re.compile(r"[^\W\d_a-zà-öø-ÿ][\w'’&.-]*(?:[ \t]+(?:[\w'’.-]+|&)){0,4}")
_LONGEST_READ, _MOST_NAMES, _SHORTEST_NAME = 20_000, 400, 4


def _other_companies(
    viewer: User, draft: Outgoing, text: str, people: Sequence[Recipient]
) -> list[str]:
    """Accounts one deals with that the text names, and that are none of the recipients' own: in a
    mail that leaves the house. What the quoted mail names already is known to whom it goes."""
    outside = {one.normalised for one in people if one.normalised and not one.is_internal}
    if not outside:
        return []
    names = _possible_names(f"{draft.subject}\n{text}"[:_LONGEST_READ])
    dealt_with = Exists(Person.objects.filter(company=OuterRef("pk"), deleted_at=None))
    found = access.companies_for(viewer).filter(dealt_with, name__in=names)
    theirs = _companies_of(outside)
    organisation = Organisation.current()
    said = draft.quote_text.casefold() + (
        draft.source.message.subject.casefold() if draft.source and draft.source.message else ""
    )
    own_name = organisation.name if organisation else ""
    return [
        c.name
        for c in found.exclude(pk__in=theirs).order_by("name")[:5]
        if c.name != own_name
        and c.name.casefold() not in said
        and c.domain.lower() not in {a.rpartition("@")[2] for a in outside}
    ]


def _possible_names(text: str) -> list[str]:
    """What may be a company's name: words from a capital on, one to five of them."""
    found: dict[str, None] = {}
    for match in _NAME.finditer(text):
        words = match[0].split()
        for start in range(len(words)):
            for end in range(start + 1, len(words) + 1):
                name = " ".join(words[start:end]).strip(".,'’-")
                if len(name) >= _SHORTEST_NAME and name[0].isupper():
                    found.setdefault(name)
        if len(found) > _MOST_NAMES:
            break
    return list(found)[:_MOST_NAMES]


def _companies_of(addresses: Collection[str]) -> set[int]:
    """The accounts of whoever has these addresses: her own, and those of her deals."""
    people = PersonAddress.objects.filter(address__address__in=addresses).values("person")
    own = Person.objects.filter(pk__in=people, company__isnull=False)
    parts = DealContact.objects.filter(person__in=people, deal__company__isnull=False)
    by_domain = Company.objects.filter(
        Q(domain__in={a.rpartition("@")[2] for a in addresses}) & ~Q(domain="")
    )
    return {
        *own.values_list("company_id", flat=True),
        *parts.values_list("deal__company_id", flat=True),
        *by_domain.values_list("pk", flat=True),
    }
