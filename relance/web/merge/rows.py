"""Two records beside each other, field by field, and what each line becomes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from relance.addresses import suppression
from relance.addresses.models import EmailAddress
from relance.crm import merging
from relance.crm.models import Company, Person
from relance.web.components import custom_fields
from relance.web.shell import wording
from relance.web.templatetags.relance import day

_LABELS = {
    "name": _("Name"),
    "title": _("Title"),
    "company": _("Account"),
    "phone": _("Phone"),
    "mobile": _("Mobile"),
    "place": _("Address"),
    "delivery": _("Delivery address"),
    "time_zone": _("Time zone"),
    "source": _("Source"),
    "owner": _("Owner"),
    "team": _("Team"),
    "photo": _("Photo"),
    "description": _("Description"),
    "domain": _("E-mail domain"),
    "website": _("Website"),
    "industry": _("Industry"),
    "tax_number": _("VAT number"),
}
_PLACE = ("street", "postcode", "city", "country")


@dataclass(frozen=True, slots=True)
class Row:
    """One field: what either says ("" for nothing), whose is taken, whether one may choose."""

    key: str
    label: str
    keep: str
    drop: str
    takes_drop: bool
    is_choice: bool

    @property
    def result(self) -> str:
        return self.drop if self.takes_drop else self.keep


@dataclass(frozen=True, slots=True)
class Address:
    """An address of one of the two; `verdict` is what stands against writing to it, or ""."""

    id: int
    text: str
    is_chosen: bool
    verdict: str
    since: str


@dataclass(frozen=True, slots=True)
class Compared:
    """The whole table. `verdicts` are the addresses that must not be written to."""

    rows: list[Row]
    keep_addresses: list[Address] = field(default_factory=list)
    drop_addresses: list[Address] = field(default_factory=list)

    @property
    def addresses(self) -> list[Address]:
        """Those the result has, the primary one first."""
        return [a for a in (*self.keep_addresses, *self.drop_addresses) if a.is_chosen]

    @property
    def verdicts(self) -> list[Address]:
        return [a for a in (*self.keep_addresses, *self.drop_addresses) if a.verdict]


def people(keep: Person, drop: Person, *, left: Collection[int] = ()) -> Compared:
    """Two people, with their addresses."""
    own = _addresses(keep, left)
    theirs = _addresses(drop, [*left, *(a.id for a in own)])
    return Compared(_rows(keep, drop, merging.PERSON_ROWS), own, theirs)


def companies(keep: Company, drop: Company) -> Compared:
    """Two accounts."""
    return Compared(_rows(keep, drop, merging.COMPANY_ROWS))


def _rows(
    keep: Person | Company, drop: Person | Company, known: Mapping[str, tuple[str, ...]]
) -> list[Row]:
    proposed = merging.proposed(keep, drop, known)
    found = []
    for key in known:
        mine, other = _text(keep, key), _text(drop, key)
        if mine or other:
            is_choice = bool(mine and other and mine != other and key not in proposed)
            label = str(_LABELS[key])
            found.append(Row(key, label, mine, other, key in proposed, is_choice))
    return [*found, *_custom_rows(keep, drop)]


def _custom_rows(keep: Person | Company, drop: Person | Company) -> list[Row]:
    entity = "person" if isinstance(keep, Person) else "company"
    mine = {one.key: one for one in custom_fields.shown(entity, keep)}
    others = {one.key: one for one in custom_fields.shown(entity, drop)}
    if _kind(keep) != _kind(drop):
        others = {}  # a lead's fields are not a contact's
    return [
        Row(
            f"custom.{key}",
            (mine.get(key) or others[key]).label,
            mine[key].html if key in mine else "",
            others[key].html if key in others else "",
            key not in mine,
            key in mine and key in others and mine[key].html != others[key].html,
        )
        for key in dict.fromkeys((*mine, *others))
    ]


def _kind(record: Person | Company) -> str:
    return getattr(record, "kind", "")


def _text(record: Any, key: str) -> str:
    if key == "company":
        return str(record.organisation_name)
    if key in ("owner", "team"):
        found = getattr(record, key)
        return str(getattr(found, "name", "") or "")
    if key == "photo":
        return str(_("yes")) if record.photo_id else ""
    if key in ("place", "delivery"):
        prefix = "shipping_" if key == "delivery" else ""
        parts = [getattr(record, f"{prefix}{name}") for name in _PLACE]
        return _place(*parts)
    return str(getattr(record, key))


def _place(street: str, postcode: str, city: str, country: str) -> str:
    names = wording.locale_of(wording.language()).territories
    town = f"{postcode} {city}".strip()
    return ", ".join(part for part in (street, town, names.get(country, country)) if part)


def _addresses(person: Person, left: Collection[int]) -> list[Address]:
    links = person.address_links.select_related("address")
    return [
        Address(link.address_id, link.address.address, link.address_id not in left, *_verdict(link))
        for link in links
    ]


def _verdict(link: Any) -> tuple[str, str]:
    address: EmailAddress = link.address
    reason = suppression.verdict_of(address)
    if reason is None:
        return "", ""
    at = address.opted_out_at if reason.code == "opted_out" else address.invalid_at
    return reason.code, day(at.date()) if at else ""
