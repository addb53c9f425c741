"""The counts of a folder, moved with its copies in the same transaction."""

from __future__ import annotations

from django.db.models import F, Value
from django.db.models.functions import Greatest

from relance.mail.models import Folder, MessageCopy


def move(folder_id: int, *, total: int = 0, unread: int = 0) -> None:
    """Add these differences; a count never falls below nothing."""
    if total or unread:
        Folder.objects.filter(pk=folder_id).update(
            total_count=Greatest(F("total_count") + total, Value(0)),
            unread_count=Greatest(F("unread_count") + unread, Value(0)),
        )


def recount(folder: Folder) -> None:
    """Count the folder's copies anew, and write what is true."""
    copies = MessageCopy.objects.filter(folder=folder)
    Folder.objects.filter(pk=folder.pk).update(
        total_count=copies.count(), unread_count=copies.filter(is_seen=False).count()
    )
