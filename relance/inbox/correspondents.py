"""Whom a user has written to before, read from her own sent mail and nobody else's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.cache import cache

from relance.inbox.visibility import visible_accounts
from relance.lib.text import fold
from relance.mail.models import Folder, MessageCopy, Outgoing, OutgoingRecipient, Participant
from relance.users.models import User

_NEWEST_SENT = 2_000  # mails looked at
_KEPT_SECONDS = 600
_SOME = 900  # ids in one query


@dataclass(frozen=True, slots=True)
class Correspondent:
    """Somebody written to: the name used last, how often. `words` are folded, behind spaces."""

    address: str
    name: str
    count: int
    words: str


def correspondents(viewer: User) -> list[Correspondent]:
    """The people `viewer` wrote to in her newest sent mails, most often written to first.

    Read once in ten minutes; what she sent from here since comes with it.
    """
    key = f"correspondents:{viewer.pk}"
    found: list[Correspondent] | None = cache.get(key)
    if found is None:
        found = _counted([*_by_relance(viewer), *_by_sent_folder(viewer)])
        cache.set(key, found, _KEPT_SECONDS)
    return found


def forget(viewer: User) -> None:
    """Read anew next time: she has just written to somebody."""
    cache.delete(f"correspondents:{viewer.pk}")


def _counted(pairs: Iterable[tuple[str, str]]) -> list[Correspondent]:
    names: dict[str, str] = {}
    counts: dict[str, int] = {}
    for address, name in pairs:
        counts[address] = counts.get(address, 0) + 1
        if not names.get(address):
            names[address] = "" if name.lower() == address else name
    ordered = sorted(counts, key=lambda address: -counts[address])
    return [Correspondent(a, names[a], counts[a], f" {fold(f'{names[a]} {a}')}") for a in ordered]


def _by_relance(viewer: User) -> list[tuple[str, str]]:
    rows = OutgoingRecipient.objects.filter(
        outgoing__author=viewer, outgoing__state=Outgoing.State.SENT
    ).order_by("-pk")
    return list(rows.values_list("address__address", "name")[:_NEWEST_SENT])


def _by_sent_folder(viewer: User) -> list[tuple[str, str]]:
    folders = Folder.objects.filter(
        account__in=visible_accounts(viewer), special_use=Folder.Use.SENT
    )
    found: list[tuple[str, str]] = []
    for folder in folders:
        copies = MessageCopy.objects.filter(folder=folder, message__isnull=False).order_by("-key")
        ids = list(copies.values_list("message_id", flat=True)[:_NEWEST_SENT])
        for start in range(0, len(ids), _SOME):
            rows = Participant.objects.filter(
                message__in=ids[start : start + _SOME],
                role__in=(Participant.Role.TO, Participant.Role.CC),
            )
            found += rows.order_by("-message").values_list("address__address", "name")
    return found
