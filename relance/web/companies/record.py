"""What an account's page shows."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from relance.crm import access
from relance.crm.activities import Subject
from relance.crm.models import Company, Person
from relance.inbox.same_domain import Sender, unknown_senders
from relance.users.models import User
from relance.web.companies import lists
from relance.web.components import record_lists
from relance.web.components.dealrows import deal_rows
from relance.web.components.naming import primary_addresses
from relance.web.records import fields_in_place
from relance.web.shell import wording

SHOWN = 8  # people and deals on the first view


def record_context(viewer: User, company: Company, shown: str = "") -> dict[str, Any]:
    """The account with its card, people and deals; `shown` is the tab asked for."""
    people = people_context(viewer, company, limit=None if shown == "people" else SHOWN)
    deals = deal_rows(access.deals_for(viewer).filter(company=company))
    known = {"people": people["people_count"], "deals": len(deals)}
    tabs = record_lists.tabs(viewer, Subject("company", company), shown, known)
    return {
        **head_context(company),
        **people,
        "entity": "company",
        "card": fields_in_place.card(viewer, "company", company),
        "deals": deals if shown == "deals" else deals[:SHOWN],
        "deal_count": len(deals),
        "new_deal": f"{reverse('deals:create')}?{urlencode({'company': company.name})}",
        "figures": lists.figures(viewer, [company.pk])[company.pk],
        "tabs": tabs,
        "shown": record_lists.chosen(tabs),
    }


def people_context(viewer: User, company: Company, *, limit: int | None = SHOWN) -> dict[str, Any]:
    """The people of the account, and who writes from its domain without being one of them."""
    people = access.people_for(viewer).filter(company=company, converted_at=None)
    ordered = people.order_by("last_name", "first_name", "pk").prefetch_related(primary_addresses())
    return {
        "company": company,
        "people": ordered[:limit],
        "people_count": people.count(),
        "strangers": [_stranger(company, one) for one in unknown_senders(viewer, company)],
    }


def _stranger(company: Company, sender: Sender) -> dict[str, str]:
    """A sender, and where a contact is made of her."""
    first, _space, last = sender.name.partition(" ")
    asked = {
        "kind": Person.Kind.CONTACT.value,
        "address": sender.address,
        "first_name": first if last else "",
        "last_name": last or first,
        "organisation": company.name,
    }
    url = f"{reverse('people:create')}?{urlencode(asked)}"
    return {"name": sender.name, "address": sender.address, "url": url}


def head_context(company: Company) -> dict[str, Any]:
    """What the head of the page shows."""
    countries = wording.locale_of(wording.language()).territories
    return {
        "company": company,
        "record": company,
        "country": countries.get(company.country, ""),
    }
