"""Files of a mail taken over to records, where they stay when the mail is gone.

Whoever may read the record may open them then, whether or not she may see the mail.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from relance.crm import access, record_files
from relance.crm.models import Case, Person, RecordFile
from relance.files.quota import QuotaReached
from relance.inbox.visibility import visible_copies
from relance.mail import sources
from relance.mail.models import Attachment, MessageCopy
from relance.mime.parse import part_content, part_contents
from relance.users.models import User


class Unreadable(LookupError):
    """The mail was not fetched whole, or holds no such part."""


class AlreadyThere(Exception):
    """A record has a file with the same content: `file`."""

    def __init__(self, file: RecordFile) -> None:
        super().__init__(file.pk)
        self.file = file


def take(
    viewer: User,
    copy: MessageCopy,
    attachment: Attachment,
    place: RecordFile,
    *,
    again: bool = False,
) -> RecordFile:
    """Put an attachment of `copy`, which `viewer` may see, on the records that `place` (not saved)
    is about. `again` adds it though it is there already.

    Raises `Unreadable`, `AlreadyThere`, and `files.quota.QuotaReached`.
    """
    if copy.is_partial or attachment.message_id != copy.message_id:
        raise Unreadable(attachment.pk)
    try:
        data = part_content(sources.source_of(copy), attachment.part)
    except (LookupError, KeyError) as missing:
        raise Unreadable(attachment.pk) from missing
    sha256 = hashlib.sha256(data).hexdigest()
    there = record_files.same(viewer, sha256, place).order_by("pk").first()
    if there is not None and not again:
        raise AlreadyThere(there)
    place.mail_key = copy.message_id
    return record_files.add(viewer, data, attachment.filename, place)


def kept(viewer: User, message_ids: Collection[int]) -> set[tuple[int, str]]:
    """Which attachments of these mails are on a record `viewer` may read: (message, SHA-256)."""
    rows = access.record_files_for(viewer).filter(mail_key__in=message_ids)
    return {(key, blob) for key, blob in rows.values_list("mail_key", "blob_id") if key}


@dataclass(frozen=True, slots=True)
class Taken:
    """How many files of a mail were put on a record, and how many could not be: the mail is not
    here whole, or there is no room for them."""

    count: int = 0
    left: int = 0


def take_for(
    viewer: User, copy: MessageCopy, attachments: Iterable[Attachment], person: Person
) -> Taken:
    """Put these attachments of `copy` on that person's record; what is there already stays."""
    count = left = 0
    for attachment in attachments:
        try:
            take(viewer, copy, attachment, RecordFile(person=person))
        except (Unreadable, QuotaReached):
            left += 1
            continue
        except AlreadyThere:
            pass
        count += 1
    return Taken(count, left)


def take_all(viewer: User, message_id: int, case: Case) -> Taken:
    """Put everything attached to that mail, which `viewer` may see, on the case made of it
    (REC-20). Images of the text stay where they are, and what is there already is not put again."""
    files = Attachment.objects.filter(message=message_id, is_inline=False).order_by("pk")
    wanted = list(files)
    copies = visible_copies(viewer).filter(message=message_id).select_related("raw")
    copy = copies.filter(is_partial=False, raw__isnull=False).order_by("pk").first()
    if not wanted or copy is None:
        return Taken(0, len(wanted))
    try:
        contents = part_contents(sources.source_of(copy), [file.part for file in wanted])
    except (LookupError, FileNotFoundError):
        return Taken(0, len(wanted))
    count = 0
    for file in wanted:
        data = contents.get(file.part)
        if data is not None and _put(viewer, data, file.filename, _place(case, message_id)):
            count += 1
    return Taken(count, len(wanted) - count)


def _place(case: Case, message_id: int) -> RecordFile:
    return RecordFile(case=case, company=case.company, mail_key=message_id)


def _put(viewer: User, data: bytes, name: str, place: RecordFile) -> bool:
    if (
        record_files.same(viewer, hashlib.sha256(data).hexdigest(), place)
        .filter(case=place.case)
        .exists()
    ):
        return True
    try:
        record_files.add(viewer, data, name, place)
    except QuotaReached:
        return False
    return True
