"""The storage quota: how much the library and the attachments of mails written here may take.

Mail itself is always kept and is outside the quota, so that a full one never stops a mailbox.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Sum

from relance.files.models import Blob
from relance.users.models import Organisation

_MB = 1_000_000


class QuotaReached(Exception):
    """The file would not fit. `used`, `limit` and `size` in bytes."""

    def __init__(self, *, used: int, limit: int, size: int) -> None:
        super().__init__(f"{used} + {size} > {limit}")
        self.used, self.limit, self.size = used, limit, size


@dataclass(frozen=True, slots=True)
class Usage:
    """Bytes used, and the limit in bytes (None: there is none)."""

    used: int
    limit: int | None

    @property
    def percent(self) -> int:
        """0 to 100; what is over counts as full."""
        return min(100, self.used * 100 // self.limit) if self.limit else 0

    @property
    def is_full(self) -> bool:
        return self.limit is not None and self.used >= self.limit


def usage() -> Usage:
    """What is used now: each content once, however many mails and documents hold it."""
    used = Blob.objects.filter(is_mail=False).aggregate(total=Sum("size"))["total"] or 0
    organisation = Organisation.current()
    megabytes = organisation.storage_quota_mb if organisation else 0
    return Usage(used, megabytes * _MB or None)


def check(size: int) -> None:
    """May `size` more bytes be kept? Raises `QuotaReached`."""
    now = usage()
    if now.limit is not None and now.used + size > now.limit:
        raise QuotaReached(used=now.used, limit=now.limit, size=size)
