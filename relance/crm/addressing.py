"""The e-mail addresses of a record: what was written, as rows, the primary one first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from relance.addresses import book
from relance.addresses.models import EmailAddress


class NotAnAddress(ValueError):
    """What was given is no e-mail address; `address` is what was written."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.address = address


def rows_of(addresses: Sequence[str]) -> list[EmailAddress]:
    """One row per address, in order, none twice. Raises `NotAnAddress`."""
    wanted: list[str] = []
    for text in addresses:
        normalised = book.normalise(text)
        if not normalised:
            raise NotAnAddress(text)
        if normalised not in wanted:
            wanted.append(normalised)
    ids = book.ids_for(wanted)
    rows = EmailAddress.objects.in_bulk([ids[address] for address in wanted])
    return [rows[ids[address]] for address in wanted]


def listed(rows: Iterable[EmailAddress]) -> str:
    """As the history says them: "a@x.example, b@x.example"."""
    return ", ".join(row.address for row in rows)
