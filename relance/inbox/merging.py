"""The values placeholders stand for, limited to what whoever writes may read.

`{Deal.…}` without a deal chosen is, of the open deals of the person (or else of the account the
mail is about), the one that closes first; when two close on one day, the older one.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any, TypeVar

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal
from django.db.models import QuerySet
from django.utils import translation
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from relance.criteria import fields, rows
from relance.criteria.fields import Field, Kind
from relance.crm import access
from relance.crm.models import Company, Deal, Person, Stage
from relance.crm.models.records import Record
from relance.users.models import Organisation, User
from relance.writing import photos, signatures
from relance.writing.merge import Values

R = TypeVar("R", bound=Record)
ENTITIES = ("Person", "Account", "Deal", "User", "Organisation")
"""What a mail may name, in the order of the menu."""


def values(
    viewer: User,
    *,
    person: Person | None = None,
    company: Company | None = None,
    deal: Deal | None = None,
    language: str = "",
) -> Values:
    """What `writing.merge` asks: the value of an entity's field for these records, None when it
    is empty, unknown, or of a record `viewer` may not read.

    Amounts, dates and names are written in `language`, else in the viewer's. Records are looked
    up when first asked for. `{User.signature}` has a value with `with_signature` alone.
    """
    return _Values(_Records(viewer, person, company, deal), language or viewer.language).value


def with_signature(others: Values, signature: SafeString) -> Values:
    """`others`, and `signature` (of `writing.signatures.html_for`) for `{User.signature}`."""

    def value(entity: str, name: str) -> str | None:
        if f"{entity}.{name}" == signatures.CODE:
            return signature
        return others(entity, name)

    return value


def entries(viewer: User) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """The menu of short codes: (entity, label, [(code, label)]), in the active language."""
    return [
        (
            entity.name,
            str(entity.label),
            [(field.code, str(field.label)) for field in fields.fields_of(entity.name)],
        )
        for entity in map(fields.entity_of, ENTITIES)
        if viewer.is_active
    ]


def deal_meant(viewer: User, person: Person | None, company: Company | None) -> Deal | None:
    """Which deal a mail to them is about: the open one that closes first, the person's own
    before the account's."""
    open_deals = access.deals_for(viewer).filter(stage__kind=Stage.Kind.OPEN)
    ordered = open_deals.select_related("stage", "company").order_by("closes_on", "pk")
    if person is not None:
        return ordered.filter(people=person).first()
    return ordered.filter(company=company).first() if company is not None else None


class _Records:
    """The records a mail is about, as far as `viewer` may read them."""

    def __init__(
        self, viewer: User, person: Person | None, company: Company | None, deal: Deal | None
    ) -> None:
        self.viewer = viewer
        self._person, self._company, self._deal = person, company, deal

    @cached_property
    def person(self) -> Person | None:
        return _readable(access.people_for(self.viewer).select_related("company"), self._person)

    @cached_property
    def company(self) -> Company | None:
        """The one given, or the person's, or that of the deal given."""
        company = self._company
        if company is None and self.person is not None:
            company = self.person.company
        if company is None and self._deal is not None and self.deal is not None:
            company = self.deal.company
        return self.readable_company(company)

    def readable_company(self, company: Company | None) -> Company | None:
        return _readable(access.companies_for(self.viewer), company)

    @cached_property
    def deal(self) -> Deal | None:
        if self._deal is not None:
            deals = access.deals_for(self.viewer).select_related("stage", "company")
            return _readable(deals, self._deal)
        return deal_meant(self.viewer, self.person, self._company)

    @cached_property
    def organisation(self) -> Organisation | None:
        return Organisation.current()


