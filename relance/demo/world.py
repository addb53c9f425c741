"""Building the demo world: people and deals in the CRM, mail in the folders of its server."""

from __future__ import annotations

import itertools
import json
import socket
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction

from relance.addresses import book
from relance.crm.models import Company, Deal, DealContact, Person, PersonAddress, Stage
from relance.demo import history, maildir, story
from relance.demo.cast import (
    CAMILLE,
    CUSTOMERS,
    DEALS,
    FIRMS,
    HUGO,
    SECOND_CONTACTS,
    SOPHIE,
    Character,
)
from relance.demo.letters import Letter, as_bytes
from relance.lib import clock
from relance.mail import accounts
from relance.mail.models import MailAccount
from relance.users.models import Organisation, User

MAILS = 1_200
_IN_INBOX = timedelta(days=45)
_STAFF = {
    CAMILLE: User.Role.MEMBER,
    SOPHIE: User.Role.ADMIN,
    HUGO: User.Role.MEMBER,
}


def primary_email() -> str:
    """Whom the one-time link lets in."""
    return CAMILLE.address


def build(data: Path) -> None:
    """Make the world, once: a world that was built is left as it is."""
    marker = data / "demo.json"
    if marker.exists():
        return
    maildir.make(data)
    now = clock.now()
    _write_mail(data, now)
    with transaction.atomic():
        _write_records(now)
    marker.write_text(json.dumps({"imap": 0, "smtp": 0}))


def settle_ports(data: Path) -> tuple[int, int]:
    """(IMAP port, SMTP port): the ones of last time where they are free, else others; the
    mailboxes and the guard are told."""
    marker = data / "demo.json"
    kept = json.loads(marker.read_text())
    imap, smtp = _free(kept["imap"]), _free(kept["smtp"])
    while smtp == imap:
        smtp = _free(0)
    marker.write_text(json.dumps({"imap": imap, "smtp": smtp}))
    hosts = [f"127.0.0.1:{imap}", f"127.0.0.1:{smtp}"]
    Organisation.objects.update(allowed_hosts=hosts)
    MailAccount.objects.filter(imap_host="127.0.0.1").update(
        imap_port=imap, smtp_port=smtp, wanted_at=clock.now(), next_try_at=None, lease_until=None
    )
    return imap, smtp


def _free(port: int) -> int:
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(("127.0.0.1", port))
        except OSError:
            return _free(0)
        return int(trial.getsockname()[1])


def _write_mail(data: Path, now: datetime) -> None:
    """Twelve hundred mails, oldest first, so that the server numbers them so."""
    for letter in sorted(_letters(now), key=lambda one: one.at):
        raw = as_bytes(letter)
        for email, folder, flags in _places(letter, now):
            maildir.deliver(data, email, raw, folder=folder, flags=flags, at=letter.at)


def _letters(now: datetime) -> list[Letter]:
    letters = list(story.today(now))
    copies = sum(len(list(_places(letter, now))) for letter in letters)
    for conversation in history.conversations(now):
        more = sum(len(list(_places(letter, now))) for letter in conversation)
        if copies + more > MAILS:
            break
        letters += conversation
        copies += more
    return letters + _notes(now, MAILS - copies)


def _notes(now: datetime, count: int) -> list[Letter]:
    """Short internal notes that bring the world to its number of mails."""
    texts = ("Bien reçu, merci.", "Je m’en occupe.", "D’accord pour moi.", "On en parle demain.")
    return [
        Letter(
            HUGO,
            (SOPHIE,),
            f"Inventaire, allée {n + 1}",
            texts[n % 4],
            now - timedelta(days=60 + n),
        )
        for n in range(count // 2)
    ]


def _places(letter: Letter, now: datetime) -> Iterator[tuple[str, str, str]]:
    """(mailbox, folder, Maildir flags) of each copy of a letter."""
    if letter.sender.address in maildir.PASSWORDS:
        yield letter.sender.address, "Sent", "S"
    for person in (*letter.to, *letter.cc):
        if person.address in maildir.PASSWORDS:
            recent = letter.at > now - _IN_INBOX
            flags = "" if _is_unread(letter, now) else "S"
            yield person.address, "" if recent else "Archive", flags


def _is_unread(letter: Letter, now: datetime) -> bool:
    if letter.at < now - timedelta(days=2):
        return False
    return any(
        letter.sender.address == address and letter.subject.endswith(subject)
        for address, subject in story.unread_subjects()
    )


def _write_records(now: datetime) -> None:
    Organisation.objects.create(name="Clarté", is_demo=True, fetch_interval=1)
    users = {c.address: _user(c, role) for c, role in _STAFF.items()}
    camille = users[CAMILLE.address]
    stages = list(Stage.objects.order_by("position", "pk"))
    firms = {
        f.name: Company.objects.create(
            owner=camille, name=f.name, domain=f.domain, city=f.city, country=f.country
        )
        for f in FIRMS
    }
    people = {
        c.name: _person(c, firms[c.firm.name], camille, now)
        for c in itertools.chain(CUSTOMERS, SECOND_CONTACTS)
    }
    for row in DEALS:
        _deal(row, people, stages, now)
    for person, role in _STAFF.items():
        del role
        _mailbox(users[person.address], person)


def _user(person: Character, role: str) -> User:
    return User.objects.create_user(
        person.address,
        first_name=person.first,
        last_name=person.last,
        title=person.title,
        role=role,
    )


def _person(character: Character, firm: Company, owner: User, now: datetime) -> Person:
    person = Person(
        owner=owner,
        created_by=owner,
        kind=character.kind,
        first_name=character.first,
        last_name=character.last,
        title=character.title,
        phone=character.phone,
        city=firm.city,
        country=firm.country,
        created_at=now - timedelta(days=300),
    )
    if character.kind == Person.Kind.CONTACT:
        person.company = firm
    else:
        person.company_name, person.source = firm.name, "Salon de Lyon"
    person.save()
    address = book.row_for(character.address)
    PersonAddress.objects.create(person=person, address=address, is_primary=True)
    return person


def _deal(
    row: tuple[str, int | None, str, int, int, tuple[str, ...]],
    people: dict[str, Person],
    stages: list[Stage],
    now: datetime,
) -> None:
    name, amount, currency, position, days, names = row
    stage = stages[position]
    first = people[names[0]]
    deal = Deal.objects.create(
        owner=first.owner,
        created_by=first.owner,
        name=name,
        amount=amount,
        currency=currency,
        stage=stage,
        closes_on=(now + timedelta(days=days)).date(),
        closed_at=None if stage.kind == Stage.Kind.OPEN else now + timedelta(days=days),
        company=first.company,
    )
    for number, one in enumerate(names):
        DealContact.objects.create(deal=deal, person=people[one], is_primary=number == 0)


def _mailbox(owner: User, person: Character) -> None:
    password = maildir.PASSWORDS[person.address]
    accounts.connect(
        owner,
        accounts.Settings(
            address=person.address,
            sender_name=person.name,
            imap_host="127.0.0.1",
            imap_port=1,
            imap_security="none",
            imap_username=person.address,
            imap_password=password,
            smtp_host="127.0.0.1",
            smtp_port=1,
            smtp_security="none",
            sharing=MailAccount.Sharing.PRIVATE,
            excluded_domains=("clarte.example",),
        ),
    )
