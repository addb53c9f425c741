"""How the acts of the CRM are undone."""

from __future__ import annotations

from datetime import datetime

from relance import journal
from relance.crm import (
    activities,
    bulk,
    companies,
    deals,
    edits,
    history,
    importing_undo,
    jobs,
    merging,
    people,
)
from relance.crm.models import Company, Deal, Person, Stage
from relance.crm.signals import announce
from relance.journal.models import Entry


def register() -> None:
    """Tell the journal; called when the application is ready."""
    bulk.register()
    edits.register()
    journal.register_undo("crm.person.delete", _restore_person)
    journal.register_undo("crm.person.merge", merging.unmerge)
    journal.register_undo("crm.company.delete", _restore_company)
    journal.register_undo("crm.deal.delete", _restore_deal)
    journal.register_undo("crm.deal.stage", _move_back)
    journal.register_undo("crm.import", _undo_import)
    journal.register_undo("crm.activity.delete", activities.restore)
    journal.register_undo("crm.activity.status", activities.status_back)


def _restore_person(entry: Entry) -> None:
    people.restore(Person.objects.get(pk=entry.payload["id"]), actor=entry.user)


def _restore_company(entry: Entry) -> None:
    companies.restore(
        Company.objects.get(pk=entry.payload["id"]),
        people=entry.payload["people"],
        deals=entry.payload["deals"],
        actor=entry.user,
    )


def _restore_deal(entry: Entry) -> None:
    deals.restore(Deal.objects.get(pk=entry.payload["id"]), actor=entry.user)


def _move_back(entry: Entry) -> None:
    deal = Deal.objects.get(pk=entry.payload["id"])
    before, closed_at = history.of(deal), entry.payload["closed_at"]
    stage = Stage.objects.filter(pk=entry.payload["stage"]).first()
    if stage is None:  # deleted since
        raise journal.CannotUndo("gone")
    deal.stage = stage
    deal.closed_at = datetime.fromisoformat(closed_at) if closed_at else None
    deal.lost_reason = entry.payload.get("lost_reason", "")
    deal.save(update_fields=["stage", "closed_at", "lost_reason"])
    history.record(entry.user, "deal", deal, before, history.of(deal))
    announce(people.address_ids(*deal.people.all()), "deal_stage")


def _undo_import(entry: Entry) -> None:
    importing_undo.begin(entry)
    jobs.work_on_import_later(entry.payload["run"])
