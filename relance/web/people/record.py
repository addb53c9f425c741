"""What a person's page shows, and who may be the same person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from relance.crm import access, people
from relance.crm.activities import Subject
from relance.crm.models import Person
from relance.users.models import User
from relance.web.components import record_lists
from relance.web.components.dealrows import deal_rows, new_deal_address
from relance.web.people.addresses import AddressRows
from relance.web.people.wording import duplicate_reason
from relance.web.records import fields_in_place

_KNOWN_SHOWN = 3
_DEALS_SHOWN = 8  # on the first view


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody who may be the same person, and why, in words."""

    person: Person
    reason: str


def known_already(viewer: User, fields: Mapping[str, Any], rows: AddressRows) -> list[Known]:
    """Who of the CRM may be the person of a form."""
    return _known(
        viewer,
        addresses=[row.text for row in rows.rows],
        phone=fields.get("phone") or fields.get("mobile") or "",
        name=f"{fields.get('first_name', '')} {fields.get('last_name', '')}",
        company=fields.get("organisation", ""),
    )


def record_context(viewer: User, person: Person, shown: str = "") -> dict[str, Any]:
    """The person with its card and deals; `shown` is the tab asked for, "" for everything at
    once."""
    deals = deal_rows(access.deals_for(viewer).filter(contacts__person=person))
    tabs = record_lists.tabs(viewer, Subject("person", person), shown, {"deals": len(deals)})
    return {
        **head_context(person),
        "entity": "person",
        "record": person,
        "card": fields_in_place.card(viewer, "person", person),
        "deals": deals if shown == "deals" else deals[:_DEALS_SHOWN],
        "deal_count": len(deals),
        "new_deal": new_deal_address(person),
        "tabs": tabs,
        "shown": record_lists.chosen(tabs),
    }


def head_context(person: Person) -> dict[str, Any]:
    """What the head of the page shows."""
    primary = person.address_links.select_related("address").first()
    return {
        "person": person,
        "record": person,
        "address": primary.address.address if primary else "",
        "consent": primary.address if primary else None,
        "number": fields_in_place.dialled(person.phone or person.mobile),
    }


def others_known(viewer: User, person: Person) -> list[Known]:
    """Other records that may be the same person's."""
    known = _known(
        viewer,
        addresses=[str(link.address) for link in person.address_links.select_related("address")],
        phone=person.phone or person.mobile,
        name=person.name,
        company=person.organisation_name,
    )
    return [one for one in known if one.person != person][:_KNOWN_SHOWN]


def _known(viewer: User, **facts: Any) -> list[Known]:
    found = people.find_duplicates(viewer, **facts)
    return [Known(one.person, duplicate_reason(one.reason)) for one in found]
