"""Marks a reader sets on single messages of a conversation."""

from __future__ import annotations

from django.db import transaction

from relance.inbox.visibility import copy_for, visible_copies
from relance.mail import operations
from relance.mail.models import MessageCopy
from relance.users.models import User


@transaction.atomic
def unread_from(viewer: User, copy_id: int) -> int:
    """Mark that message and the received ones after it unread, here and on the server.

    Returns how many changed. Raises `MessageCopy.DoesNotExist`.
    """
    copy = copy_for(viewer, copy_id)
    rows = visible_copies(viewer).filter(
        thread=copy.thread_id, key__gte=copy.key, is_outgoing=False, is_seen=True
    )
    if copy.thread_id is None:
        raise MessageCopy.DoesNotExist
    changed = list(rows.select_related("folder", "account"))
    operations.mark_seen(changed, seen=False)
    return len(changed)
