"""Addresses one must not write to: what is known of each, how it came about, how it ends (D16).

Four verdicts, kept apart on the address: *erased* (its owner's personal data was erased: blocks
everything, until an administrator says otherwise), *invalid* (no such user or domain: blocks
everything, as long), *blocked* (refused by policy, or five temporary failures in a row within
thirty days: until somebody who may send lifts it), *opted out* (no mass or automatic mail; personal
mail after a confirmation).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.db.models import F, ProtectedError

from relance.addresses import book
from relance.addresses.models import EmailAddress, Erased
from relance.lib import clock
from relance.lib.reason import Reason
from relance.users.models import User

BLOCK_AFTER = 5  # temporary failures in a row
WITHIN = timedelta(days=30)
_SOME = 300


class NotAllowed(Exception):
    """That user may not lift that verdict."""


def verdict(address: str) -> Reason | None:
    """What stands against writing to `address`; None when nothing does, or it is no address."""
    return verdicts([address]).get(address)


def verdicts(addresses: Iterable[str]) -> dict[str, Reason]:
    """What stands against each of `addresses`, by the text given; those free are left out.

    Codes: "erased", "invalid", "blocked", "opted_out", the gravest first; `params` hold "address"
    and "at", ISO 8601. One query for three hundred addresses, another for unknown ones.
    """
    wanted = {text: n for text in addresses if (n := book.normalise(text))}
    listed = sorted(set(wanted.values()))
    found: dict[str, Reason] = {}
    unknown = set(listed)
    for start in range(0, len(listed), _SOME):
        for row in EmailAddress.objects.filter(address__in=listed[start : start + _SOME]):
            unknown.discard(row.address)
            if reason := verdict_of(row):
                found[row.address] = reason
    erased = book.suppressed(unknown) if unknown else {}
    for address, at in erased.items():
        found[address] = Reason("erased", {"address": address, "at": at.isoformat()})
    return {text: found[n] for text, n in wanted.items() if n in found}


def verdict_of(row: EmailAddress) -> Reason | None:
    """The same, for a row at hand."""
    for code, at in (
        ("erased", row.erased_at),
        ("invalid", row.invalid_at),
        ("blocked", row.blocked_at),
        ("opted_out", row.opted_out_at),
    ):
        if at is not None:
            sources = (("addresses.EmailAddress", row.pk),)
            return Reason(code, {"address": row.address, "at": at.isoformat()}, sources)
    return None


def mark_invalid(address_id: int) -> bool:
    """The address does not exist. False when that was known."""
    return _mark(address_id, "invalid_at")


def mark_blocked(address_id: int) -> bool:
    """Its server refuses us by policy. False when that was known."""
    return _mark(address_id, "blocked_at")


def mark_opted_out(address_id: int) -> bool:
    """Its owner wants no such mail. False when that was known."""
    return _mark(address_id, "opted_out_at")


@transaction.atomic
def erase(rows: Iterable[EmailAddress]) -> int:
    """Never write to these again, whoever names them: a digest stays of each. The row goes too,
    unless mail refers to it. Returns how many there were."""
    count = 0
    for row in rows:
        Erased.objects.get_or_create(digest=book.digest_of(row.address))
        EmailAddress.objects.filter(pk=row.pk).update(erased_at=clock.now())
        count += 1
        with contextlib.suppress(ProtectedError), transaction.atomic():
            row.delete()
    return count


def count_soft(address_id: int, *, recent: int) -> bool:
    """One more temporary failure in a row; `recent` are those of the last thirty days, this one
    included. True when it makes the address blocked.

    The failures in a row are the latest ones, and so are those of the last thirty days: the
    smaller number is how many are both.
    """
    row = EmailAddress.objects.filter(pk=address_id)
    row.update(soft_bounces=F("soft_bounces") + 1)
    in_a_row = row.values_list("soft_bounces", flat=True).first() or 0
    return min(in_a_row, recent) >= BLOCK_AFTER and mark_blocked(address_id)


def delivered(*address_ids: int) -> None:
    """Their servers took a mail, or their owners answered: temporary failures begin anew, and a
    block that came of them ends."""
    failing = EmailAddress.objects.filter(pk__in=address_ids, soft_bounces__gt=0)
    ids = list(failing.values_list("pk", flat=True))
    if not ids:
        return
    rows = EmailAddress.objects.filter(pk__in=ids)
    rows.filter(soft_bounces__gte=BLOCK_AFTER).update(blocked_at=None)
    rows.update(soft_bounces=0)


def may_lift(user: User, row: EmailAddress) -> bool:
    """May this user free the address? A block: whoever may send. An invalid or erased one:
    administrators.
    Nobody lifts what its owner asked for."""
    if not user.is_active:
        return False
    if row.invalid_at or row.erased_at:
        return user.is_admin
    return bool(row.blocked_at) and user.may_send


def lift(user: User, row: EmailAddress) -> dict[str, str | int | None]:
    """Free an address that is erased, invalid or blocked; returns what it was, to put it back.

    Raises `NotAllowed`. Whoever calls it writes the journal, which stands on this floor too.
    """
    if not may_lift(user, row):
        raise NotAllowed
    before: dict[str, str | int | None] = {
        "address": row.pk,
        "invalid_at": row.invalid_at.isoformat() if row.invalid_at else None,
        "blocked_at": row.blocked_at.isoformat() if row.blocked_at else None,
        "erased_at": row.erased_at.isoformat() if row.erased_at else None,
        "soft_bounces": row.soft_bounces,
    }
    row.invalid_at = row.blocked_at = row.erased_at = None
    row.soft_bounces = 0
    row.save(update_fields=["invalid_at", "blocked_at", "erased_at", "soft_bounces"])
    Erased.objects.filter(digest=book.digest_of(row.address)).delete()
    return before


def _mark(address_id: int, field: str) -> bool:
    rows = EmailAddress.objects.filter(pk=address_id, **{f"{field}__isnull": True})
    return bool(rows.update(**{field: clock.now()}))
