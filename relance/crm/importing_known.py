"""Which records an import finds again: by address, by name, by domain.

Names are read once when an import begins, and followed while it makes records; addresses are asked
of the database for each batch.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from relance.crm import access
from relance.crm.importing_rows import Draft, Plan
from relance.crm.models import Company, PersonAddress
from relance.lib.text import fold, squeeze
from relance.users.models import User

BY_ADDRESS, BY_NAME_TOO = "address", "address_name"
_MADE = -1  # by a dry run: a record there will be
Key = tuple[str, str]


class Known:
    """What `viewer` may read, as an import compares rows with it."""

    def __init__(self, viewer: User, plan: Plan, match: str) -> None:
        self._viewer, self._plan, self._match = viewer, plan, match
        self._companies: dict[str, tuple[int, str]] = {}
        self._names: dict[str, list[tuple[str, int]]] = defaultdict(list)
        self._domains: dict[str, int] = {}
        self._seen: set[Key] = set()
        if plan.module in ("contacts", "deals"):
            self._read_companies()
        if plan.module == "accounts":
            self._read_accounts()
        elif plan.module == "deals":
            self._read_deals()
        elif match == BY_NAME_TOO:
            self._read_people()

    def find(self, drafts: Sequence[Draft]) -> dict[int, int]:
        """The key of the record each row is about, by the row's number; those of new ones left
        out."""
        found = self._by_address(drafts)
        for draft in drafts:
            if draft.number not in found and (key := self._by_name(draft)):
                found[draft.number] = key
        return found

    def tried(self, drafts: Sequence[Draft]) -> set[int]:
        """The same in a dry run: numbers of rows about a record there is, or that an earlier row
        will make."""
        known = set(self.find(drafts))
        for draft in drafts:
            keys = set(keys_of(draft, self._plan.module, self._match))
            if keys & self._seen:
                known.add(draft.number)
            self._seen |= keys
        return known

    def company(self, name: str) -> tuple[int, str] | None:
        """The account of that name, as (key, its name)."""
        return self._companies.get(fold(squeeze(name)))

    def made_company(self, company: Company) -> None:
        self._companies[fold(squeeze(company.name))] = (company.pk, company.name)

    def will_make_company(self, name: str) -> bool:
        """In a dry run: is it the first time that this account is missing?"""
        folded = fold(squeeze(name))
        if folded in self._companies:
            return False
        self._companies[folded] = (_MADE, name)
        return True

    def made(self, draft: Draft, key: int) -> None:
        """A record was made of that row: later rows find it."""
        if self._plan.module in ("leads", "contacts") and self._match != BY_NAME_TOO:
            return
        self._names[draft.name].append((fold(draft.company), key))
        if found := draft.values.get("domain"):
            self._domains.setdefault(found, key)

    def _by_address(self, drafts: Sequence[Draft]) -> dict[int, int]:
        if self._plan.module not in ("leads", "contacts"):
            return {}
        wanted = {address for draft in drafts for address in draft.addresses}
        people = access.people_for(self._viewer).filter(converted_at=None, erased_at=None)
        links = PersonAddress.objects.filter(address__address__in=wanted, person__in=people)
        same = "lead" if self._plan.module == "leads" else "contact"
        owners: dict[str, tuple[bool, int]] = {}
        for address, key, kind in links.values_list("address__address", "person", "person__kind"):
            option = (kind != same, key)
            owners[address] = min(owners.get(address, option), option)
        found = {}
        for draft in drafts:
            if options := [owners[a] for a in draft.addresses if a in owners]:
                found[draft.number] = options[0][1]
        return found

    def _by_name(self, draft: Draft) -> int | None:
        if key := self._domains.get(draft.values.get("domain", "")):
            return key
        company, module = fold(draft.company), self._plan.module
        for other, key in self._names.get(draft.name, ()):
            exact = module == "deals"
            if other == company or (not exact and not (other and company)):
                return key
        return None

    def _read_companies(self) -> None:
        rows = access.companies_for(self._viewer).order_by("-pk").values_list("pk", "name")
        for key, name in rows.iterator(chunk_size=5000):
            self._companies[fold(squeeze(name))] = (key, name)

    def _read_accounts(self) -> None:
        rows = access.companies_for(self._viewer).order_by("pk").values_list("pk", "name", "domain")
        for key, name, domain in rows.iterator(chunk_size=5000):
            self._names[fold(squeeze(name))].append(("", key))
            if domain:
                self._domains.setdefault(domain, key)

    def _read_deals(self) -> None:
        rows = access.deals_for(self._viewer).order_by("pk")
        for key, name, company in rows.values_list("pk", "name", "company__name").iterator():
            self._names[fold(name)].append((fold(company or ""), key))

    def _read_people(self) -> None:
        people = access.people_for(self._viewer).filter(converted_at=None, erased_at=None)
        names = ("pk", "first_name", "last_name", "company__name", "company_name")
        rows = people.order_by("pk").values_list(*names)
        for key, first, last, account, written in rows.iterator(chunk_size=5000):
            name = fold(squeeze(f"{first} {last}"))
            self._names[name].append((fold(account or written), key))


def keys_of(draft: Draft, module: str, match: str) -> Iterator[Key]:
    """What two rows about the same record have in common."""
    if module in ("leads", "contacts"):
        for address in draft.addresses:
            yield "address", address
        if match == BY_NAME_TOO:
            yield "name", draft.name
    elif module == "deals":
        yield draft.name, fold(draft.company)
    else:
        yield "name", draft.name
        if domain := draft.values.get("domain"):
            yield "domain", domain
