"""What the CRM announces to the floors above."""

from collections.abc import Iterable

from django.dispatch import Signal

addresses_affected = Signal()
"""The mail of these addresses may belong in another column now.

Fired inside the transaction of the change, with `address_ids` (a set of `EmailAddress` keys, never
empty) and `reason`, a word such as "person_deleted" or "deal_stage". The sender is None.
"""


def announce(address_ids: Iterable[int], reason: str) -> None:
    """Fire `addresses_affected`, unless no address is concerned."""
    if ids := set(address_ids):
        addresses_affected.send(None, address_ids=ids, reason=reason)
