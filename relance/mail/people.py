"""The people of a draft: kept as typed, also what is no address yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from relance.addresses import book
from relance.mime.message import Address

Person = Mapping[str, str]  # "name", "address", "record" ("person:12", "" for none)
People = Mapping[str, Sequence[Person]]  # "to", "cc", "bcc"
ROLES = ("to", "cc", "bcc")
_MOST = 2_000


def clean(people: People) -> dict[str, list[dict[str, str]]]:
    """The people in the shape that is kept. Those without any word are left out."""
    return {role: _cleaned(people.get(role) or ()) for role in ROLES}


def _cleaned(rows: Sequence[Person]) -> list[dict[str, str]]:
    found = []
    for row in list(rows)[:_MOST]:
        name = " ".join(str(row.get("name") or "").split())[:255]
        address = " ".join(str(row.get("address") or "").split())[:320]
        if name or address:
            record = str(row.get("record") or "")[:40]
            found.append({"name": name, "address": address, "record": record})
    return found


def typed(people: Sequence[Address]) -> list[Person]:
    """Addresses as a draft keeps them."""
    return [{"name": p.name, "address": p.address, "record": ""} for p in people]


def sendable(people: People, role: str) -> tuple[Address, ...]:
    """Those of that role one can write to."""
    return tuple(
        Address(row.get("name", ""), row["address"])
        for row in people.get(role) or ()
        if book.normalise(row.get("address", ""))
    )
