"""An outgoing mail as bytes: the same on every attempt, since its rows are fixed once queued."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from relance.files import blobs
from relance.mail import attachments, identities
from relance.mail.models import Outgoing, OutgoingRecipient
from relance.mime import compose, written
from relance.mime.compose import File
from relance.mime.message import Address

#: How the calendar part of a mail lies among its attachments.
CALENDAR = "text/calendar; method="


@dataclass(frozen=True, slots=True)
class Letter:
    """What to send. Ids are without brackets; `references` are the parent's, then the parent.

    Without `text`, the plain alternative is made from `html`. `headers` are further fields; one
    that says `Auto-Submitted: auto-replied` makes it an automatic answer (RFC 3834).
    """

    subject: str
    text: str
    to: Sequence[Address]
    cc: Sequence[Address] = ()
    bcc: Sequence[Address] = ()
    in_reply_to: str = ""
    references: Sequence[str] = field(default_factory=tuple)
    html: str = ""
    headers: Sequence[tuple[str, str]] = ()
    files: Sequence[File] = ()
    calendar: bytes = b""
    calendar_method: str = ""

    def people(self) -> list[tuple[str, Address]]:
        """Everybody it goes to, with the role."""
        role = OutgoingRecipient.Role
        return [
            *((role.TO.value, a) for a in self.to),
            *((role.CC.value, a) for a in self.cc),
            *((role.BCC.value, a) for a in self.bcc),
        ]


def bytes_of(outgoing: Outgoing) -> bytes:
    """The message as it leaves."""
    return compose.build(_composition(outgoing))


def sent_copy_of(outgoing: Outgoing) -> bytes:
    """The message as its sender keeps it: with the blind copies (RFC 5322, 3.6.3)."""
    return compose.build(_composition(outgoing), with_bcc=True)


def text_of(outgoing: Outgoing) -> str:
    """The plain alternative, quote included."""
    if not (outgoing.has_quote and outgoing.quote_text):
        return outgoing.text
    text, signature = outgoing.text, ""
    if outgoing.html and not outgoing.author.quote_below:
        text, signature = map(compose.text_of, written.split_signature(outgoing.html))
    pieces = [text.rstrip(), outgoing.quote_text.rstrip(), signature.rstrip()]
    return "\n\n".join(p for p in pieces if p) + "\n"


def html_of(outgoing: Outgoing) -> str:
    """The HTML, quote included; "" for a mail in plain text."""
    if not (outgoing.html and outgoing.has_quote and outgoing.quote_html):
        return outgoing.html
    words, signature = outgoing.html, ""
    if not outgoing.author.quote_below:  # she answers above, and signs below (D39)
        words, signature = written.split_signature(outgoing.html)
    return "\n".join(p for p in (words, outgoing.quote_html, signature) if p)


def is_automatic(outgoing: Outgoing) -> bool:
    """An answer that a machine gives: nobody must answer it by machine, nor report it back."""
    return any(
        name.lower() == "auto-submitted" and value.strip().lower().startswith("auto-replied")
        for name, value in outgoing.headers
    )


def _composition(outgoing: Outgoing) -> compose.Composition:
    people: dict[str, list[Address]] = {"to": [], "cc": [], "bcc": []}
    for recipient in recipients_of(outgoing):
        people[recipient.role].append(Address(recipient.name, recipient.address.address))
    html = html_of(outgoing)
    files, calendar, method = _files(outgoing)
    return compose.Composition(
        from_=identities.sender_of(outgoing).mailbox,
        to=tuple(people["to"]),
        cc=tuple(people["cc"]),
        bcc=tuple(people["bcc"]),
        subject=outgoing.subject,
        text=text_of(outgoing),
        html=html,
        files=files,
        calendar=calendar,
        calendar_method=method,
        message_id=outgoing.message_id,
        date=outgoing.queued_at,
        in_reply_to=outgoing.in_reply_to,
        references=tuple(outgoing.references.split()),
        headers=tuple((name, value) for name, value in outgoing.headers),
    )


def recipients_of(outgoing: Outgoing) -> list[OutgoingRecipient]:
    """Its recipients in the order they were written, their addresses loaded."""
    rows = outgoing.recipients.all()
    if not getattr(outgoing, "_prefetched_objects_cache", {}).get("recipients"):
        rows = rows.select_related("address")
    return sorted(rows, key=lambda r: r.pk)


def _files(outgoing: Outgoing) -> tuple[tuple[File, ...], bytes, str]:
    """(files, calendar, its method). An image that the text no longer shows stays behind."""
    files: list[File] = []
    calendar, method = b"", ""
    shown: set[str] | None = None
    for one in sorted(outgoing.attachments.all(), key=lambda a: a.pk):
        if shown is None:
            shown = attachments.shown_images(outgoing)
        if one.is_inline and one.content_type.startswith(CALENDAR):
            calendar, method = blobs.get(one.blob_id), one.content_type[len(CALENDAR) :]
        elif not one.is_inline or one.content_id.lower() in shown:
            files.append(
                File(
                    one.filename,
                    one.content_type,
                    blobs.get(one.blob_id),
                    content_id=one.content_id,
                    is_inline=one.is_inline,
                )
            )
    return tuple(files), calendar, method
