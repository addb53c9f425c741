"""Bytes in, a frozen `ParsedMessage` out: linear in the size of the mail, and never raising.

The standard `email` package stays out of the way: its header parser is quadratic on hostile
input, recurses with the nesting, and is ten times slower on ordinary mail. What it agrees on
with this module, for well-formed mail, is tested.
"""

import hashlib
import re
from collections.abc import Collection
from datetime import datetime

from relance.mime import nature
from relance.mime.addresses import addresses
from relance.mime.body import Body, part_bytes, read_body
from relance.mime.dates import read_date
from relance.mime.message import Address, ParsedMessage, Part
from relance.mime.quotes import own_words
from relance.mime.tree import Tree, read_tree
from relance.mime.words import decode_words, header_text, one_line

MAX_ADDRESS_FIELD = 8_000_000
MAX_SUBJECT = 1_000
MAX_IDS = 500
MAX_ID = 500
SNIPPET = 200
_KEPT_HEADERS = (
    *(b"list-unsubscribe", b"list-unsubscribe-post", b"return-path", b"delivered-to"),
    *(b"x-original-to", b"auto-submitted", b"precedence", b"importance", b"x-priority"),
    *(b"disposition-notification-to", b"x-failed-recipients", b"thread-index", b"x-spam-flag"),
    *(b"x-mailer", b"user-agent", b"content-language", b"x-auto-response-suppress"),
)
_ANGLE_ID = re.compile(r"<([^<>]{1,2000}+)>")


def parse(raw: bytes) -> ParsedMessage:
    """Parse a mail's source. Never raises on bad mail; see `ParsedMessage.defects`."""
    source = _with_newlines(raw)
    tree = read_tree(source)
    return _Reader(tree, read_body(source, tree), len(raw)).message()


def part_content(raw: bytes, index: str) -> bytes:
    """The decoded content of the leaf `index` ("1", "2.1").

    Raises KeyError when the mail has no such leaf.
    """
    raw = _with_newlines(raw)
    for node in read_tree(raw).leaves:
        if node.index == index:
            return part_bytes(raw, node)
    raise KeyError(index)


def part_contents(raw: bytes, indexes: Collection[str]) -> dict[str, bytes]:
    """The decoded contents of several leaves by index; what the mail has not is left out."""
    raw = _with_newlines(raw)
    leaves = read_tree(raw).leaves
    return {node.index: part_bytes(raw, node) for node in leaves if node.index in indexes}


def _with_newlines(raw: bytes) -> bytes:
    """A source whose lines all end with a bare CR, read as if they ended with LF."""
    if b"\n" not in raw and b"\r" in raw:
        return raw.replace(b"\r", b"\n")
    return raw


