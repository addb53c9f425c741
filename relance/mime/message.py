"""What a mail says, once parsed: frozen, picklable, free of NUL and of lone surrogates."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Address:
    """One mailbox of a header (RFC 5322, 3.4).

    `name` is the decoded display name ("" if none); `address` is the address as written,
    stripped, case kept ("" if the header held none).
    """

    name: str
    address: str

    def __reduce__(self) -> tuple[Any, ...]:
        # Five times faster than the pickling dataclasses give to frozen, slotted classes.
        return (Address, (self.name, self.address))


@dataclass(frozen=True, slots=True)
class Part:
    """One leaf of the MIME tree; containers are not listed.

    `index` is its IMAP-like path ("1", "2.1"); `size` counts the decoded bytes; `sha256` is the
    hexadecimal digest of the decoded bytes. A leaf that is neither `is_attachment` nor
    `is_inline` belongs to the body.
    """

    index: str
    content_type: str
    charset: str
    filename: str
    disposition: str
    content_id: str
    size: int
    sha256: str
    is_attachment: bool
    is_inline: bool


@dataclass(frozen=True, slots=True)
class ParsedMessage:
    """A parsed mail.

    `message_id`, `in_reply_to` and `references` come without angle brackets, case preserved.
    `date` is aware, in UTC, within 1970–2100, or None when absent or unreadable. `html` is raw:
    never show it unsanitised. `snippet` holds at most 200 characters of the sender's own words.
    `authentication` is "pass", "fail" or "none", from the topmost Authentication-Results.
    `headers` maps a few other header names, in lower case, to their decoded values. `defects`
    names what was wrong with the mail, as stable words. `digest` is the SHA-256 of what every
    recipient's copy has in common; `size` is the length of the source in bytes. `words` is what
    one searches for, folded: subject, people, the beginning of the text; the parse process fills
    it, `parse` alone leaves it empty.
    """

    message_id: str
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    subject: str
    date: datetime | None
    from_: tuple[Address, ...]
    sender: tuple[Address, ...]
    reply_to: tuple[Address, ...]
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    bcc: tuple[Address, ...]
    text: str
    html: str
    snippet: str
    parts: tuple[Part, ...]
    is_auto: bool
    is_bulk: bool
    is_bounce: bool
    list_id: str
    authentication: str
    headers: Mapping[str, str]
    defects: tuple[str, ...]
    digest: str
    size: int
    words: str = ""
