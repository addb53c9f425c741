"""Consent to load what a mail keeps elsewhere: never given by the mail, always taken back freely.

A sender who was not proven gets nothing of the consent given to the address she claims (X8).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from relance.addresses.models import EmailAddress
from relance.inbox.models import RemoteConsent
from relance.mail.models import Message
from relance.users.models import User


def may_load(viewer: User, messages: Iterable[Message]) -> set[int]:
    """Which of these messages may load their images at once: by their senders."""
    proven = {
        m.pk: m.from_address_id
        for m in messages
        if m.from_address_id and m.authentication != Message.Authentication.FAIL
    }
    allowed = _allowed(viewer, {a for a in proven.values() if a})
    return {pk for pk, address in proven.items() if address in allowed}


def _allowed(viewer: User, address_ids: Collection[int]) -> set[int]:
    if not address_ids:
        return set()
    rows = RemoteConsent.objects.filter(user=viewer, address__in=address_ids)
    return set(rows.values_list("address_id", flat=True))


def allow(viewer: User, address: EmailAddress) -> None:
    """From now on, mails of that sender load their images for this reader."""
    RemoteConsent.objects.get_or_create(user=viewer, address=address)


def revoke(viewer: User, address_id: int) -> bool:
    """No longer; False when there was no consent."""
    deleted, _ = RemoteConsent.objects.filter(user=viewer, address=address_id).delete()
    return bool(deleted)


def consents(viewer: User) -> list[RemoteConsent]:
    """All consents of that reader, by address."""
    rows = RemoteConsent.objects.filter(user=viewer).select_related("address")
    return list(rows.order_by("address__address"))
