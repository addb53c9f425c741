"""Companies (shown as "accounts"): made, edited, deleted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import transaction

from relance import journal
from relance.crm import access, addressing, history
from relance.crm.models import Company, CompanyAddress, Deal, Person
from relance.crm.prefixes import starting_with
from relance.journal.models import Entry
from relance.lib import clock
from relance.lib.text import fold, squeeze
from relance.users.models import User

_AT_ONCE = 500


@transaction.atomic
def create_company(actor: User, company: Company) -> Company:
    """Save a new company; without an owner it is the actor's."""
    if not company.owner_id:
        company.owner = actor
    company.created_by = actor
    company.save()
    return company


@transaction.atomic
def edit(company: Company, *, actor: User | None = None) -> Company:
    """Save a changed company; people and deals are found by its new name."""
    before = history.stored(company)
    company.save()
    history.record(actor, "company", company, before, history.of(company))
    if before["name"] != company.name:
        _index_again(company)
    return company


@transaction.atomic
def set_addresses(company: Company, addresses: Sequence[str], *, actor: User | None = None) -> None:
    """Make `addresses` the company's own (contact@…), the first one primary.

    Raises `addressing.NotAnAddress`.
    """
    rows = addressing.rows_of(addresses)
    had = [link.address for link in company.address_links.select_related("address")]
    company.address_links.all().delete()
    links = [
        CompanyAddress(company=company, address=row, is_primary=n == 0)
        for n, row in enumerate(rows)
    ]
    CompanyAddress.objects.bulk_create(links)
    before, after = addressing.listed(had), addressing.listed(rows)
    history.record(actor, "company", company, {"addresses": before}, {"addresses": after})


def find_named(viewer: User, name: str) -> Company | None:
    """The readable company of that name, accents and case apart, or None."""
    wanted = fold(squeeze(name))
    if not wanted:
        return None
    found = access.companies_for(viewer).filter(starting_with("search_text", wanted))
    same = found.order_by("pk")
    return next((company for company in same if fold(company.name) == wanted), None)


def named(actor: User, name: str) -> Company:
    """The company `find_named` finds, made when there is none."""
    found = find_named(actor, name)
    return found or create_company(actor, Company(name=squeeze(name)))


@transaction.atomic
def delete(actor: User, company: Company) -> Entry:
    """Delete a company softly. Its people and deals stay; the entry puts everything back."""
    people = list(company.people.values_list("pk", flat=True))
    deals = list(company.deals.values_list("pk", flat=True))
    company.deleted_at = clock.now()
    company.save(update_fields=["deleted_at"])
    Person.objects.filter(pk__in=people).update(company=None, company_name=company.name)
    Deal.objects.filter(pk__in=deals).update(company=None)
    history.note(actor, "company", company, history.DELETED)
    return journal.record(
        actor,
        "crm.company.delete",
        {"name": company.name},
        {"id": company.pk, "people": people, "deals": deals},
    )


@transaction.atomic
def restore(
    company: Company,
    *,
    people: Iterable[int],
    deals: Iterable[int],
    actor: User | None = None,
) -> None:
    """Bring a deleted company back, with those of its people and deals that have none since."""
    company.deleted_at = None
    company.save(update_fields=["deleted_at"])
    history.note(actor, "company", company, history.RESTORED)
    Person.objects.filter(pk__in=people, company=None).update(company=company, company_name="")
    Deal.objects.filter(pk__in=deals, company=None).update(company=company)


def _index_again(company: Company) -> None:
    people = list(company.people.select_related("company"))
    deals = list(company.deals.select_related("company"))
    for record in [*people, *deals]:
        record.search_text = record.indexed_text()
    Person.objects.bulk_update(people, ["search_text"], batch_size=_AT_ONCE)
    Deal.objects.bulk_update(deals, ["search_text"], batch_size=_AT_ONCE)
