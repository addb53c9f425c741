"""Files on records: put there by hand, or taken over from a mail.

They count in the storage quota, and stay when the mail they came with is gone. Whoever may read
the record may open them, with or without access to that mail.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from relance.crm import access, activities
from relance.crm.models import RecordFile
from relance.files import blobs, names, quota
from relance.lib import clock
from relance.users.models import User

_KEPT = timedelta(days=30)  # after it was deleted: as long as that can be undone


def add(actor: User, data: bytes, name: str, place: RecordFile) -> RecordFile:
    """Keep a file on the records that `place` (not saved) is about. Raises `quota.QuotaReached`."""
    quota.check(len(data))
    blob = blobs.put(data)  # before the transaction: nobody waits while a large file is written
    with transaction.atomic():
        place.blob = blob
        place.name = names.clean(name)
        place.content_type = names.type_of(place.name)
        place.added_by = actor
        activities.complete(place)
        place.save()
    return place


def same(user: User, sha256: str, place: RecordFile) -> QuerySet[RecordFile]:
    """Files with the same content that a record of `place` has already."""
    query = Q()
    for field in activities.SUBJECTS:
        if key := getattr(place, f"{field}_id"):
            query |= Q(**{field: key})
    found = access.record_files_for(user).filter(blob=sha256)
    return found.filter(query) if query else found.none()


def sweep(*, limit: int = 200) -> int:
    """Remove for good what was deleted longer ago than it could be undone; its bytes go once
    nothing else holds them. Returns how many went."""
    rows = RecordFile.objects.filter(deleted_at__lt=clock.now() - _KEPT)
    found = list(rows.values_list("pk", "blob_id")[:limit])
    RecordFile.objects.filter(pk__in=[pk for pk, _blob in found]).delete()
    for blob_id in {blob for _pk, blob in found}:
        blobs.release(blob_id)
    return len(found)
