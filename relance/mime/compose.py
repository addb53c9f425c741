"""From what one wrote to the bytes that leave (RFC 5322, RFC 2045–2047): plain text.

Written by hand rather than with `email.message`, which folds long ids into encoded words that
other clients cannot match, and takes twenty times longer.
"""

import binascii
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.utils import format_datetime

from relance.mime.message import Address

MOST_REFERENCES = 20
_LINE = 76
_LONGEST_LINE = 998
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]+")
_NOT_IN_ADDRESS = re.compile(r"[\s<>(),;:\\\"\[\]\x00-\x1f\x7f]")
_PLAIN_PHRASE = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")
_REPLY = re.compile(r"\s*(?:re|ré|rép|aw|sv|antw|r)\s?(?:\[\d{1,3}\])?\s?[:：]", re.IGNORECASE)
_LINE_END = re.compile(r"\r\n?|\n")
_FR_DAYS = ("lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim.")
_FR_MONTHS = (
    *("janv.", "févr.", "mars", "avr.", "mai", "juin"),
    *("juil.", "août", "sept.", "oct.", "nov.", "déc."),
)
_EN_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_EN_MONTHS = tuple("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split())


@dataclass(frozen=True, slots=True)
class Composition:
    """A mail to build. Ids are without brackets; `date` is aware."""

    from_: Address
    to: tuple[Address, ...]
    subject: str
    text: str
    message_id: str
    date: datetime
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()  # envelope only: never written
    in_reply_to: str = ""
    references: tuple[str, ...] = ()


def build(composition: Composition) -> bytes:
    """The message with CRLF line ends, 7-bit clean unless an address itself is not ASCII.

    Control characters in headers become spaces. Raises ValueError for an address that cannot be
    written (no "@", white space, brackets) and for a date without a zone.
    """
    if composition.date.tzinfo is None:
        raise ValueError("the date of a mail needs a time zone")
    encoding, body = _encoded_body(composition.text)
    lines = [
        f"From: {_address(composition.from_)}",
        _people("To", composition.to),
        _people("Cc", composition.cc),
        f"Subject: {_words(composition.subject, 'Subject')}",
        f"Date: {format_datetime(composition.date)}",
        f"Message-ID: {_id(composition.message_id)}",
        f"In-Reply-To: {_id(composition.in_reply_to)}" if _id(composition.in_reply_to) else "",
        _references(composition.references),
        "MIME-Version: 1.0",
        'Content-Type: text/plain; charset="utf-8"',
        f"Content-Transfer-Encoding: {encoding}",
    ]
    header = "\r\n".join(line for line in lines if line)
    return header.encode("utf-8") + b"\r\n\r\n" + body


def new_message_id(domain: str) -> str:
    """A fresh Message-ID without brackets; says nothing of who wrote, or of what."""
    clean = _NOT_IN_ADDRESS.sub("", domain)
    return f"{secrets.token_hex(16)}@{_ascii_domain(clean) if clean else 'localhost'}"


def reply_subject(subject: str) -> str:
    """ "Devis" becomes "Re: Devis"; one that is a reply already stays as it is.

    "Re: " in every language: RFC 5322, 3.6.5, and what every client strips again.
    """
    subject = _one_line(subject)
    return subject if _REPLY.match(subject) else f"Re: {subject}".rstrip()


def quote_text(text: str, attribution: str) -> str:
    """`text` quoted under its attribution line (RFC 3676, 4.5)."""
    lines = _LINE_END.split(text.rstrip())
    quoted = "\n".join(
        f">{line}" if line.startswith(">") else f"> {line}".rstrip() for line in lines
    )
    return f"{attribution}\n{quoted}"


def attribution(name: str, at: datetime, language: str) -> str:
    """ "Le mar. 17 nov. 2026 à 17:26, Camille a écrit :" in the language of the one who answers;
    `at` is in the zone to be shown."""
    name = _one_line(name)
    if language.startswith("fr"):
        day = f"{_FR_DAYS[at.weekday()]} {at.day} {_FR_MONTHS[at.month - 1]} {at.year}"
        return f"Le {day} à {at:%H:%M}, {name} a écrit\u00a0:"
    day = f"{_EN_DAYS[at.weekday()]} {at.day} {_EN_MONTHS[at.month - 1]} {at.year}"
    return f"On {day} at {at:%H:%M}, {name} wrote:"


def _one_line(text: str) -> str:
    return _CONTROLS.sub(" ", text).strip()


def _words(text: str, header: str) -> str:
    """Unstructured text, folded; encoded words when it is not ASCII or could be taken for one."""
    text = _one_line(text).encode("utf-8", "replace").decode("utf-8")
    if text.isascii() and "=?" not in text and len(text) <= _LONGEST_LINE - len(header) - 4:
        return text
    return Header(text, "utf-8", header_name=header, maxlinelen=_LINE).encode(linesep="\r\n")


def _people(header: str, people: tuple[Address, ...]) -> str:
    return f"{header}: " + ",\r\n ".join(_address(person) for person in people) if people else ""


def _address(person: Address) -> str:
    address = written_address(person.address)
    name = _one_line(person.name)
    if not name:
        return address
    if not name.isascii() or "=?" in name:
        name = Header(name, "utf-8", maxlinelen=_LINE).encode(linesep="\r\n")
    elif not _PLAIN_PHRASE.fullmatch(name):
        name = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"{name} <{address}>"


def written_address(address: str) -> str:
    """An address as it is written on the wire, its domain in ASCII (RFC 5891).

    Raises ValueError when it cannot stand in a header or an envelope.
    """
    local, at, domain = address.strip().rpartition("@")
    if not at or not local or not domain or _NOT_IN_ADDRESS.search(local + domain):
        raise ValueError("not an address that can be written to")
    return f"{local}@{_ascii_domain(domain)}"


def _ascii_domain(domain: str) -> str:
    if domain.isascii():
        return domain
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise ValueError("not a domain that can be written to") from error


def _id(message_id: str) -> str:
    inner = "".join(_CONTROLS.sub("", message_id).split()).strip("<>")
    return f"<{inner}>" if inner else ""


def _references(ids: tuple[str, ...]) -> str:
    """The first and the last ones, one a line: enough to thread, and no header grows for ever."""
    if len(ids) > MOST_REFERENCES:
        ids = ids[:1] + ids[1 - MOST_REFERENCES :]
    written = [found for i in ids if (found := _id(i))]
    return "References: " + "\r\n ".join(written) if written else ""


def _encoded_body(text: str) -> tuple[str, bytes]:
    """(transfer encoding, body ending with a line end): the lightest that any server carries."""
    lines = _LINE_END.split(text.replace("\x00", ""))
    while lines and not lines[-1].strip():
        lines.pop()
    data = ("\n".join(lines) + "\n").encode("utf-8", "replace")
    fits = all(len(line) <= _LONGEST_LINE and line[:5] != "From " for line in lines)
    if data.isascii() and fits:
        return "7bit", data.replace(b"\n", b"\r\n")
    if sum(byte > 127 for byte in data[:4_000]) * 3 > len(data[:4_000]):
        whole = data.replace(b"\n", b"\r\n")
        pieces = [whole[n : n + 57] for n in range(0, len(whole), 57)]
        encoded = b"".join(binascii.b2a_base64(piece) for piece in pieces)
        return "base64", encoded.replace(b"\n", b"\r\n")
    quoted = binascii.b2a_qp(data, istext=True)
    quoted = re.sub(rb"(?m)^From ", b"=46rom ", quoted)
    return "quoted-printable", quoted.replace(b"\n", b"\r\n")
