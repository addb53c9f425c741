"""Content-addressed bytes on Django's storage: a folder, or an S3 bucket."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Exists, ManyToOneRel, OuterRef, ProtectedError

from relance.files.models import Blob
from relance.lib import clock

_UNUSED_FOR = timedelta(days=1)


def put(data: bytes, *, is_mail: bool = False) -> Blob:
    """Keep `data` once. The file is written before its row, so no row lacks its file.

    `is_mail`: it is the source of a mail, which is always kept and counts in no quota.
    """
    sha256 = hashlib.sha256(data).hexdigest()
    found = Blob.objects.filter(pk=sha256).first()
    if found is None or not _still_wanted(found):
        _write(sha256, data)
        defaults = {"size": len(data), "is_mail": is_mail}
        found = Blob.objects.get_or_create(sha256=sha256, defaults=defaults)[0]
        _write(sha256, data)  # a release may have run between the file and its row
    if found.is_mail and not is_mail:
        found.is_mail = False
        found.save(update_fields=["is_mail"])
    return found


def _still_wanted(found: Blob) -> bool:
    """Keep the sweep from what is about to be used again. False when it was quicker."""
    if found.created_at > clock.now() - _UNUSED_FOR / 2:
        return True
    return bool(Blob.objects.filter(pk=found.pk).update(created_at=clock.now()))


def get(sha256: str) -> bytes:
    """The bytes of that blob. Raises FileNotFoundError when the storage lost them."""
    with default_storage.open(_path(sha256)) as stream:
        return bytes(stream.read())


@transaction.atomic
def release(sha256: str) -> bool:
    """Remove that blob when nothing refers to it any more. Returns whether it went.

    The row is locked first: whoever was just about to refer to it is waited for, and keeps it.
    """
    found = Blob.objects.select_for_update().filter(pk=sha256).first()
    if found is None:
        return False
    try:
        found.delete()
    except ProtectedError:
        return False
    default_storage.delete(_path(sha256))
    return True


def sweep(*, limit: int = 200) -> int:
    """Release what was put here more than a day ago and is referred to by nothing: an upload that
    was broken off, say. Returns how many went."""
    rows = Blob.objects.filter(created_at__lt=clock.now() - _UNUSED_FOR)
    for relation in Blob._meta.get_fields(include_hidden=True):
        if not isinstance(relation, ManyToOneRel):
            continue
        model, name = relation.related_model, relation.field.name
        holders = model._default_manager.filter(**{name: OuterRef("pk")})
        rows = rows.filter(~Exists(holders))
    return sum(release(sha256) for sha256 in list(rows.values_list("pk", flat=True)[:limit]))


def _write(sha256: str, data: bytes) -> None:
    path = _path(sha256)
    if not default_storage.exists(path):
        default_storage.save(path, ContentFile(data))


def _path(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}"
