"""From what one wrote to the bytes that leave (RFC 5322, RFC 2045–2047)."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.headerregistry import Address as HeaderAddress
from email.message import EmailMessage
from email.utils import format_datetime

from babel.dates import format_date, format_time

from relance.mime.message import Address

MOST_REFERENCES = 20
_LINE_BREAKS = re.compile(r"[\r\n\0]+")
_REPLY = re.compile(r"^\s*(?:re|ré|rép|aw|sv|antw)\s?:", re.IGNORECASE)
_POLICY = policy.SMTP.clone(max_line_length=78, cte_type="7bit")


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
    """The message with CRLF line ends, seven-bit clean. Line breaks in headers become spaces."""
    message = EmailMessage(policy=_POLICY)
    message["From"] = _header_address(composition.from_)
    if composition.to:
        message["To"] = [_header_address(a) for a in composition.to]
    if composition.cc:
        message["Cc"] = [_header_address(a) for a in composition.cc]
    message["Subject"] = _one_line(composition.subject)
    message["Date"] = format_datetime(composition.date)
    message["Message-ID"] = f"<{_one_line(composition.message_id)}>"
    if composition.in_reply_to:
        message["In-Reply-To"] = f"<{_one_line(composition.in_reply_to)}>"
    if references := _bounded(composition.references):
        message["References"] = " ".join(f"<{_one_line(r)}>" for r in references)
    message["MIME-Version"] = "1.0"
    message.set_content(composition.text.replace("\r\n", "\n"), cte="quoted-printable")
    return message.as_bytes()


def new_message_id(domain: str) -> str:
    """A fresh Message-ID without brackets; says nothing of who wrote, or of what."""
    return f"{secrets.token_hex(16)}@{domain or 'localhost'}"


def reply_subject(subject: str) -> str:
    """ "Devis" becomes "Re: Devis"; one that is a reply already stays as it is."""
    return subject if _REPLY.match(subject) else f"Re: {subject}".rstrip()


def quote_text(text: str, attribution: str) -> str:
    """`text` quoted under its attribution line (RFC 3676, section 4.5)."""
    lines = text.rstrip().splitlines()
    quoted = "\n".join(f">{line}" if line.startswith(">") else f"> {line}" for line in lines)
    return f"{attribution}\n{quoted}"


def attribution(name: str, at: datetime, language: str) -> str:
    """ "Le 3 novembre 2026 à 10:02, Jean a écrit :" in the language of the one who answers."""
    locale = "fr" if language.startswith("fr") else "en_GB"
    day, hour = format_date(at, "long", locale), format_time(at, "short", locale=locale)
    if locale == "fr":
        return f"Le {day} à {hour}, {name} a écrit\u00a0:"
    return f"On {day} at {hour}, {name} wrote:"


def _header_address(address: Address) -> HeaderAddress:
    return HeaderAddress(
        display_name=_one_line(address.name), addr_spec=_ascii_domain(address.address)
    )


def _ascii_domain(address: str) -> str:
    local, at, domain = _one_line(address).rpartition("@")
    if domain.isascii():
        return f"{local}{at}{domain}"
    return f"{local}{at}{domain.encode('idna').decode('ascii')}"


def _bounded(references: tuple[str, ...]) -> tuple[str, ...]:
    """The first and the last ones: enough to thread, and no header grows for ever."""
    if len(references) <= MOST_REFERENCES:
        return references
    return references[:1] + references[-(MOST_REFERENCES - 1) :]


def _one_line(text: str) -> str:
    return _LINE_BREAKS.sub(" ", text).strip()
