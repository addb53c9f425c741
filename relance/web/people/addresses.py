"""The list of addresses in a person's form: several, one of them primary.

A row holds what is written now and what it was (`was`): a row whose text changed *replaces* an
address, and then the form asks whether the old one stays as a secondary address. Emptying a row
removes its address without a question.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.http import QueryDict
from django.utils.translation import gettext as _

from relance.addresses import book
from relance.crm.models import Person

MOST = 20


@dataclass(slots=True)
class Row:
    """One address: `text` as written, `was` as stored ("" for a new row)."""

    text: str
    was: str = ""
    is_primary: bool = False
    error: str = ""

    @property
    def replaces(self) -> bool:
        return bool(self.was and self.text and book.normalise(self.text) != self.was)


@dataclass(slots=True)
class AddressRows:
    """The whole list, as shown and as sent back."""

    rows: list[Row] = field(default_factory=list)
    was_asked: bool = False
    kept: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, person: Person) -> AddressRows:
        """Those a stored person has, the primary one first."""
        links = person.address_links.select_related("address")
        return cls([Row(x.address.address, x.address.address, x.is_primary) for x in links])

    @classmethod
    def of_texts(cls, addresses: Sequence[str]) -> AddressRows:
        """New rows with these texts, the first one primary."""
        return cls([Row(text, is_primary=n == 0) for n, text in enumerate(addresses) if text])

    @classmethod
    def sent(cls, data: QueryDict) -> AddressRows:
        """Those a form sent: address, was (lists of equal length), primary (an index)."""
        texts = [text.strip() for text in data.getlist("address")[:MOST]]
        before = data.getlist("was")[:MOST]
        before += [""] * (len(texts) - len(before))
        primary = data.get("primary", "0")
        rows = [
            Row(text, book.normalise(was), str(n) == primary)
            for n, (text, was) in enumerate(zip(texts, before, strict=False))
        ]
        return cls(
            [row for row in rows if row.text or row.was],
            was_asked=data.get("asked") == "1",
            kept=[k for address in data.getlist("keep") if (k := book.normalise(address))],
        )

    @property
    def replaced(self) -> list[str]:
        """The stored addresses that were written over and are in no other row."""
        written = {book.normalise(row.text) for row in self.rows}
        return [row.was for row in self.rows if row.replaces and row.was not in written]

    @property
    def must_ask(self) -> bool:
        return bool(self.replaced) and not self.was_asked

    def check(self) -> bool:
        """Mark what is no address; true when all are."""
        for row in self.rows:
            if row.text and not book.normalise(row.text):
                row.error = _("This is no e-mail address. It looks like name@company.com.")
        return not any(row.error for row in self.rows)

    def wanted(self) -> list[str]:
        """The addresses to store, the primary one first; replaced ones that stay come last."""
        written = [row for row in self.rows if row.text]
        written.sort(key=lambda row: not row.is_primary)
        stay = [address for address in self.replaced if address in self.kept]
        return [row.text for row in written] + stay
