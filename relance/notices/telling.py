"""Telling a user something, in app."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from relance import live
from relance.lib import clock

if TYPE_CHECKING:
    from relance.notices.models import Notice


def tell(
    user_id: int, code: str, params: Mapping[str, Any] | None = None, *, url: str = ""
) -> Notice:
    """Leave a notice; an open page hears of it when the transaction commits."""
    from relance.notices.models import Notice

    notice = Notice.objects.create(user_id=user_id, code=code, params=dict(params or {}), url=url)
    live.publish("notice", {"id": notice.pk}, user_id=user_id)
    return notice


def unread_count(user_id: int) -> int:
    from relance.notices.models import Notice

    return Notice.objects.filter(user=user_id, read_at=None).count()


def mark_read(user_id: int, notice_id: int | None = None) -> int:
    """Mark one notice, or all of them, read; returns how many were not."""
    from relance.notices.models import Notice

    unread = Notice.objects.filter(user=user_id, read_at=None)
    if notice_id is not None:
        unread = unread.filter(pk=notice_id)
    return unread.update(read_at=clock.now())
