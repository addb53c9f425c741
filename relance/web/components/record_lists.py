"""The tabs of a record's page: everything at once, or one of its related lists alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from relance.crm import access, activities, cases
from relance.crm.activities import Subject
from relance.users.models import User


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab; `count` is None where nothing is counted."""

    key: str
    label: str
    count: int | None = None
    is_current: bool = False

    @property
    def query(self) -> str:
        """What its address ends in."""
        return f"?list={self.key}" if self.key else "?"


def tabs(
    viewer: User, subject: Subject, asked: str, known: Mapping[str, int], first: str = ""
) -> list[Tab]:
    """The tabs of a record; `known` counts what the page has at hand: "deals", "people"."""
    counts = {**_counts(viewer, subject), **known}
    labels = {
        "": first or _("Overview"),
        "mails": _("E-mails"),
        "people": _("Contacts"),
        "deals": _("Deals"),
        "activities": _("Activities"),
        "cases": _("Cases"),
        "notes": _("Notes"),
        "files": _("Files"),
        "history": _("History"),
    }
    keys = [key for key in labels if key != "people" or key in known]
    chosen_key = asked if asked in keys else ""
    return [Tab(key, labels[key], counts.get(key), key == chosen_key) for key in keys]


def chosen(all_tabs: list[Tab]) -> str:
    """The key of the tab that is open; "" for everything at once."""
    return next((tab.key for tab in all_tabs if tab.is_current), "")


def _counts(viewer: User, subject: Subject) -> dict[str, int]:
    def count(kind: str) -> int:
        return activities.about(_READABLE[kind](viewer), subject).count()

    return {
        "activities": count("task") + count("call") + count("meeting"),
        "notes": count("note"),
        "files": count("file"),
        "cases": cases.of(access.cases_for(viewer), subject).count(),
    }


_READABLE = {
    "task": access.tasks_for,
    "call": access.calls_for,
    "meeting": access.meetings_for,
    "note": access.notes_for,
    "file": access.record_files_for,
}
