"""The demo's rows: its users and their mailboxes, and what they know of their customers."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from relance.addresses import book
from relance.crm.models import Company, Deal, DealContact, Person, PersonAddress, Stage
from relance.demo import (
    agenda,
    almanac,
    cases,
    custom,
    deals,
    desk,
    details,
    maildir,
    money,
    sales,
    twins,
)
from relance.demo.cast import CAMILLE, HUGO, LEADS, PEOPLE, SOPHIE, SOPHIES, Character
from relance.mail import accounts
from relance.mail.models import MailAccount
from relance.users.models import Organisation, User

_STAFF = {
    CAMILLE: User.Role.MEMBER,
    SOPHIE: User.Role.ADMIN,
    HUGO: User.Role.MEMBER,
}
_SOURCES = ("Salon de Lyon", "Site web", "Recommandation", "Appel entrant")
_LEAD_STATUS = (Person.Status.NEW, Person.Status.IN_PROCESS, Person.Status.ASSIGNED)
_ZONES = {"GB": "Europe/London", "DE": "Europe/Berlin", "ES": "Europe/Madrid"}
_HOST = "127.0.0.1"


@dataclass(slots=True)
class _Ledger:
    """What has been written, by name."""

    now: datetime
    users: dict[str, User]
    firms: dict[str, Company]
    people: dict[str, Person]

    def owner(self, name: str) -> User:
        """Who looks after that company."""
        return self.users["Sophie" if name in SOPHIES else "Camille"]

    def since(self, name: str, days: int) -> datetime:
        """An instant some `days` ago, another for each name."""
        return self.now - timedelta(days=days, minutes=zlib.crc32(name.encode()) % 50_000)


def write(now: datetime) -> None:
    """All rows. To be called in a transaction, on a database without an organisation."""
    Organisation.objects.create(name="Clarté", is_demo=True, fetch_interval=1)
    ledger = _Ledger(now, {c.first: _user(c, role) for c, role in _STAFF.items()}, {}, {})
    for person in PEOPLE:
        if person not in LEADS and person.firm.name not in ledger.firms:
            ledger.firms[person.firm.name] = _company(ledger, person)
        ledger.people[person.name] = _person(ledger, person)
    stages = list(Stage.objects.order_by("position", "pk"))
    for row in deals.DEALS:
        _deal(ledger, row, stages[row.stage])
    money.write()
    details.write(ledger.users, ledger.people, now)
    twins.write(ledger.users, ledger.people, now)
    for character in _STAFF:
        _mailbox(ledger.users[character.first], character)
    desk.set_out(ledger.users, now)
    agenda.write(ledger.users[CAMILLE.first], ledger.people, now)
    cases.write(ledger.people, now)
    custom.write(now.date())
    sales.write(now)


def _user(person: Character, role: str) -> User:
    return User.objects.create_user(
        person.address,
        first_name=person.first,
        last_name=person.last,
        title=person.title,
        phone=person.phone,
        role=role,
    )


def _company(ledger: _Ledger, person: Character) -> Company:
    firm, owner = person.firm, ledger.owner(person.firm.name)
    return Company.objects.create(
        owner=owner,
        created_by=owner,
        created_at=ledger.since(firm.name, 320),
        name=firm.name,
        domain=firm.domain,
        website=f"https://www.{firm.domain}",
        phone=person.phone,
        city=firm.city,
        country=firm.country,
    )


def _person(ledger: _Ledger, character: Character) -> Person:
    firm, owner = character.firm, ledger.owner(character.firm.name)
    seed = zlib.crc32(character.name.encode())
    person = Person(
        owner=owner,
        created_by=owner,
        created_at=ledger.since(character.name, 40 if character in LEADS else 310),
        kind=character.kind,
        first_name=character.first,
        last_name=character.last,
        title=character.title,
        phone=character.phone,
        city=firm.city,
        country=firm.country,
        time_zone=_ZONES.get(firm.country, almanac.ZONE.key),
        source=_SOURCES[seed % len(_SOURCES)],
    )
    if character.kind == Person.Kind.LEAD:
        person.company_name, person.status = firm.name, _LEAD_STATUS[seed % len(_LEAD_STATUS)]
    else:
        person.company = ledger.firms[firm.name]
    person.save()
    PersonAddress.objects.create(
        person=person, address=book.row_for(character.address), is_primary=True
    )
    return person


def _deal(ledger: _Ledger, row: deals.Row, stage: Stage) -> None:
    people = [ledger.people[name] for name in row.people]
    first = people[0]
    closes = ledger.now + timedelta(days=row.days)
    is_open = stage.kind == Stage.Kind.OPEN
    deal = Deal.objects.create(
        owner=first.owner,
        created_by=first.owner,
        created_at=ledger.since(row.name, 12) if is_open else closes - timedelta(days=45),
        name=row.name,
        amount=row.amount,
        currency=row.currency,
        stage=stage,
        closes_on=almanac.workday(closes.astimezone(almanac.ZONE).date(), 0),
        closed_at=None if is_open else closes,
        company=first.company,
    )
    for number, person in enumerate(people):
        DealContact.objects.create(deal=deal, person=person, is_primary=number == 0)


def _mailbox(owner: User, person: Character) -> None:
    accounts.connect(
        owner,
        accounts.Settings(
            address=person.address,
            sender_name=person.name,
            imap_host=_HOST,
            imap_port=1,  # the server says which, each time it starts
            imap_security="none",
            imap_username=person.address,
            imap_password=maildir.PASSWORDS[person.address],
            smtp_host=_HOST,
            smtp_port=1,
            smtp_security="none",
            sharing=MailAccount.Sharing.PRIVATE,
            excluded_domains=("clarte.example",),
        ),
    )
