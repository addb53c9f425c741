"""What a person's page shows, and who may be the same person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from relance.addresses import suppression
from relance.addresses.models import EmailAddress
from relance.crm import access, people
from relance.crm.models import Person
from relance.users.models import User
from relance.web.components.dealrows import deal_rows
from relance.web.people.addresses import AddressRows
from relance.web.people.wording import duplicate_reason
from relance.web.shell import wording

_KNOWN_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody who may be the same person, and why, in words."""

    person: Person
    reason: str


@dataclass(frozen=True, slots=True)
class AddressLine:
    """An address of the person: `verdict` is what stands against writing to it ("invalid",
    "blocked", "opted_out" or "")."""

    address: EmailAddress
    is_primary: bool
    verdict: str
    may_free: bool


def known_already(viewer: User, fields: Mapping[str, Any], rows: AddressRows) -> list[Known]:
    """Who of the CRM may be the person of a form."""
    return _known(
        viewer,
        addresses=[row.text for row in rows.rows],
        phone=fields.get("phone") or fields.get("mobile") or "",
        name=f"{fields.get('first_name', '')} {fields.get('last_name', '')}",
        company=fields.get("organisation", ""),
    )


def record_context(viewer: User, person: Person) -> dict[str, Any]:
    """The person with addresses, deals, and other records that may be the same person's."""
    addresses = list(person.address_links.select_related("address"))
    known = _known(
        viewer,
        addresses=[link.address.address for link in addresses],
        phone=person.phone or person.mobile,
        name=person.name,
        company=person.organisation_name,
    )
    return {
        "person": person,
        "addresses": [
            AddressLine(link.address, link.is_primary, *_standing(viewer, link.address))
            for link in addresses
        ],
        "deals": deal_rows(access.deals_for(viewer).filter(contacts__person=person)),
        "country": wording.locale_of(wording.language()).territories.get(person.country, ""),
        "known": [one for one in known if one.person != person][:_KNOWN_SHOWN],
    }


def _standing(viewer: User, address: EmailAddress) -> tuple[str, bool]:
    reason = suppression.verdict_of(address)
    return (reason.code if reason else "", suppression.may_lift(viewer, address))


def _known(viewer: User, **facts: Any) -> list[Known]:
    found = people.find_duplicates(viewer, **facts)
    return [Known(one.person, duplicate_reason(one.reason)) for one in found]
