"""The columns that lists of people work out themselves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import Any

from django.db.models import Sum
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from relance.crm import access
from relance.crm.models import Person, PersonAddress, Stage
from relance.lib.money import Money
from relance.users.models import User
from relance.web.components.naming import primary_address, primary_addresses
from relance.web.records.cells import Labels, amounts, amounts_plain, link
from relance.web.records.columns import Column, register
from relance.web.templatetags.relance import avatar


def open_amounts(viewer: User, people: Collection[int]) -> dict[int, list[Money]]:
    """What the open deals of each person amount to, by currency, largest first."""
    sums = (
        access.deals_for(viewer)
        .filter(contacts__person__in=people, stage__kind=Stage.Kind.OPEN, amount__isnull=False)
        .order_by()
        .values_list("contacts__person", "currency")
        .annotate(total=Sum("amount"))
    )
    found: dict[int, list[Money]] = defaultdict(list)
    for person, currency, total in sums:
        found[person].append(Money(total, currency))
    return {person: sorted(amounts, reverse=True) for person, amounts in found.items()}


def addresses(_viewer: User, people: Collection[int]) -> dict[int, list[str]]:
    """Every address of each person, the primary one first."""
    links = PersonAddress.objects.filter(person__in=people).order_by("-is_primary", "pk")
    found: dict[int, list[str]] = defaultdict(list)
    for person, address in links.values_list("person", "address__address"):
        found[person].append(address)
    return found


def _name(person: Person, _fact: Any, _labels: Labels) -> str:
    face = avatar(person.name, primary_address(person))
    return format_html('{}<span class="strong">{}</span>', face, person.name)


def _company(person: Person, _fact: Any, _labels: Labels) -> str:
    return link(person.company) if person.company else person.company_name


def _status(person: Person, _fact: Any, _labels: Labels) -> str:
    if not person.status:
        return ""
    css = " pill--accent" if person.status == Person.Status.NEW else ""
    return format_html('<span class="pill{}">{}</span>', css, person.get_status_display())


COLUMNS = (
    Column(
        "name",
        _("name"),
        _name,
        lambda person, _fact, _labels: person.name,
        order=("last_name", "first_name"),
        prefetch=primary_addresses,
    ),
    Column(
        "company",
        _("account"),
        _company,
        lambda person, _fact, _labels: person.organisation_name,
        order=("company__name", "company_name"),
        related=("company",),
    ),
    Column(
        "emailAddress",
        _("e-mail"),
        lambda person, _fact, _labels: primary_address(person),
        lambda _person, fact, _labels: ", ".join(fact or ()),
        prefetch=primary_addresses,
        plain_facts=addresses,
        css="muted hide-s",
    ),
    Column(
        "status",
        _("status"),
        _status,
        lambda person, _fact, _labels: person.get_status_display(),
        order=("status",),
    ),
    Column(
        "openDeals",
        _("open deals"),
        amounts,
        amounts_plain,
        facts=open_amounts,
        is_number=True,
    ),
)


def declare() -> None:
    """Make them known; called where the pages have their addresses."""
    register("Person", *COLUMNS)
