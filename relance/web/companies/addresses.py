"""The account's own addresses in its form: the rows of a person's form serve them too."""

from __future__ import annotations

from relance.crm.models import Company
from relance.web.people.addresses import AddressRows, Row


def address_rows(company: Company) -> AddressRows:
    """Those a stored account has, the primary one first."""
    links = company.address_links.select_related("address")
    return AddressRows([Row(x.address.address, x.address.address, x.is_primary) for x in links])
