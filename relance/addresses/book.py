"""Addresses by their rows: normalised once, written in bulk."""

from __future__ import annotations

import functools
import re
from collections.abc import Collection, Iterable
from datetime import datetime

from django.utils.crypto import salted_hmac

from relance.addresses.models import EmailAddress, Erased

_LONGEST = 320
_SOME = 300
_NOT_IN_AN_ADDRESS = re.compile(r"[\s\x00-\x1f\x7f]")


@functools.lru_cache(maxsize=4096)
def normalise(address: str) -> str:
    """`address` as it is kept: lower-case, its domain in ASCII (IDNA 2003); "" for nonsense.

    Plus-addresses and dots are left alone: `bob+x@` is not `bob@`.
    """
    local, at, domain = address.strip().rpartition("@")
    domain = domain.strip().rstrip(".").lower()
    if not at or not local or not domain or len(address) > _LONGEST:
        return ""
    if _NOT_IN_AN_ADDRESS.search(address.strip()):
        return ""
    if not domain.isascii():
        try:
            domain = domain.encode("idna").decode("ascii")
        except UnicodeError:
            return ""
    return f"{local.lower()}@{domain}"


def ids_for(addresses: Iterable[str]) -> dict[str, int]:
    """Row ids by normalised address, new rows made for the unknown. "" and nonsense left out.

    Two queries for what is known, three more for what is not, in batches of three hundred.
    """
    wanted = {n for a in addresses if (n := normalise(a))}
    found = _known(wanted)
    missing = sorted(wanted - found.keys())
    if missing:
        erased = suppressed(missing)
        EmailAddress.objects.bulk_create(
            [
                EmailAddress(address=a, domain=a.rpartition("@")[2], erased_at=erased.get(a))
                for a in missing
            ],
            ignore_conflicts=True,
            batch_size=_SOME,
        )
        found |= _known(missing)
    return found


def digest_of(address: str) -> str:
    """What is kept of a normalised address that was erased: told from nothing but the address and
    this installation's key."""
    return salted_hmac("relance.erased", address, algorithm="sha256").hexdigest()


def suppressed(addresses: Iterable[str]) -> dict[str, datetime]:
    """When those of these (normalised) addresses that were erased were. One query while none ever
    was."""
    if not Erased.objects.exists():
        return {}
    by_digest = {digest_of(address): address for address in addresses}
    digests = list(by_digest)
    found: dict[str, datetime] = {}
    for start in range(0, len(digests), _SOME):
        rows = Erased.objects.filter(digest__in=digests[start : start + _SOME])
        found |= {by_digest[row.digest]: row.created_at for row in rows}
    return found


def row_for(address: str) -> EmailAddress:
    """The row of one address. Raises ValueError for what is no address."""
    normalised = normalise(address)
    if not normalised:
        raise ValueError(address)
    return EmailAddress.objects.get(pk=ids_for([normalised])[normalised])


def _known(addresses: Collection[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    listed = list(addresses)
    for start in range(0, len(listed), _SOME):
        rows = EmailAddress.objects.filter(address__in=listed[start : start + _SOME])
        found |= dict(rows.values_list("address", "pk"))
    return found
