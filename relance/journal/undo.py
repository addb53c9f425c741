"""The journal of what users do, and the way back.

Whoever records a verb registers how to undo it (`register_undo`); this floor knows no domain.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction

from relance.lib import clock

if TYPE_CHECKING:
    from relance.journal.models import Entry
    from relance.users.models import User

UNDONE_WITHIN = timedelta(days=30)
_handlers: dict[str, Callable[[Entry], None]] = {}


class CannotUndo(Exception):
    """`code`: "too_old", "already" (undone before), or "gone" (no such entry of that user)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def register_undo(verb: str, handler: Callable[[Entry], None]) -> None:
    """`handler` puts things back as `entry.payload` says, inside the transaction of the undo."""
    _handlers[verb] = handler


def record(user: User, verb: str, params: Mapping[str, Any], payload: Mapping[str, Any]) -> Entry:
    """Write down an act, in the transaction of the act. `params` word it, `payload` undoes it."""
    from relance.journal.models import Entry

    return Entry.objects.create(user=user, verb=verb, params=dict(params), payload=dict(payload))


@transaction.atomic
def undo(entry_id: int, user: User) -> Entry:
    """Undo one of the user's own acts, once. Raises `CannotUndo`."""
    from relance.journal.models import Entry

    entry = Entry.objects.filter(pk=entry_id, user=user).first()
    if entry is None or entry.verb not in _handlers:
        raise CannotUndo("gone")
    if entry.created_at < clock.now() - UNDONE_WITHIN:
        raise CannotUndo("too_old")
    if not Entry.objects.filter(pk=entry.pk, undone_at=None).update(undone_at=clock.now()):
        raise CannotUndo("already")
    _handlers[entry.verb](entry)
    return entry
