"""What an account's page shows."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from relance.crm import access
from relance.crm.activities import Subject
from relance.crm.models import Company
from relance.users.models import User
from relance.web.companies import lists
from relance.web.components import record_lists
from relance.web.components.dealrows import deal_rows
from relance.web.components.naming import primary_addresses
from relance.web.records import fields_in_place
from relance.web.shell import wording


def record_context(viewer: User, company: Company, shown: str = "") -> dict[str, Any]:
    """The account with its card, people and deals; `shown` is the tab asked for."""
    people = access.people_for(viewer).filter(company=company).order_by("last_name", "first_name")
    people = people.prefetch_related(primary_addresses())
    deals = deal_rows(access.deals_for(viewer).filter(company=company))
    known = {"people": len(people), "deals": len(deals)}
    tabs = record_lists.tabs(viewer, Subject("company", company), shown, known)
    return {
        **head_context(company),
        "entity": "company",
        "card": fields_in_place.card(viewer, "company", company),
        "people": people,
        "deals": deals,
        "new_deal": f"{reverse('deals:create')}?{urlencode({'company': company.name})}",
        "figures": lists.figures(viewer, [company.pk])[company.pk],
        "tabs": tabs,
        "shown": record_lists.chosen(tabs),
    }


def head_context(company: Company) -> dict[str, Any]:
    """What the head of the page shows."""
    countries = wording.locale_of(wording.language()).territories
    return {
        "company": company,
        "record": company,
        "country": countries.get(company.country, ""),
    }
