"""From the bytes of a mail to a `ParsedMessage`: bounded, linear, and never raising on bad mail.

The standard library's parser is quadratic on hostile headers and raises on some broken mail, so
it serves only as the reference that tests compare with.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field

from relance.lib.text import shorten, squeeze
from relance.mime import headers as h
from relance.mime import tree
from relance.mime.charsets import decode
from relance.mime.flowed import unflow
from relance.mime.message import Address, ParsedMessage, Part
from relance.mime.plain import html_to_text
from relance.mime.quotes import own_words

MAX_TEXT = 1_000_000  # characters
MAX_HTML = 2_000_000  # characters
SNIPPET = 200
_TNEF = {"application/ms-tnef", "application/vnd.ms-tnef"}
_AUTHENTICATED = re.compile(r"\b(dmarc|dkim|spf)\s*=\s*([a-z]+)")
_BOUNCERS = ("mailer-daemon@", "postmaster@")
_EXTENSIONS = {
    "message/rfc822": ".eml",
    "text/calendar": ".ics",
    "text/html": ".html",
    "text/plain": ".txt",
    "message/delivery-status": ".txt",
    "application/pdf": ".pdf",
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/gif": ".gif",
}


@dataclass(slots=True)
class _Bodies:
    """What the leaves give: texts, and files."""

    plain: list[str] = field(default_factory=list)
    html: list[str] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    defects: list[str] = field(default_factory=list)


def parse(raw: bytes) -> ParsedMessage:
    """Read a mail. Whatever the bytes, the answer is a message; `defects` says what was odd."""
    found = tree.split(raw)
    bodies = _read_leaves(raw, found)
    text, html = _texts(bodies)
    fields = found.headers
    people = {name: h.addresses(fields, name) for name in _PEOPLE}
    subject = h.readable(fields, "subject")[:998]
    date = h.date_of(h.raw_text(fields, "date"))
    common = (people, subject, str(date), text, html, bodies.parts)
    return ParsedMessage(
        message_id=_first_id(fields),
        in_reply_to=h.message_ids(h.raw_text(fields, "in-reply-to")),
        references=h.message_ids(h.raw_text(fields, "references", limit=200_000)),
        subject=subject,
        date=date,
        from_=people["from"],
        sender=people["sender"],
        reply_to=people["reply-to"],
        to=people["to"],
        cc=people["cc"],
        bcc=people["bcc"],
        text=text,
        html=html,
        snippet=shorten(squeeze(own_words(text[:20_000])), SNIPPET),
        parts=tuple(bodies.parts),
        is_auto=_is_auto(fields),
        is_bulk=_is_bulk(fields),
        is_bounce=_is_bounce(fields, people["from"]),
        list_id=h.readable(fields, "list-id")[:255],
        authentication=_authentication(fields),
        defects=tuple(dict.fromkeys(found.defects + bodies.defects)),
        digest=_digest(*common),
        size=len(raw),
    )


_PEOPLE = ("from", "sender", "reply-to", "to", "cc", "bcc")


def part_content(raw: bytes, index: str) -> bytes:
    """The decoded bytes of the part with that index. Raises KeyError when there is none."""
    for leaf in tree.split(raw).leaves:
        if leaf.index == index:
            return tree.content(raw, leaf)
    raise KeyError(index)


def _first_id(fields: h.Headers) -> str:
    text = h.one_line(h.raw_text(fields, "message-id"))
    ids = h.message_ids(text)
    return (ids[0] if ids else text.strip("<> "))[:995]


def _read_leaves(raw: bytes, found: tree.Tree) -> _Bodies:
    bodies = _Bodies()
    for leaf in found.leaves:
        data = tree.content(raw, leaf)
        if _is_body(leaf):
            _read_text(leaf, data, bodies)
        else:
            bodies.parts.append(_file(leaf, data))
    return bodies


def _is_body(leaf: tree.Leaf) -> bool:
    if leaf.content_type not in ("text/plain", "text/html"):
        # An unknown kind of text with no name is still to be read (RFC 2046, section 4.1.4).
        unknown = leaf.content_type.startswith("text/") and leaf.content_type in (
            "text/enriched",
            "text/x-markdown",
            "text/markdown",
        )
        return unknown and not leaf.filename
    return leaf.disposition != "attachment" and not leaf.filename


def _read_text(leaf: tree.Leaf, data: bytes, bodies: _Bodies) -> None:
    text = decode(data, leaf.charset).replace("\r\n", "\n").replace("\r", "\n")
    text = text.replace("\0", "")
    if leaf.content_type == "text/html":
        bodies.html.append(text)
        return
    if leaf.params.get("format", "").lower() == "flowed":
        text = unflow(text, delete_space=leaf.params.get("delsp", "").lower() == "yes")
    bodies.plain.append(text)


def _file(leaf: tree.Leaf, data: bytes) -> Part:
    name = leaf.filename or _made_up_name(leaf, data)
    inline = bool(leaf.content_id) and leaf.content_type.startswith("image/")
    return Part(
        index=leaf.index,
        content_type=leaf.content_type,
        charset=leaf.charset[:60],
        filename=name[:255],
        disposition=leaf.disposition,
        content_id=leaf.content_id[:255],
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        is_attachment=not inline or leaf.disposition == "attachment",
        is_inline=inline and leaf.disposition != "attachment",
    )


def _made_up_name(leaf: tree.Leaf, data: bytes) -> str:
    if leaf.content_type in _TNEF:
        return "winmail.dat"
    extension = _EXTENSIONS.get(leaf.content_type, "")
    if leaf.content_type == "message/rfc822":
        end = data.find(b"\n\n")
        inner = h.split_block(data[: end if end >= 0 else 100_000].replace(b"\r\n", b"\n"))
        return (h.readable(inner, "subject")[:200] or "message") + extension
    stem = leaf.content_type.rpartition("/")[2] if not extension else "part"
    return f"{stem}-{leaf.index}{extension}"


def _texts(bodies: _Bodies) -> tuple[str, str]:
    text, html = "\n".join(bodies.plain), "\n".join(bodies.html)
    if len(text) > MAX_TEXT:
        bodies.defects.append("text_cut")
    if len(html) > MAX_HTML:
        bodies.defects.append("html_cut")
    text, html = text[:MAX_TEXT], html[:MAX_HTML]
    if html and not text.strip():
        text = html_to_text(html)
    return text, html


def _is_auto(fields: h.Headers) -> bool:
    """Sent by a machine (RFC 3834), so neither an answer nor to be answered."""
    submitted = h.raw_text(fields, "auto-submitted").strip().lower()
    return (
        (bool(submitted) and not submitted.startswith("no"))
        or any(n in fields for n in ("x-autoreply", "x-autorespond", "x-auto-response-suppress"))
        or h.raw_text(fields, "precedence").strip().lower() == "auto_reply"
        or "disposition-notification" in h.raw_text(fields, "content-type").lower()
    )


def _is_bulk(fields: h.Headers) -> bool:
    precedence = h.raw_text(fields, "precedence").strip().lower()
    return precedence in ("bulk", "list", "junk") or any(
        n in fields for n in ("list-id", "list-unsubscribe", "x-mailing-list")
    )


def _is_bounce(fields: h.Headers, senders: tuple[Address, ...]) -> bool:
    kind = h.raw_text(fields, "content-type").lower()
    if kind.startswith("multipart/report") and "delivery-status" in kind:
        return True
    return any(a.address.lower().startswith(_BOUNCERS) for a in senders)


def _authentication(fields: h.Headers) -> str:
    """What the receiving server found (RFC 8601): DMARC decides, else DKIM and SPF together."""
    text = h.raw_text(fields, "authentication-results").lower()
    results = dict(_AUTHENTICATED.findall(text))
    if "dmarc" in results and results["dmarc"] in ("pass", "fail"):
        return results["dmarc"]
    verdicts = {results.get("dkim"), results.get("spf")}
    if "pass" in verdicts:
        return "pass"
    return "fail" if verdicts & {"fail", "softfail"} else "none"


def _digest(
    people: dict[str, tuple[Address, ...]],
    subject: str,
    date: str,
    text: str,
    html: str,
    parts: list[Part],
) -> str:
    digest = hashlib.sha256()
    for name in ("from", "to", "cc", "reply-to"):
        for person in people[name]:
            digest.update(f"{name}\0{person.name}\0{person.address}\0".encode("utf-8", "replace"))
    for value in (subject, date, text, html):
        digest.update(value.encode("utf-8", "replace") + b"\0")
    for part in parts:
        digest.update(f"{part.filename}\0{part.sha256}\0".encode("utf-8", "replace"))
    return digest.hexdigest()
