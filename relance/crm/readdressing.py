"""One address of a person written over by another (REC-15, D8)."""

from __future__ import annotations

from django.db import transaction

from relance import journal
from relance.addresses import book
from relance.crm import people
from relance.crm.models import Person
from relance.journal.models import Entry
from relance.users.models import User

REPLACED = "crm.person.readdress"


@transaction.atomic
def replace_address(
    actor: User, person: Person, address_id: int, new: str, *, keep_old: bool = True
) -> Entry:
    """Put `new` in the place of that address; the old one stays as a secondary one, or leaves the
    person with its mail. The entry undoes it. Raises `people.NotAnAddress`."""
    links = list(person.address_links.select_related("address"))
    before = [link.address.address for link in links]
    old = next((link.address.address for link in links if link.address_id == address_id), "")
    wanted = [new if address == old else address for address in before]
    if not old:
        wanted = [*before, new]
    elif keep_old and book.normalise(new) != old:
        wanted.append(old)
    people.set_addresses(person, wanted, actor=actor)
    params = {"name": person.name, "address": book.normalise(new)}
    return journal.record(actor, REPLACED, params, {"id": person.pk, "before": before})


def register() -> None:
    """Tell the journal how to undo what this module does."""
    journal.register_undo(REPLACED, _put_back)


def _put_back(entry: Entry) -> None:
    person = Person.objects.get(pk=entry.payload["id"])
    people.set_addresses(person, entry.payload["before"], actor=entry.user)
