"""The files of a draft, and how much of them one mail may hold (D40)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from functools import partial

from django.db import transaction

from relance.files import blobs, names, quota
from relance.files.models import Blob, Document
from relance.files.quota import QuotaReached
from relance.mail import server_drafts
from relance.mail.models import Outgoing, OutgoingAttachment
from relance.mime import compose
from relance.users.models import Organisation

__all__ = [
    "QuotaReached",
    "TooLarge",
    "TooManyDocuments",
    "add",
    "check",
    "is_limited_by_server",
    "limit",
    "prune",
    "remove",
    "sent_with",
    "total",
]

_MB = 1_000_000
_DEFAULT_MB, _DEFAULT_DOCUMENTS = 10, 5
#: Base64 writes 57 bytes on lines of 78 (RFC 2045, 6.8).
_GROWTH = 78 / 57
#: Bytes for the header of a mail and the heads of its parts.
_ROOM_FOR_HEADS = 32_000
_CID = re.compile(r"\bcid:([^\"'\s<>)]{1,255})", re.IGNORECASE)


class TooLarge(Exception):
    """The files of the mail would be more than it may hold; figures in bytes.

    `by_server` tells that the mail server's own limit (SIZE, RFC 1870) is what stands in the way.
    """

    def __init__(self, *, total: int, limit: int, size: int, by_server: bool = False) -> None:
        super().__init__(f"{total} + {size} > {limit}")
        self.total, self.limit, self.size, self.by_server = total, limit, size, by_server


class TooManyDocuments(Exception):
    """More documents of the library than one mail may hold."""

    def __init__(self, *, count: int, limit: int) -> None:
        super().__init__(f"{count} > {limit}")
        self.count, self.limit = count, limit


def limit(draft: Outgoing) -> int:
    """Bytes of files (decoded) the mail may hold: what the organisation allows, or what its
    server's SIZE leaves once Base64 has had its share."""
    own, served = _own_limit(), _served_limit(draft)
    return own if served is None else min(own, served)


def is_limited_by_server(draft: Outgoing) -> bool:
    """Does the mail server allow less than the organisation does?"""
    served = _served_limit(draft)
    return served is not None and served < _own_limit()


def total(draft: Outgoing) -> int:
    """Bytes of the draft's files, decoded; images that its text no longer shows left out."""
    return sum(a.blob.size for a in sent_with(draft))


def sent_with(draft: Outgoing) -> list[OutgoingAttachment]:
    """The files that leave with the mail: an inline image only while its HTML shows it."""
    shown = shown_images(draft)
    rows = draft.attachments.select_related("blob").order_by("pk")
    return [a for a in rows if not a.is_inline or a.content_id.lower() in shown]


def shown_images(draft: Outgoing) -> set[str]:
    """Content-IDs (lower case) of the images that the mail's HTML shows."""
    html = draft.html + (draft.quote_html if draft.has_quote else "")
    return {found[1].lower() for found in _CID.finditer(html)}


def add(  # noqa: PLR0913 (a file has these facts)
    draft: Outgoing,
    *,
    name: str,
    data: bytes = b"",
    content_type: str = "",
    origin: str = "disk",
    is_inline: bool = False,
    document: Document | None = None,
    content_id: str = "",
) -> OutgoingAttachment:
    """Attach a file: `data`, or the present version of a `document` of the library.

    Raises `TooLarge`, `TooManyDocuments` or `QuotaReached`, each with figures; nothing is kept
    then.
    """
    size = document.blob.size if document else len(data)
    _check(draft, size, documents=document is not None)
    filename = names.clean(name, "image" if is_inline else "document")
    if is_inline and not content_id:
        content_id = compose.new_message_id(draft.account.domain)
    blob = document.blob if document else keep(data)  # written before anything is locked
    row = OutgoingAttachment(
        outgoing=draft,
        blob=blob,
        filename=filename,
        content_type=(content_type or names.type_of(filename))[:150],
        content_id=content_id[:255],
        is_inline=is_inline,
        origin=OutgoingAttachment.Origin.LIBRARY if document else origin,
        document=document,
    )
    try:
        _add(row, size)
    except (TooLarge, TooManyDocuments):
        release([blob.pk])
        raise
    return row


@transaction.atomic
def _add(row: OutgoingAttachment, size: int) -> None:
    draft = row.outgoing
    Outgoing.objects.select_for_update().get(pk=draft.pk)  # two uploads at once count each other
    _check(draft, size, documents=row.document is not None)
    row.save()
    server_drafts.put_soon(draft)


def _check(draft: Outgoing, size: int, *, documents: bool) -> None:
    _check_size(draft, size)
    if documents:
        _check_documents(draft, more=1)


def keep(data: bytes) -> Blob:
    """The bytes on the storage, once. Raises `QuotaReached` when there is no room for them."""
    sha256 = hashlib.sha256(data).hexdigest()
    if not Blob.objects.filter(pk=sha256, is_mail=False).exists():
        quota.check(len(data))
    return blobs.put(data)


def remove(draft: Outgoing, attachment_id: int) -> bool:
    """Take a file off the draft. False when it is not there."""
    with transaction.atomic():
        gone = _take_off(draft, attachment_id)
        if gone:
            server_drafts.put_soon(draft)
    return gone


def _take_off(draft: Outgoing, attachment_id: int) -> bool:
    found = draft.attachments.filter(pk=attachment_id).first()
    if found is None:
        return False
    found.delete()
    release([found.blob_id])
    return True


def release(blob_ids: Iterable[str]) -> None:
    """Give back the room of files nothing refers to any more, once the transaction commits."""
    for blob_id in blob_ids:
        transaction.on_commit(partial(blobs.release, blob_id))


def prune(draft: Outgoing) -> int:
    """Drop the images that the text shows no more, before it is sent; returns how many."""
    kept = {a.pk for a in sent_with(draft)}
    gone = [a for a in draft.attachments.all() if a.pk not in kept]
    return sum(_take_off(draft, a.pk) for a in gone)


def check(draft: Outgoing) -> None:
    """May the draft leave with what it holds? A forwarded mail brings its files whatever their
    size. Raises `TooLarge` or `TooManyDocuments`."""
    _check_size(draft, 0)
    _check_documents(draft, more=0)


def _check_size(draft: Outgoing, size: int) -> None:
    now, most = total(draft), limit(draft)
    if now + size > most:
        by_server = is_limited_by_server(draft)
        raise TooLarge(total=now, limit=most, size=size, by_server=by_server)


def _own_limit() -> int:
    organisation = Organisation.current()
    return (organisation.attachment_limit_mb if organisation else _DEFAULT_MB) * _MB


def _served_limit(draft: Outgoing) -> int | None:
    """What SIZE (RFC 1870) leaves for files beside the text; None when the server names none."""
    announced = draft.account.smtp_size_limit
    if not announced:
        return None
    text = len(draft.html) + len(draft.text)
    text += len(draft.quote_html) + len(draft.quote_text) if draft.has_quote else 0
    return max(int((announced - _ROOM_FOR_HEADS - text * 1.5) / _GROWTH), 0)


def _check_documents(draft: Outgoing, *, more: int) -> None:
    organisation = Organisation.current()
    most = organisation.library_documents_max if organisation else _DEFAULT_DOCUMENTS
    count = draft.attachments.filter(origin=OutgoingAttachment.Origin.LIBRARY).count() + more
    if count > most:
        raise TooManyDocuments(count=count, limit=most)