class _Reader:
    """Reads the header of one mail."""

    def __init__(self, tree: Tree, body: Body, size: int) -> None:
        self._fields = tree.root.header.fields
        self._tree = tree
        self._body = body
        self._size = size

    def first(self, name: bytes) -> str:
        """The first value of a header as text, encoded words decoded, at most 10,000 bytes."""
        values = self._fields.get(name)
        return one_line(decode_words(header_text(values[0][:10_000]))) if values else ""

    def people(self, name: bytes) -> tuple[Address, ...]:
        """The addresses of a header; several fields of one name count as one."""
        values = self._fields.get(name)
        if not values:
            return ()
        value = values[0] if len(values) == 1 else b", ".join(values)
        return addresses(header_text(value[:MAX_ADDRESS_FIELD]))

    def ids(self, name: bytes) -> tuple[str, ...]:
        """The message ids of a header, in order, each once, without brackets."""
        values = self._fields.get(name)
        if not values:
            return ()
        return message_ids(header_text(b" ".join(values)[:200_000]))

    def message(self) -> ParsedMessage:
        """The whole mail."""
        from_ = self.people(b"from")
        sender = self.people(b"sender")
        subject = self.first(b"subject")[:MAX_SUBJECT]
        date_field = self.first(b"date")
        date = read_date(date_field) if date_field else None
        types = {part.content_type for part in self._body.parts}
        authors = from_ or sender
        root_type = self._tree.root.content_type
        is_bounce = nature.is_delivery_report(self.first, authors, subject, root_type, types)
        people = {name: self.people(name) for name in (b"reply-to", b"to", b"cc", b"bcc")}
        shared = (from_, people[b"to"], people[b"cc"], people[b"reply-to"])
        body = self._body
        return ParsedMessage(
            message_id=next(iter(self.ids(b"message-id")), ""),
            in_reply_to=self.ids(b"in-reply-to"),
            references=self.ids(b"references"),
            subject=subject,
            date=date,
            from_=from_,
            sender=sender,
            reply_to=people[b"reply-to"],
            to=people[b"to"],
            cc=people[b"cc"],
            bcc=people[b"bcc"],
            text=body.text,
            html=body.html,
            snippet=own_words(body.text, limit=SNIPPET),
            parts=body.parts,
            is_auto=nature.is_automatic(self.first, authors, is_bounce),
            is_bulk=nature.is_bulk(self.first),
            is_bounce=is_bounce,
            list_id=self._list_id(),
            authentication=nature.authentication(self.first(b"authentication-results"), from_),
            headers=self._kept_headers(),
            defects=self._defects(date_field, date),
            digest=_digest(shared, date, subject, body),
            size=self._size,
        )

    def _list_id(self) -> str:
        value = self.first(b"list-id")
        angle = _ANGLE_ID.search(value)
        return (angle[1] if angle else value).strip()[:255]

    def _kept_headers(self) -> dict[str, str]:
        found = [name for name in _KEPT_HEADERS if name in self._fields]
        return {name.decode(): self.first(name)[:2_000] for name in found}

    def _defects(self, date_field: str, date: datetime | None) -> tuple[str, ...]:
        found = [*self._tree.defects, *self._body.defects]
        if not self._fields.get(b"message-id"):
            found.append("no-message-id")
        if date is None:
            found.append("date-unreadable" if date_field else "no-date")
        if not self._fields.get(b"from"):
            found.append("no-from")
        return tuple(dict.fromkeys(found))


def message_ids(text: str) -> tuple[str, ...]:
    """The ids in a Message-ID, In-Reply-To or References value, in order, each once.

    Without any bracket, words holding an "@" count. Of more than `MAX_IDS`, the first and the
    last are kept: a thread is known by its root and by the mail answered.
    """
    found = ["".join(inner.split()) for inner in _ANGLE_ID.findall(text)]
    if not found:
        words = text.replace(",", " ").split()
        found = [word.strip("<>\"'") for word in words if "@" in word] or ["".join(words)]
    ids = tuple(dict.fromkeys(i[:MAX_ID] for i in found if i))
    return ids if len(ids) <= MAX_IDS else ids[:1] + ids[1 - MAX_IDS :]


def _digest(
    shared: tuple[tuple[Address, ...], ...], date: datetime | None, subject: str, body: Body
) -> str:
    """SHA-256 over From, To, Cc, Reply-To, Date, Subject, text, HTML, attachments' names and
    digests, each framed by its length so that no two mails can be cut to read alike."""
    lists = ["\n".join(f"{a.name}\t{a.address}" for a in people) for people in shared]
    items = [*lists, date.isoformat() if date else "", subject, body.plain, body.html]
    items += [_fingerprint(part) for part in body.parts if part.is_attachment or part.is_inline]
    items += body.body_digests
    found = hashlib.sha256()
    for item in items:
        data = item.encode("utf-8", "replace")
        found.update(b"%d:" % len(data))
        found.update(data)
    return found.hexdigest()


def _fingerprint(part: Part) -> str:
    return f"{part.filename}\t{part.sha256}"
