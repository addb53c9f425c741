"""A batch of rows, written: records made and changed in bulk, with what undoing it needs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from relance.addresses import book
from relance.addresses.models import EmailAddress
from relance.crm import history
from relance.crm.importing_inserts import Inserter
from relance.crm.importing_known import Known
from relance.crm.importing_rows import Draft, Plan
from relance.crm.models import (
    Company,
    CompanyAddress,
    Deal,
    DealContact,
    ImportedRow,
    ImportRun,
    Person,
    PersonAddress,
    PersonPhone,
    Stage,
    Tag,
)
from relance.crm.signals import announce
from relance.lib import clock
from relance.lib.text import fold, hue, squeeze

FILL, UPDATE, SKIP, CREATE = "fill", "update", "skip", "create"
_AT_ONCE = 500
_NEVER_CHANGED = ("created_at",)
_KINDS = {"leads": Person.Kind.LEAD, "contacts": Person.Kind.CONTACT}
#: What every new record says, and what those of a module do beside.
_ALWAYS = {"owner_id", "created_by_id", "search_text"}
_FURTHER = {
    "leads": ["kind", "status", "company_name"],
    "contacts": ["kind", "status", "company_id"],
    "accounts": [],
    "deals": ["stage_id", "currency", "closes_on", "closed_at", "company_id"],
}
_CLOSES_IN = timedelta(days=30)  # where the file says nothing


@dataclass(slots=True)
class Counts:
    """What became of a batch."""

    created: int = 0
    updated: int = 0
    skipped: int = 0


class Writer:
    """Writes batches of one run. Each call belongs in a transaction of its own; after one that
    failed another writer must be made, for this one remembers what it wrote."""

    def __init__(self, run: ImportRun, plan: Plan, known: Known) -> None:
        self._run, self._plan, self._known = run, plan, known
        self._on_match = run.options.get("on_match", FILL)
        self._tags = {fold(name): key for key, name in Tag.objects.values_list("pk", "name")}
        self._undo: list[tuple[int, str, int, dict[str, Any]]] = []  # as `ImportedRow` has it
        self._companies: dict[int, Company] = {}
        self._affected: set[int] = set()

    def write(self, drafts: Sequence[Draft]) -> Counts:
        """Write these rows; each is about another record."""
        self._undo, self._affected = [], set()
        found = {} if self._on_match == CREATE else self._known.find(drafts)
        new = [draft for draft in drafts if draft.number not in found]
        again = [(found[d.number], d) for d in drafts if d.number in found]
        self._make_companies(drafts if self._on_match in (FILL, UPDATE) else new)
        addresses = self._address_ids(new if self._on_match == SKIP else drafts)
        self._make(new, addresses)
        changed = 0
        while again and self._on_match != SKIP:
            first = dict(reversed(again))  # rows may find one record by different ways
            changed += self._change(first, addresses)
            again = [(key, draft) for key, draft in again if first[key] is not draft]
        names = ("run_id", "kind", "record_id", "before")
        made = [row for row in self._undo if not row[-1]]
        Inserter(ImportedRow, names[:-1]).insert(row[:-1] for row in made)
        Inserter(ImportedRow, names).insert(row for row in self._undo if row[-1])
        announce(self._affected, "import")
        return Counts(len(new), changed, len(drafts) - len(new) - changed)

    def _remember(self, key: int, kind: str = "", before: Mapping[str, Any] | None = None) -> None:
        self._undo.append((self._run.pk, kind, key, dict(before or {})))

    def _make_companies(self, drafts: Iterable[Draft]) -> None:
        """Accounts that contacts and deals name and nobody made yet."""
        if self._plan.module not in ("contacts", "deals"):
            return
        missing: dict[str, Company] = {}
        for draft in drafts:
            if draft.company and self._known.company(draft.company) is None:
                company = Company(name=draft.company, owner_id=self._run.user_id)
                missing.setdefault(fold(squeeze(draft.company)), company)
        for company in missing.values():
            company.created_by_id = self._run.user_id
            company.search_text = company.indexed_text()
        for company in Company.objects.bulk_create(missing.values(), batch_size=_AT_ONCE):
            self._known.made_company(company)
            self._remember(company.pk, "company")

    def _company(self, draft: Draft) -> Company | None:
        found = self._known.company(draft.company) if draft.company else None
        if not found:
            return None
        key, name = found
        if key not in self._companies:
            self._companies[key] = Company(pk=key, name=name)
        return self._companies[key]

    def _address_ids(self, drafts: Iterable[Draft]) -> dict[str, int]:
        """The rows of all their addresses. Mail can only be there of those known before."""
        wanted = sorted({a for d in drafts for a in (*d.addresses, *d.contacts)})
        found: dict[str, int] = {}
        for part in _parts(wanted):
            rows = EmailAddress.objects.filter(address__in=part).values_list("address", "pk")
            found |= dict(rows)
        self._known_addresses = set(found.values())
        missing = [address for address in wanted if address not in found]
        erased = book.suppressed(missing) if missing else {}
        names = ("address", "domain", "erased_at")
        new = Inserter(EmailAddress, names, on_conflict="ON CONFLICT DO NOTHING")
        new.insert((a, a.rpartition("@")[2], erased.get(a)) for a in missing)
        for part in _parts(missing):
            rows = EmailAddress.objects.filter(address__in=part).values_list("address", "pk")
            found |= dict(rows)
        return found

    def _make(self, drafts: Sequence[Draft], addresses: Mapping[str, int]) -> None:
        pairs = [(self._new(draft), draft) for draft in drafts]
        names = sorted({name for draft in drafts for name in draft.values} - {"stage"} | _ALWAYS)
        names += _FURTHER[self._plan.module]
        names += ["custom"] if any(draft.custom for draft in drafts) else []
        names = list(dict.fromkeys(names))
        rows = ([getattr(record, name) for name in names] for record, _draft in pairs)
        keys = Inserter(_model(self._plan.module), names).keys(rows)
        for key, (record, _draft) in zip(keys, pairs, strict=True):
            record.pk = key
        for record, draft in pairs:
            self._known.made(draft, record.pk)
            self._remember(record.pk)
        self._link({record.pk: draft.addresses for record, draft in pairs}, addresses, primary=True)
        self._put_tags({record.pk: draft.tags for record, draft in pairs})
        if self._plan.module == "deals":
            self._put_contacts(pairs, addresses)
        elif self._plan.module != "accounts":
            phones = [PersonPhone(person=p, number=n) for p, d in pairs for n in d.phones]
            PersonPhone.objects.bulk_create(phones, batch_size=_AT_ONCE)
        self._opt_out(drafts, addresses)

    def _new(self, draft: Draft) -> Any:
        record = _model(self._plan.module)(
            **{"owner_id": self._run.user_id, **draft.values},
            created_by_id=self._run.user_id,
            custom=draft.custom,
        )
        company = self._company(draft)
        if isinstance(record, Person):
            record.kind = _KINDS[self._plan.module]
            record.company = company
            if record.kind == Person.Kind.LEAD:
                record.company_name = draft.company
            else:
                record.status = ""
        elif isinstance(record, Deal):
            record.company = company
            self._complete_deal(record, draft)
        record.search_text = record.indexed_text()
        return record

    def _complete_deal(self, deal: Deal, draft: Draft) -> None:
        if "stage" not in draft.values:
            assert self._plan.directory.first_stage is not None  # else the row is refused
            deal.stage = self._plan.directory.first_stage
        if "currency" not in draft.values:
            deal.currency = self._plan.directory.currency
        if "closes_on" not in draft.values:
            deal.closes_on = timezone.localdate() + _CLOSES_IN
        deal.closed_at = None if deal.stage.kind == Stage.Kind.OPEN else _closed_at(deal.closes_on)

    def _link(
        self, wanted: Mapping[int, Collection[str]], addresses: Mapping[str, int], *, primary: bool
    ) -> list[tuple[int, int, bool]]:
        """Give each record its addresses; the first one is its primary one, if `primary`."""
        if self._plan.module == "deals":
            return []
        model: Any = CompanyAddress if self._plan.module == "accounts" else PersonAddress
        column = "company_id" if self._plan.module == "accounts" else "person_id"
        links = []
        for key, texts in wanted.items():
            for n, address_id in enumerate(dict.fromkeys(addresses[text] for text in texts)):
                links.append((key, address_id, primary and n == 0))
                if address_id in self._known_addresses:
                    self._affected.add(address_id)
        Inserter(model, (column, "address_id", "is_primary")).insert(links)
        return links

    def _put_contacts(
        self, pairs: Sequence[tuple[Any, Draft]], addresses: Mapping[str, int]
    ) -> None:
        """Those of a deal's contacts that there are: the first one is its primary contact."""
        wanted = {addresses[a] for _deal, draft in pairs for a in draft.contacts}
        links = PersonAddress.objects.filter(
            address__in=wanted,
            person__deleted_at=None,
            person__converted_at=None,
            person__kind=Person.Kind.CONTACT,
        ).order_by("-pk")
        owners = dict(links.values_list("address_id", "person_id"))
        parts = []
        for deal, draft in pairs:
            ids = [addresses[a] for a in draft.contacts]
            people = dict.fromkeys(owners[one] for one in ids if one in owners)
            parts += [
                DealContact(deal=deal, person_id=key, is_primary=n == 0)
                for n, key in enumerate(people)
            ]
        DealContact.objects.bulk_create(parts, batch_size=_AT_ONCE)
        links = PersonAddress.objects.filter(person__in={part.person_id for part in parts})
        self._affected |= set(links.values_list("address_id", flat=True))

    def _put_tags(self, wanted: Mapping[int, Collection[str]]) -> dict[int, list[int]]:
        """Tag the records; returns the tags by record. Tags there are not yet are made."""
        for name in {n for names in wanted.values() for n in names}:
            if fold(name) not in self._tags:
                tag = Tag.objects.filter(name__iexact=name).first()
                tag = tag or Tag.objects.create(name=name, hue=hue(name))
                self._tags[fold(name)] = tag.pk
        model = _model(self._plan.module)
        column = f"{model.tags.field.m2m_field_name()}_id"
        given = {key: [self._tags[fold(n)] for n in names] for key, names in wanted.items()}
        through = model.tags.through
        rows = ((key, tag) for key, tags in given.items() for tag in tags)
        once = Inserter(through, (column, "tag_id"), on_conflict="ON CONFLICT DO NOTHING")
        once.insert(rows)
        return given

    def _opt_out(self, drafts: Iterable[Draft], addresses: Mapping[str, int]) -> None:
        """Who refuses is not written to in bulk any more. Nobody is opted in: a refusal wins."""
        wanted = {addresses[a] for d in drafts if d.is_opted_out for a in d.addresses}
        if not wanted:
            return
        rows = EmailAddress.objects.filter(pk__in=wanted, opted_out_at=None)
        for key in list(rows.values_list("pk", flat=True)):
            self._remember(key, "opt_out")
        rows.update(opted_out_at=clock.now())

    def _change(self, again: Mapping[int, Draft], addresses: Mapping[str, int]) -> int:
        """Fill or change records there are; those that said all of it already are not counted."""
        if not again:
            return 0
        model = _model(self._plan.module)
        related = ["owner", "team", "company"] if model is not Company else ["owner", "team"]
        rows = model.objects.select_related(*related, *(["stage"] if model is Deal else []))
        records = {row.pk: row for row in rows.filter(pk__in=again)}
        before = {key: history.of(record) for key, record in records.items()}
        undo = {key: self._apply(record, again[key]) for key, record in records.items()}
        self._add_addresses(again, addresses, undo)
        self._add_tags(again, undo)
        fields = {name for changes in undo.values() for name in changes.get("set", {})}
        changed = {key: records[key] for key, changes in undo.items() if changes}
        now = clock.now()
        for record in changed.values():
            record.updated_at, record.search_text = now, record.indexed_text()
        names = {name.removesuffix("_id") for name in fields} | {"updated_at", "search_text"}
        model.objects.bulk_update(changed.values(), names, batch_size=100)
        entity = history.ENTITIES[model]
        after = {key: (before[key], history.of(record)) for key, record in changed.items()}
        history.record_many(self._run.user, entity, after)
        for key in changed:
            self._remember(key, "", undo[key])
        self._opt_out(again.values(), addresses)
        return len(changed)

    def _apply(self, record: Any, draft: Draft) -> dict[str, Any]:
        """Put the row's values into the record, not saved; what it said before, for undoing."""
        changes: dict[str, list[Any]] = {}
        values = {k: v for k, v in draft.values.items() if k not in _NEVER_CHANGED}
        if stage := values.pop("stage", None):
            values["stage_id"] = stage.pk
        if draft.company and isinstance(record, Person) and record.kind == Person.Kind.LEAD:
            values["company_name"] = draft.company
        elif draft.company and (company := self._company(draft)):
            values["company_id"] = company.pk
        if isinstance(record, Person) and record.kind == Person.Kind.CONTACT:
            values.pop("status", None)
        if record.custom or draft.custom:
            values["custom"] = self._custom(record, draft)
        for name, value in values.items():
            was = getattr(record, name)
            fills = was in (None, "", {}) or name == "custom"
            if was != value and (fills or self._on_match == UPDATE):
                changes[name] = [plain(was), plain(value)]
                setattr(record, name, value)
        if isinstance(record, Deal) and "stage_id" in changes:
            was = record.closed_at
            is_open = record.stage.kind == Stage.Kind.OPEN
            record.closed_at = None if is_open else was or _closed_at(record.closes_on)
            changes["closed_at"] = [plain(was), plain(record.closed_at)]
            links = PersonAddress.objects.filter(person__deals=record)
            self._affected |= set(links.values_list("address_id", flat=True))
        return {"set": changes} if changes else {}

    def _custom(self, record: Any, draft: Draft) -> dict[str, Any]:
        if self._on_match == UPDATE:
            return {**record.custom, **draft.custom}
        return {**draft.custom, **record.custom}

    def _add_addresses(
        self, again: Mapping[int, Draft], addresses: Mapping[str, int], undo: dict[int, Any]
    ) -> None:
        """Addresses and numbers a record has not yet are always added: nothing is lost by it."""
        if self._plan.module == "deals":
            return
        is_company = self._plan.module == "accounts"
        model: Any = CompanyAddress if is_company else PersonAddress
        column = "company_id" if is_company else "person_id"
        had: dict[int, set[int]] = {key: set() for key in undo}
        rows = model.objects.filter(**{f"{column}__in": list(undo)})
        for key, address_id in rows.values_list(column, "address_id"):
            had[key].add(address_id)
        bare = {key for key, ids in had.items() if not ids}
        wanted = {
            key: [a for a in again[key].addresses if addresses[a] not in ids]
            for key, ids in had.items()
        }
        links = [
            *self._link({k: v for k, v in wanted.items() if k in bare}, addresses, primary=True),
            *self._link(
                {k: v for k, v in wanted.items() if k not in bare}, addresses, primary=False
            ),
        ]
        for key, address_id, _first in links:
            undo[key].setdefault("addresses", []).append(address_id)
        if not is_company:
            self._add_phones(again, undo)

    def _add_phones(self, again: Mapping[int, Draft], undo: dict[int, Any]) -> None:
        if not any(draft.phones for draft in again.values()):
            return
        rows = PersonPhone.objects.filter(person__in=list(undo))
        had = {(key, _digits(number)) for key, number in rows.values_list("person_id", "number")}
        phones = [
            PersonPhone(person_id=key, number=number)
            for key in undo
            for number in again[key].phones
            if (key, _digits(number)) not in had
        ]
        for phone in PersonPhone.objects.bulk_create(phones, batch_size=_AT_ONCE):
            undo[phone.person_id].setdefault("phones", []).append(phone.pk)

    def _add_tags(self, again: Mapping[int, Draft], undo: dict[int, Any]) -> None:
        tagged = {key: again[key].tags for key in undo if again[key].tags}
        if not tagged:
            return
        model = _model(self._plan.module)
        column = f"{model.tags.field.m2m_field_name()}_id"
        rows = model.tags.through.objects.filter(**{f"{column}__in": list(tagged)})
        had = set(rows.values_list(column, "tag_id"))
        for key, tags in self._put_tags(tagged).items():
            if new := [tag for tag in tags if (key, tag) not in had]:
                undo[key]["tags"] = new


def plain(value: Any) -> Any:
    """A value as JSON keeps it; the model's field reads it back."""
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, date | datetime) else value


def _model(module: str) -> Any:
    from relance.crm.importing_fields import MODELS

    return MODELS[module]


def _parts(several: Sequence[str]) -> Iterable[Sequence[str]]:
    return (several[n : n + _AT_ONCE] for n in range(0, len(several), _AT_ONCE))


def _digits(number: str) -> str:
    return "".join(c for c in number if c.isdecimal())[-9:]


def _closed_at(day: date) -> datetime:
    """When a deal that was won or lost before was closed: at noon of its day, or now."""
    noon = timezone.make_aware(datetime.combine(day, time(12)))
    return min(noon, clock.now())
