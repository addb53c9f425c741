"""The e-mail addresses of a record as lines, with what stands against writing to each."""

from __future__ import annotations

from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from relance.addresses import suppression
from relance.addresses.models import EmailAddress
from relance.crm.models import Company, Person
from relance.users.models import User


@dataclass(frozen=True, slots=True)
class AddressLine:
    """An address of the record: `verdict` is what stands against writing to it ("invalid",
    "blocked", "opted_out" or "")."""

    address: EmailAddress
    is_primary: bool
    verdict: str
    may_free: bool


def address_lines(viewer: User, record: Person | Company) -> list[AddressLine]:
    """The record's addresses, the primary one first."""
    links = record.address_links.select_related("address")
    return [
        AddressLine(link.address, link.is_primary, *_standing(viewer, link.address))
        for link in links
    ]


def shown(viewer: User, record: Person | Company, line: AddressLine) -> SafeString:
    """The address, which opens the composer, and its verdict."""
    named = f"{record._meta.model_name}:{record.pk}"
    context = {"link": line, "record": named, "shell": {"user": viewer}}
    return render_to_string("components/_email.html", context)


def _standing(viewer: User, address: EmailAddress) -> tuple[str, bool]:
    reason = suppression.verdict_of(address)
    return (reason.code if reason else "", suppression.may_lift(viewer, address))
