"""Mails of the demo, as bytes: text or HTML, quoted history, signatures, small real files."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from html import escape
from zipfile import ZipFile

from relance.demo.cast import CLARTE, Character
from relance.mime import compose


@dataclass(slots=True)
class Letter:
    """One mail of a story. `answers` is the letter it replies to."""

    sender: Character
    to: Sequence[Character]
    subject: str
    text: str
    at: datetime
    answers: Letter | None = None
    cc: Sequence[Character] = ()
    files: Sequence[str] = ()
    html: bool = False
    headers: dict[str, str] = field(default_factory=dict)
    signed: bool = True
    message_id: str = ""

    def __post_init__(self) -> None:
        if not self.message_id:
            key = f"{self.sender.address}{self.subject}{self.at.isoformat()}{self.text[:40]}"
            number = zlib.crc32(key.encode())
            stamp = int(self.at.timestamp())
            self.message_id = f"{number:08x}.{stamp:x}@{self.sender.firm.domain}"

    @property
    def body(self) -> str:
        return f"{self.text}\n\n{signature(self.sender)}" if self.signed else self.text

    def references(self) -> list[str]:
        found: list[str] = []
        letter = self.answers
        while letter is not None:
            found.insert(0, letter.message_id)
            letter = letter.answers
        return found


def signature(person: Character) -> str:
    """Name, then title and firm, then phone: what the reading view proposes for a record."""
    place = ", ".join(x for x in (person.title, person.firm.name) if x)
    return "\n".join(x for x in (person.name, place, person.phone) if x)


def as_bytes(letter: Letter) -> bytes:
    """The letter with CRLF line ends, quoting the one it answers as mail programs do."""
    message = EmailMessage()
    message["From"] = _address(letter.sender)
    message["To"] = [_address(p) for p in letter.to]
    if letter.cc:
        message["Cc"] = [_address(p) for p in letter.cc]
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(letter.at)
    message["Message-ID"] = f"<{letter.message_id}>"
    if letter.answers is not None:
        message["In-Reply-To"] = f"<{letter.answers.message_id}>"
        message["References"] = " ".join(f"<{r}>" for r in letter.references())
    for name, value in letter.headers.items():
        message[name] = value
    message.set_content(letter.body + _quoted_text(letter))
    if letter.html:
        message.add_alternative(_html(letter), subtype="html")
    for name in letter.files:
        kind, data = file_named(name)
        main, _, sub = kind.partition("/")
        message.add_attachment(data, maintype=main, subtype=sub, filename=name)
    return message.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def _address(person: Character) -> Address:
    return Address(person.name, addr_spec=person.address)


def _quoted_text(letter: Letter) -> str:
    old = letter.answers
    if old is None:
        return "\n"
    language = letter.sender.firm.language
    line = compose.attribution(old.sender.name, old.at, language)
    return f"\n\n{compose.quote_text(old.body, line)}\n"


def _html(letter: Letter) -> str:
    paragraphs = "".join(
        f"<p>{escape(p).replace(chr(10), '<br>')}</p>" for p in letter.text.split("\n\n")
    )
    sign = escape(signature(letter.sender)).replace("\n", "<br>") if letter.signed else ""
    quoted = ""
    if letter.answers is not None:
        old = letter.answers
        line = compose.attribution(old.sender.name, old.at, letter.sender.firm.language)
        inner = escape(old.body).replace("\n", "<br>")
        quoted = (
            f'<div class="gmail_quote"><div>{escape(line)}</div>'
            f'<blockquote type="cite">{inner}</blockquote></div>'
        )
    return (
        '<html><body style="font-family:Arial,sans-serif;font-size:14px">'
        f"{paragraphs}<p>{sign}</p>{quoted}</body></html>"
    )


def file_named(name: str) -> tuple[str, bytes]:
    """(content type, bytes) of a small but valid file of that name."""
    if name.endswith(".png"):
        return "image/png", _png(name)
    if name.endswith(".xlsx"):
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        return kind, _xlsx(name)
    return "application/pdf", _pdf(name.removesuffix(".pdf"))


def _pdf(title: str) -> bytes:
    """A one-page PDF (ISO 32000-1) that shows its title."""
    shown = f"{CLARTE.name} - {title}".encode("latin-1", "replace")
    safe = shown.replace(b"(", b"[").replace(b")", b"]")
    stream = b"BT /F1 20 Tf 60 760 Td (" + safe + b") Tj ET"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
        b"/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%b\nendstream" % (len(stream), stream),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    out, offsets = io.BytesIO(b"%PDF-1.4\n"), []
    out.seek(0, io.SEEK_END)
    for number, body in enumerate(objects, 1):
        offsets.append(out.tell())
        out.write(b"%d 0 obj\n%b\nendobj\n" % (number, body))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.writelines(b"%010d 00000 n \n" % offset for offset in offsets)
    out.write(b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (6, start))
    return out.getvalue()


def _png(name: str) -> bytes:
    """A plain 64 × 40 image, its shade taken from the name."""
    shade = zlib.crc32(name.encode()) % 156 + 80
    rows = b"".join(b"\0" + bytes([shade, 160, 255 - shade]) * 64 for _ in range(40))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", 64, 40, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def _xlsx(name: str) -> bytes:
    out = io.BytesIO()
    with ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", f"<workbook><sheet name='{name[:20]}'/></workbook>")
    return out.getvalue()
