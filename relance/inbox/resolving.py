"""A draft as it will leave: its placeholders replaced, one mail for each recipient where they say
something of the recipient (D28)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.safestring import SafeString

from relance.addresses import book
from relance.crm import access
from relance.crm.models import Company, Deal, Person
from relance.inbox import merging
from relance.mail import identities
from relance.mail.models import Outgoing
from relance.users.models import User
from relance.writing import merge, signatures, templates
from relance.writing.merge import Placeholder, Values

Row = Mapping[str, str]  # "name", "address", "record"
People = dict[str, list[dict[str, str]]]

#: Entities whose fields differ from one recipient to the next.
ABOUT = frozenset({"Person", "Account", "Deal"})
_ROLES = ("to", "cc", "bcc")


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as it will leave. `missing` are the labels of fields that have no value for the
    recipient it is about, `row`."""

    people: People
    subject: str
    html: str
    row: Row | None = None
    missing: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return (self.row["name"] or self.row["address"]) if self.row else ""

    @property
    def address(self) -> str:
        return self.row["address"] if self.row else ""


def placeholders(draft: Outgoing) -> list[Placeholder]:
    """Those of its subject and its text."""
    return [*merge.placeholders(draft.subject), *merge.placeholders(draft.html)]


def unknown(draft: Outgoing) -> list[str]:
    """The codes no record answers to, as written in braces."""
    codes = [*merge.check(draft.subject), *merge.check(draft.html)]
    return [f"{{{code}}}" for code in dict.fromkeys(codes)]


def is_separate(draft: Outgoing) -> bool:
    """Does each recipient get a mail of her own?"""
    return len(_to(draft)) > 1 and _depends(draft)


def count(draft: Outgoing) -> int:
    """How many mails leave."""
    return len(_to(draft)) if is_separate(draft) else 1


def mails(viewer: User, draft: Outgoing) -> list[Mail]:
    """The mails that leave, at least one, their placeholders replaced by what `viewer` may read."""
    first = next((row for role in _ROLES for row in draft.people.get(role) or ()), None)
    if not any("{" in text or "%7" in text for text in (draft.subject, draft.html)):
        return [Mail(draft.people, draft.subject, draft.html, first)]
    if not is_separate(draft):
        return [_resolved(viewer, draft, first, draft.people)]
    return [
        _resolved(viewer, draft, row, {**draft.people, "to": [dict(row)]}) for row in _to(draft)
    ]


def _to(draft: Outgoing) -> list[Row]:
    """Those in To, each address once."""
    once: dict[str, Row] = {}
    for row in draft.people.get("to") or ():
        once.setdefault(book.normalise(row["address"]) or row["address"], row)
    return list(once.values())


def _depends(draft: Outgoing) -> bool:
    return any(p.entity in ABOUT for p in placeholders(draft))


def _resolved(viewer: User, draft: Outgoing, row: Row | None, people: People) -> Mail:
    values = values_for(viewer, draft, row)
    subject = merge.render_text(draft.subject, values, one_line=True)
    html = merge.render_html(draft.html, values)
    absent = {p.code: p.label for p in (*subject.missing, *html.missing)}
    absent.pop(signatures.CODE, None)  # who has no signature signs nothing
    return Mail(people, subject.text, html.text, row, tuple(absent.values()))


def values_for(viewer: User, draft: Outgoing, row: Row | None) -> Values:
    """What placeholders stand for in the mail to that recipient."""
    person, company, deal = records_of(viewer, row) if row else (None, None, None)
    language = templates.language_of(draft.html)
    others = merging.values(viewer, person=person, company=company, deal=deal, language=language)
    return merging.with_signature(others, _signature(viewer, draft))


def _signature(viewer: User, draft: Outgoing) -> SafeString:
    """What `{User.signature}` becomes: nothing where the text is signed already."""
    if signatures.MARK in draft.html:
        return SafeString("")
    sender = identities.sender_of(draft)
    is_reply = draft.kind in (Outgoing.Kind.REPLY, Outgoing.Kind.REPLY_ALL)
    return signatures.html_for(viewer, sender.address, is_reply=is_reply)


def records_of(viewer: User, row: Row) -> tuple[Person | None, Company | None, Deal | None]:
    """The records one recipient stands for: the one chosen with "@", and whoever has the address,
    as far as `viewer` may read them."""
    kind, _, key = row.get("record", "").partition(":")
    pk = int(key) if key.isascii() and key.isdigit() and len(key) < 19 else 0
    person = person_of(viewer, row["address"])
    if kind == "person":
        chosen = access.people_for(viewer).filter(pk=pk).select_related("company").first()
        return chosen or person, None, None
    if kind == "deal":
        deal = access.deals_for(viewer).filter(pk=pk).select_related("stage", "company").first()
        return person, None, deal
    company = access.companies_for(viewer).filter(pk=pk).first() if kind == "company" else None
    return person, company, None


def person_of(viewer: User, address: str) -> Person | None:
    """Who has that address: contacts before leads, one's own first (D6)."""
    normalised = book.normalise(address)
    if not normalised:
        return None
    found = access.people_for(viewer).filter(addresses__address=normalised)
    people = list(found.exclude(status=Person.Status.CONVERTED).select_related("company"))
    people.sort(key=lambda p: (p.kind != Person.Kind.CONTACT, p.owner_id != viewer.pk, p.pk))
    return people[0] if people else None
