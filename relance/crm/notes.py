"""Notes on records. Only its author changes or deletes a note; who reads the record reads it."""

from __future__ import annotations

from django.db import transaction

from relance.crm import activities
from relance.crm.models import Note
from relance.journal.models import Entry
from relance.lib import clock
from relance.users.models import User


class NotTheAuthor(PermissionError):
    """Another one wrote it."""


def may_change(user: User, note: Note) -> bool:
    return note.author_id == user.pk


@transaction.atomic
def create(actor: User, note: Note) -> Note:
    """Save a new note of the actor's."""
    note.author = actor
    note.updated_at = note.created_at
    activities.complete(note)
    note.save()
    return note


@transaction.atomic
def edit(actor: User, note: Note, text: str) -> Note:
    """Write it anew, about whatever it is about now. Raises `NotTheAuthor`."""
    if not may_change(actor, note):
        raise NotTheAuthor
    note.text, note.updated_at = text, clock.now()
    activities.complete(note)
    note.save()
    return note


def delete(actor: User, note: Note) -> Entry:
    """Delete it softly; the entry undoes it. Raises `NotTheAuthor`."""
    if not may_change(actor, note):
        raise NotTheAuthor
    return activities.delete(actor, note)
