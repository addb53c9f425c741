"""A whole mail: its fields, then its tree of parts."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from relance.mime.compose import bodies, headers
from relance.mime.compose.bodies import File, Part
from relance.mime.message import Address


@dataclass(frozen=True, slots=True)
class Composition:
    """A mail to build. Ids are without brackets; `date` is aware.

    `html` is a fragment or a document, with `text` as its plain alternative; `calendar` is an
    iCalendar object, with its iTIP method; `headers` are further fields.
    """

    from_: Address
    to: tuple[Address, ...]
    subject: str
    text: str
    message_id: str
    date: datetime
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()  # written in the sender's own copy alone
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    html: str = ""
    files: tuple[File, ...] = ()
    calendar: bytes = b""
    calendar_method: str = ""
    headers: tuple[tuple[str, str], ...] = ()


def build(composition: Composition, *, with_bcc: bool = False) -> bytes:
    """The message with CRLF line ends, 7-bit clean unless an address itself is not ASCII.

    The same composition gives the same bytes, always. `with_bcc` is for the copy its sender
    keeps. Control characters in headers become spaces. Raises ValueError for an address that
    cannot be written (no "@", white space, brackets), for a date without a zone, and for a
    further header that is none or that is written here.
    """
    if composition.date.tzinfo is None:
        raise ValueError("the date of a mail needs a time zone")
    body = _body(composition)
    in_reply_to = headers.id_of(composition.in_reply_to)
    lines = [
        f"From: {headers.address(composition.from_)}",
        headers.people("To", composition.to),
        headers.people("Cc", composition.cc),
        headers.people("Bcc", composition.bcc) if with_bcc else "",
        f"Subject: {headers.words(composition.subject, 'Subject')}",
        f"Date: {format_datetime(composition.date)}",
        f"Message-ID: {headers.id_of(composition.message_id)}",
        f"In-Reply-To: {in_reply_to}" if in_reply_to else "",
        headers.references(composition.references),
        *(headers.further(name, value) for name, value in composition.headers),
        f"MIME-Version: 1.0\r\n{body.head}",
    ]
    head = "\r\n".join(line for line in lines if line)
    return head.encode("utf-8") + b"\r\n" + body.body


def new_message_id(domain: str) -> str:
    """A fresh Message-ID without brackets; says nothing of who wrote, or of what."""
    clean = headers.clean_domain(domain)
    return f"{secrets.token_hex(16)}@{headers.ascii_domain(clean) if clean else 'localhost'}"


def _body(composition: Composition) -> Part:
    seed = composition.message_id
    inline = [f for f in composition.files if f.is_inline and f.content_id and composition.html]
    attached = [f for f in composition.files if f not in inline]
    parts = [bodies.text_part(composition.text)]
    if composition.html:
        parts.append(_html(composition.html, inline, seed))
    if composition.calendar:
        parts.append(bodies.calendar_part(composition.calendar, composition.calendar_method))
    alternative = bodies.container("alternative", parts, seed)
    return bodies.container("mixed", [alternative, *map(bodies.file_part, attached)], seed)


def _html(html: str, inline: list[File], seed: str) -> Part:
    page = bodies.text_part(bodies.html_document(html), "html")
    parts = [page, *map(bodies.file_part, inline)]
    return bodies.container("related", parts, seed, parameters='; type="text/html"')
