"""Files of a mail taken over to records, where they stay when the mail is gone.

Whoever may read the record may open them then, whether or not she may see the mail.
"""

from __future__ import annotations

import hashlib

from relance.crm import record_files
from relance.crm.models import RecordFile
from relance.mail import sources
from relance.mail.models import Attachment, MessageCopy
from relance.mime.parse import part_content
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
