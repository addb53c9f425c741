"""Mails of the demo, as bytes: text or HTML, quoted history, signatures, small real files."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.charset import QP, Charset
from email.encoders import encode_base64
from email.header import Header
from email.message import Message
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.mime.text import MIMEText
from email.policy import compat32
from email.utils import format_datetime, formataddr
from html import escape

from relance.demo.almanac import ZONE
from relance.demo.attachments import file_named
from relance.demo.cast import BY_KEY, Character
from relance.lib import clock
from relance.mime import compose

BOUNCED = "Undelivered Mail Returned to Sender"
_DAEMON = BY_KEY["daemon"]
_QUOTED_DEEP = 3  # earlier mails below an answer
_POLICY = compat32.clone(linesep="\r\n")  # ten times faster than the modern one
_UTF8 = Charset("utf-8")
_UTF8.body_encoding = QP


@dataclass(slots=True)
class Letter:
    """One mail of a story. `answers` is the letter it replies to. A bulk letter says how to
    unsubscribe; a bounced one says so of the letter it answers."""

    sender: Character
    to: Sequence[Character]
    subject: str
    text: str
    at: datetime
    answers: Letter | None = None
    cc: Sequence[Character] = ()
    files: Sequence[str] = ()
    options: frozenset[str] = field(default=frozenset())
    message_id: str = ""

    def __post_init__(self) -> None:
        if not self.message_id:
            key = f"{self.sender.address}{self.subject}{self.text[:40]}"
            number = zlib.crc32(key.encode())
            stamp = int(self.at.timestamp())
            self.message_id = f"{number:08x}.{stamp:x}@{self.sender.firm.domain}"

    @property
    def signature(self) -> str:
        """The sender's; nothing below a letter from a program."""
        is_program = self.options & {"bulk", "auto", "bounce"}
        return "" if is_program else signature_of(self.sender)

    @property
    def body(self) -> str:
        return f"{self.text}\n\n-- \n{self.signature}" if self.signature else self.text

    def history(self) -> list[Letter]:
        """The letters before this one, newest first."""
        found: list[Letter] = []
        letter = self.answers
        while letter is not None:
            found.append(letter)
            letter = letter.answers
        return found


def signature_of(person: Character) -> str:
    """Name, then title and firm, then phone; "" for somebody without a title."""
    if not person.title:
        return ""
    place = ", ".join(x for x in (person.title, person.firm.name) if x)
    return "\n".join(x for x in (person.name, place, person.phone) if x)


def as_bytes(letter: Letter) -> bytes:
    """The letter with CRLF line ends, quoting what it answers as mail programs do."""
    whole = _content(letter)
    _write_headers(whole, letter)
    return whole.as_bytes(policy=_POLICY)


def _content(letter: Letter) -> Message:
    if "bounce" in letter.options and letter.answers is not None:
        lost = letter.answers
        return _report(lost.to[0].address, _headers_of(lost), "user unknown")
    text: Message = _text(f"{letter.body}\n{_quoted_text(letter)}", "plain")
    if "html" in letter.options:
        text = _multipart("alternative", [text, _text(_html(letter), "html")])
    if not letter.files:
        return text
    source = letter.sender.firm.name or letter.sender.name
    return _multipart("mixed", [text, *(_file(name, source) for name in letter.files)])


def _write_headers(message: Message, letter: Letter) -> None:
    message["From"] = _address(letter.sender)
    message["To"] = ", ".join(map(_address, letter.to))
    if letter.cc:
        message["Cc"] = ", ".join(map(_address, letter.cc))
    subject = Header(letter.subject, None if letter.subject.isascii() else "utf-8")
    message["Subject"] = subject.encode()
    message["Date"] = format_datetime(letter.at.astimezone(ZONE))
    message["Message-ID"] = f"<{letter.message_id}>"
    if letter.answers is not None:
        message["In-Reply-To"] = f"<{letter.answers.message_id}>"
        before = [f"<{one.message_id}>" for one in reversed(letter.history())]
        message["References"] = " ".join(before)
    if "bulk" in letter.options:
        domain = letter.sender.firm.domain
        message["List-Id"] = f"<{letter.sender.local}.{domain}>"
        message["List-Unsubscribe"] = f"<https://{domain}/stop>"
    if letter.options & {"auto", "bounce"}:
        message["Auto-Submitted"] = "auto-generated"


