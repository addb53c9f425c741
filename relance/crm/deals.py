"""Deals: made, moved along their stages, deleted, and who takes part in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from relance import journal
from relance.crm import history, people
from relance.crm.models import Deal, DealContact, Person, Stage
from relance.crm.signals import announce
from relance.journal.models import Entry
from relance.lib import clock
from relance.users.models import User


@dataclass(frozen=True, slots=True)
class Part:
    """A person's part in a deal. The first part of a list is the primary contact's."""

    person: Person
    role: str = ""


@transaction.atomic
def create_deal(actor: User, deal: Deal, *, parts: Sequence[Part] = ()) -> Deal:
    """Save a new deal with the people who take part in it.

    A lead among them becomes a contact, its company an account (a lead has no deal). A deal without
    a company gets that of its primary contact. Without an owner it is the actor's.
    """
    if not deal.owner_id:
        deal.owner = actor
    deal.created_by = actor
    deal.closed_at = None if deal.stage.kind == Stage.Kind.OPEN else clock.now()
    _qualify(actor, parts)
    if deal.company is None and parts:
        deal.company = parts[0].person.company
    deal.save()
    _link(deal, parts)
    announce(_addresses(deal), "deal_created")
    return deal


@transaction.atomic
def edit(actor: User, deal: Deal, *, parts: Sequence[Part] | None = None) -> Deal:
    """Save a changed deal; `parts`, when given, replaces who takes part in it."""
    was = Stage.objects.get(deal=deal.pk)
    before = history.stored(deal)
    _date_closing(deal, was)
    deal.save()
    history.record(actor, "deal", deal, before, history.of(deal))
    if parts is not None:
        set_contacts(actor, deal, parts)
    if was.kind != deal.stage.kind:
        announce(_addresses(deal), "deal_stage")
    return deal


@transaction.atomic
def set_contacts(actor: User, deal: Deal, parts: Sequence[Part]) -> None:
    """Make `parts` the people of the deal, the first one its primary contact."""
    before, named = _addresses(deal), _named(deal)
    _qualify(actor, parts)
    _link(deal, parts)
    history.record(actor, "deal", deal, {"people": named}, {"people": _named(deal)})
    announce({*before, *_addresses(deal)}, "deal_contacts")


@transaction.atomic
def move_to_stage(actor: User, deal: Deal, stage: Stage, *, reason: str = "") -> Entry:
    """Move a deal to another stage; won and lost close it, a lost one with its reason.

    The entry undoes it.
    """
    was, closed_at, lost_reason = deal.stage, deal.closed_at, deal.lost_reason
    before = history.of(deal)
    deal.stage = stage
    deal.lost_reason = reason[:200] if stage.kind == Stage.Kind.LOST else ""
    _date_closing(deal, was)
    deal.save(update_fields=["stage", "closed_at", "lost_reason"])
    history.record(actor, "deal", deal, before, history.of(deal))
    announce(_addresses(deal), "deal_stage")
    return journal.record(
        actor,
        "crm.deal.stage",
        {"name": deal.name, "kind": stage.kind, "stage": stage.pk},
        {
            "id": deal.pk,
            "stage": was.pk,
            "closed_at": closed_at.isoformat() if closed_at else None,
            "lost_reason": lost_reason,
        },
    )


@transaction.atomic
def delete(actor: User, deal: Deal) -> Entry:
    """Delete a deal softly; the entry undoes it."""
    deal.deleted_at = clock.now()
    deal.save(update_fields=["deleted_at"])
    history.note(actor, "deal", deal, history.DELETED)
    announce(_addresses(deal), "deal_deleted")
    return journal.record(actor, "crm.deal.delete", {"name": deal.name}, {"id": deal.pk})


@transaction.atomic
def restore(deal: Deal, *, actor: User | None = None) -> None:
    """Bring a deleted deal back."""
    deal.deleted_at = None
    deal.save(update_fields=["deleted_at"])
    history.note(actor, "deal", deal, history.RESTORED)
    announce(_addresses(deal), "deal_restored")


def _date_closing(deal: Deal, was: Stage) -> None:
    if deal.stage.kind == Stage.Kind.OPEN:
        deal.closed_at = None
    elif deal.stage.kind != was.kind or deal.closed_at is None:
        deal.closed_at = clock.now()


def _qualify(actor: User, parts: Sequence[Part]) -> None:
    for part in parts:
        people.convert(actor, part.person, Person.Kind.CONTACT)


def _link(deal: Deal, parts: Sequence[Part]) -> None:
    """Make the deal's contacts exactly `parts`, each person once."""
    deal.contacts.all().delete()
    once = {part.person.pk: part for part in reversed(parts)}
    kept = [part for part in parts if once[part.person.pk] is part]
    DealContact.objects.bulk_create(
        [
            DealContact(deal=deal, person=p.person, role=p.role[:60], is_primary=n == 0)
            for n, p in enumerate(kept)
        ]
    )


def _addresses(deal: Deal) -> list[int]:
    return people.address_ids(*deal.contacts.values_list("person_id", flat=True))


def _named(deal: Deal) -> str:
    """Who takes part, as the history says it: "Éloïse Garnier, Bruno Astier (technician)"."""
    parts = deal.contacts.select_related("person")
    return ", ".join(f"{p.person.name} ({p.role})" if p.role else p.person.name for p in parts)
