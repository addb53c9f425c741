"""Calls: planned, and logged once they were made."""

from __future__ import annotations

from django.db import transaction

from relance.crm import activities
from relance.crm.models import Call
from relance.users.models import User


@transaction.atomic
def create(actor: User, call: Call) -> Call:
    """Save a new call, planned or made. Without an owner it is the actor's."""
    if not call.owner_id:
        call.owner = actor
    call.created_by = actor
    _complete(call)
    call.save()
    return call


@transaction.atomic
def edit(call: Call) -> Call:
    """Save a changed call."""
    _complete(call)
    call.save()
    return call


def _complete(call: Call) -> None:
    """Its account, and the number that was called when none was written."""
    activities.complete(call)
    if not call.phone and call.person is not None:
        call.phone = call.person.phone or call.person.mobile