def as_report(to: str, whom: str, message_id: str, *, why: str) -> bytes:
    """A mail telling `to` that her mail of that id did not reach `whom`."""
    report = _report(whom, f"Message-ID: <{message_id}>\n", why)
    report["From"] = formataddr((_DAEMON.name, _DAEMON.address))
    report["To"] = to
    report["Subject"] = BOUNCED
    report["Date"] = format_datetime(clock.now())
    report["Message-ID"] = f"<{compose.new_message_id(_DAEMON.firm.domain)}>"
    report["In-Reply-To"] = report["References"] = f"<{message_id}>"
    report["Auto-Submitted"] = "auto-replied"
    return report.as_bytes(policy=_POLICY)


def _report(whom: str, original: str, why: str) -> MIMEMultipart:
    """A delivery report (RFC 3464): why the mail with these headers did not reach `whom`."""
    said = f"550 5.1.1 <{whom}>: {why}"
    text = (
        f"This is the mail system at host {_DAEMON.firm.domain}.\n\nYour message could not be "
        f"delivered to one or more recipients.\n\n<{whom}>: {said}\n"
    )
    status, recipient = Message(), Message()
    status["Reporting-MTA"] = f"dns; {_DAEMON.firm.domain}"
    recipient["Final-Recipient"] = f"rfc822; {whom}"
    recipient["Action"] = "failed"
    recipient["Status"] = "5.1.1"
    recipient["Diagnostic-Code"] = f"smtp; {said}"
    machine = MIMENonMultipart("message", "delivery-status")
    machine.set_payload([status, recipient])
    headers = _text(original, "rfc822-headers")
    report = _multipart("report", [_text(text, "plain"), machine, headers])
    report.set_param("report-type", "delivery-status")
    return report


def _headers_of(letter: Letter) -> str:
    message = Message()
    _write_headers(message, letter)
    return message.as_string()


def _text(text: str, kind: str) -> MIMEText:
    return MIMEText(text, kind, _UTF8)  # type: ignore[arg-type]  # a Charset is as good as a name


def _multipart(kind: str, parts: Sequence[Message]) -> MIMEMultipart:
    return MIMEMultipart(kind, _subparts=parts)


def _file(name: str, source: str) -> Message:
    kind, data = file_named(name, source)
    part = MIMEBase(*kind.split("/"))
    part.set_payload(data)
    encode_base64(part)
    part.add_header("Content-Disposition", "attachment", filename=name)
    return part


def _address(person: Character) -> str:
    return formataddr((person.name, person.address))


def _attribution(letter: Letter, language: str) -> str:
    return compose.attribution(letter.sender.name, letter.at.astimezone(ZONE), language)


def _quoted_text(letter: Letter) -> str:
    """What is answered, each earlier mail one level deeper."""
    language = letter.sender.firm.language
    text = ""
    for old in reversed(letter.history()[:_QUOTED_DEEP]):
        quoted = f"{old.body}\n\n{text}" if text else old.body
        text = compose.quote_text(quoted, _attribution(old, language))
    return f"\n{text}\n" if text else ""


def _html(letter: Letter) -> str:
    sign = f"<p>-- <br>{_lines(letter.signature)}</p>" if letter.signature else ""
    return (
        '<html><body style="font-family:Arial,sans-serif;font-size:14px">'
        f"{_paragraphs(letter.text)}{sign}{_quoted_html(letter)}</body></html>"
    )


def _quoted_html(letter: Letter) -> str:
    text = ""
    for old in reversed(letter.history()[:_QUOTED_DEEP]):
        line = escape(_attribution(old, letter.sender.firm.language))
        text = (
            f'<div class="gmail_quote"><div>{line}</div><blockquote type="cite">'
            f"{_paragraphs(old.body)}{text}</blockquote></div>"
        )
    return text


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{_lines(paragraph)}</p>" for paragraph in text.split("\n\n"))


def _lines(text: str) -> str:
    return escape(text).replace("\n", "<br>")