class _Values:
    """The values of those records' fields, written in one language."""

    def __init__(self, records: _Records, language: str) -> None:
        self.records = records
        self.language = "fr" if language.startswith("fr") else "en"

    def value(self, entity: str, name: str) -> str | None:
        field = fields.find(entity, name)
        if field is None:
            return None
        special = self._special.get(field.code)
        if special is not None:
            return special() or None
        with translation.override(self.language):
            record = self._record(field.entity)
            if record is not None and field.values and not field.attribute:
                return self._worked_out(record, field)
            return self._written(field, _follow(record, field.attribute))

    def _record(self, entity: str) -> object | None:
        found: dict[str, Callable[[], object | None]] = {
            "Person": lambda: self.records.person,
            "Account": lambda: self.records.company,
            "Deal": lambda: self.records.deal,
            "User": lambda: self.records.viewer,
            "Organisation": lambda: self.records.organisation,
        }
        return found[entity]() if entity in found else None

    @cached_property
    def _special(self) -> dict[str, Callable[[], str | None]]:
        return {
            "Person.emailAddress": self._person_address,
            "Account.name": self._account_name,
            "Account.address": self._account_address,
            "Person.accountName": self._organisation_of_person,
            "Deal.accountName": self._account_of_deal,
            "User.photo": lambda: photos.html(self.records.viewer),
        }

    def _person_address(self) -> str | None:
        person = self.records.person
        link = person.address_links.select_related("address").first() if person else None
        return link.address.address if link else None

    def _account_name(self) -> str | None:
        if self.records.company is not None:
            return self.records.company.name
        return self.records.person.company_name if self.records.person else None

    def _organisation_of_person(self) -> str | None:
        person = self.records.person
        company = self.records.readable_company(person.company if person else None)
        return company.name if company else (person.company_name if person else None)

    def _account_of_deal(self) -> str | None:
        deal = self.records.deal
        company = self.records.readable_company(deal.company if deal else None)
        return company.name if company else None

    def _account_address(self) -> str | None:
        company = self.records.company
        if company is None:
            return None
        town = f"{company.postcode} {company.city}".strip()
        lines = (company.street, town, _country(company.country, self.language))
        return "\n".join(line for line in lines if line)

    def _worked_out(self, record: object, field: Field) -> str | None:
        """What a field that no attribute holds says: the administrator's fields, tags, a team."""
        labels = dict(field.choices()) if field.choices else {}
        values = rows.values_of(record, field)
        if field.target == "User":
            found = User.objects.filter(pk__in=values)
            labels = {str(user.pk): user.name for user in found}
            values = [value for value in values if str(value) in labels]
        held = fields.find(field.entity, field.currency) if field.currency else None
        currency = next(iter(rows.values_of(record, held)), "") if held else ""
        words = [_word(v, labels, str(currency), self.language) for v in values]
        return ", ".join(words) or None

    def _written(self, field: Field, found: object) -> str | None:
        if found in (None, ""):
            return None
        if isinstance(found, Decimal):
            deal = self.records.deal
            return _money(found, deal.currency if deal else "", self.language)
        if isinstance(found, date):
            return _day(found, self.language)
        if field.kind is Kind.COUNTRY:
            return _country(str(found), self.language)
        return str(found)


def _readable(records: QuerySet[R], record: R | None) -> R | None:
    return records.filter(pk=record.pk).first() if record is not None else None


def _follow(record: object | None, attribute: str) -> object:
    """What the dotted `attribute` of a record holds, in words where it is a choice."""
    for step in attribute.split(".") if attribute else ():
        if record is None:
            return None
        in_words = getattr(record, f"get_{step}_display", None)
        record = in_words() if in_words else getattr(record, step)
    return record if attribute else None


def _word(value: object, labels: dict[str, Any], currency: str, language: str) -> str:
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, Decimal):
        return _money(value, currency, language)
    if isinstance(value, date):
        return _day(value, language)
    return str(labels.get(str(value), value))


def _locale(language: str) -> Locale:
    return Locale("fr", "FR") if language == "fr" else Locale("en", "GB")


def _money(amount: Decimal, currency: str, language: str) -> str:
    """48 000 € in French, €48,000 in English; cents only when there are some."""
    if not currency:
        return format_decimal(amount, locale=_locale(language))
    digits = "#,##0.00" if amount % 1 else "#,##0"
    pattern = f"{digits}\u00a0¤" if language == "fr" else f"¤{digits}"
    return format_currency(
        amount, currency, format=pattern, locale=_locale(language), currency_digits=False
    )


def _day(on: date, language: str) -> str:
    """27 novembre 2026; the first of a month is "1er" in French."""
    written = format_date(on, "d MMMM y", locale=_locale(language))
    return f"1er{written[1:]}" if language == "fr" and on.day == 1 else written


def _country(code: str, language: str) -> str:
    return str(_locale(language).territories.get(code.upper(), code)) if code else ""
