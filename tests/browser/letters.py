"""Mails for the reading view, received as the synchronisation would, with their sources.

`python -m tests.browser.letters NAME` receives one in the served world and prints its thread.
"""

from __future__ import annotations

import base64
import json
import struct
import sys
import zlib
from datetime import timedelta
from typing import Any

from tests.browser import world

PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]>>endobj\n"
    b"xref\n0 4\n0000000000 65535 f \n0000000009 00000 n \n0000000055 00000 n \n"
    b"0000000106 00000 n \ntrailer<</Size 4/Root 1 0 R>>\nstartxref\n170\n%%EOF\n"
)


def png(width: int = 320, height: int = 200) -> bytes:
    """A picture, blue as our ink."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    rows = (b"\0" + b"\x2d\x49\xbf" * width) * height
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def file(name: str, kind: str, data: bytes, *, more: str = "") -> bytes:
    head = (
        f'Content-Type: {kind}; name="{name}"\r\nContent-Disposition: attachment; '
        f'filename="{name}"\r\n{more}Content-Transfer-Encoding: base64\r\n\r\n'
    )
    return head.encode() + base64.encodebytes(data)


def text(body: str, kind: str = "plain") -> bytes:
    return f"Content-Type: text/{kind}; charset=utf-8\r\n\r\n{body}\r\n".encode()


def mail(
    *parts: bytes,
    own_id: str,
    subject: str,
    sender: str = "Éloïse Garnier <eloise@meunier.example>",
    to: str = "camille@clarte.example",
    names: tuple[str, ...] = (),
    more: str = "",
) -> bytes:
    refs = "".join(f"References: {' '.join(f'<{n}>' for n in names)}\r\n" for _ in names[:1])
    head = (
        f"From: {sender}\r\nTo: {to}\r\nSubject: {subject}\r\nMessage-ID: <{own_id}>\r\n"
        f"{refs}{more}MIME-Version: 1.0\r\n"
    ).encode()
    if len(parts) == 1:
        return head + parts[0]
    body = b"".join(b"--cut\r\n" + p + b"\r\n" for p in parts)
    return head + b"Content-Type: multipart/mixed; boundary=cut\r\n\r\n" + body + b"--cut--\r\n"


def invitation(method: str = "REQUEST", sequence: int = 0, *, more: str = "") -> bytes:
    lines = (
        f"BEGIN:VCALENDAR\nVERSION:2.0\nMETHOD:{method}\nBEGIN:VEVENT\nUID:visite@meunier.example\n"
        f"SEQUENCE:{sequence}\nSUMMARY:Visite du site\\, quais 1 à 6\nLOCATION:Saint-Priest\n"
        "DTSTART;TZID=Europe/Paris:20301201T100000\nDTEND;TZID=Europe/Paris:20301201T113000\n"
        "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;COUNT=6\n"
        "ORGANIZER;CN=Éloïse Garnier:mailto:eloise@meunier.example\n"
        "ATTENDEE;CN=Camille;PARTSTAT=NEEDS-ACTION:mailto:camille@clarte.example\n"
        f"ATTENDEE;CN=Bruno;PARTSTAT=ACCEPTED:mailto:bruno@meunier.example\n{more}"
        "END:VEVENT\nEND:VCALENDAR\n"
    )
    head = f"Content-Type: text/calendar; charset=utf-8; method={method}\r\n\r\n"
    return (head + lines.replace("\n", "\r\n")).encode()


def winmail() -> bytes:
    """As Outlook packs: a text and one file."""

    def attribute(tag: int, value: bytes, level: int = 1) -> bytes:
        return struct.pack("<BII", level, tag, len(value)) + value + b"\0\0"

    return (
        struct.pack("<IH", 0x223E9F78, 1)
        + attribute(0x800C, b"Le texte du paquet\0")
        + attribute(0x9002, b"\0" * 14, 2)
        + attribute(0x8010, b"plan.txt\0", 2)
        + attribute(0x800F, b"Plan des quais", 2)
    )


def meeting() -> list[bytes]:
    return [mail(text("Voici l’invitation."), invitation(), own_id="inv@x", subject="Visite")]


def files() -> list[bytes]:
    bomb = png(10, 10)[:16] + struct.pack(">II", 60_000, 60_000) + png(10, 10)[24:]
    return [
        mail(
            text("Les pièces jointes."),
            file("quai.png", "image/png", png()),
            file("devis.pdf", "application/pdf", PDF),
            file("bombe.png", "image/png", bomb),
            file("page.html", "text/html", b"<script>alert(1)</script>"),
            file("winmail.dat", "application/ms-tnef", winmail()),
            own_id="files@x",
            subject="Les plans",
        )
    ]


def inline() -> list[bytes]:
    related = (
        b"Content-Type: multipart/related; boundary=rel\r\n\r\n--rel\r\n"
        + text('<p>Le quai :</p><img src="cid:quai@x" width="320">', "html")
        + b"\r\n--rel\r\n"
        + file("quai.png", "image/png", png(), more="Content-ID: <quai@x>\r\n").replace(
            b"attachment", b"inline"
        )
        + b"\r\n--rel--"
    )
    return [mail(related, own_id="inline@x", subject="Le quai en image")]


def chain() -> list[bytes]:
    """Seven mails of one conversation, with quotes."""
    ids = [f"chain{n}@x" for n in range(7)]
    quote = "\r\n\r\nLe mar. 17 nov. 2026 à 17:26, Camille a écrit :\r\n> ce qui était avant\r\n"
    return [
        mail(
            text(f"Message numéro {n}.{quote if n else ''}"),
            own_id=ids[n],
            subject="Re: Entrepôt" if n else "Entrepôt",
            names=tuple(ids[:n]),
            sender=f"{('Éloïse Garnier', 'Bruno Astier')[n % 2]} <e{n % 2}@meunier.example>",
        )
        for n in range(7)
    ]


def remote(address: str) -> list[bytes]:
    """A mail that would like to load everything from `address`."""
    a = address
    html = (
        f'<p>Bonjour</p><img src="{a}/1.png"><img srcset="{a}/2.png 2x">'
        f'<link rel=stylesheet href="{a}/3.css"><style>@import url({a}/4.css);'
        f"@font-face{{font-family:x;src:url({a}/5.woff)}}p{{background:url({a}/6.png);"
        f'font-family:x}}</style><div style="background-image:url({a}/7.png)">x</div>'
        f'<table background="{a}/8.png"><tr><td background="{a}/9.png">x</table>'
        f'<svg><image href="{a}/10.png"/><use href="{a}/11.svg#a"/></svg>'
        f'<video poster="{a}/12.png" src="{a}/13.mp4"></video><audio src="{a}/14">'
        f'</audio><iframe src="{a}/15"></iframe><object data="{a}/16"></object>'
        f'<embed src="{a}/17"><link rel=prefetch href="{a}/18">'
        f'<link rel=dns-prefetch href="{a}"><meta http-equiv=refresh content="0;{a}/19">'
        f'<input type=image src="{a}/20"><body background="{a}/21">'
        f'<base href="{a}/"><img src="22.png"><img src="//{a.partition("//")[2]}/23.png">'
        f'<a ping="{a}/24" href="{a}/25">lien</a><ul style="list-style:url({a}/26)">'
        f'<li>x</ul><p style="content:url({a}/27);cursor:url({a}/28),auto">x</p>'
        f'<math><mglyph src="{a}/29"/></math><picture><source srcset="{a}/30"></picture>'
    )
    more = f"Disposition-Notification-To: spy@bad.example\r\nX-Image-URL: {address}/31.png\r\n"
    return [mail(text(html, "html"), own_id="remote@x", subject="Images", more=more)]


def _receive(raws: list[bytes], *, size: int = 0, partial: bool = False) -> dict[str, Any]:
    from relance.lib import clock
    from relance.mail.models import MailAccount, MessageCopy
    from tests.mail.local import Local

    account = MailAccount.objects.get()
    newest = MessageCopy.objects.filter(account=account).order_by("-uid").first()
    start = (newest.uid or 0) if newest else 0
    days = clock.now() - timedelta(hours=len(raws) + 1)
    here = Local(account, day=days, uid=start + 1_000)
    copies = [here.one(raw) for raw in raws]
    if partial:
        MessageCopy.objects.filter(pk=copies[-1].pk).update(is_partial=True, size=size)
    return {"thread": copies[-1].thread_id, "copies": [c.pk for c in copies]}


def _notices(texts: list[str]) -> dict[str, Any]:
    """Notices of every kind, their words these."""
    from relance import notices
    from relance.users.models import User
    from relance.web.notices.wording import _WORDS

    user = User.objects.get(email="camille@clarte.example")
    codes = [*_WORDS, "of another version"]
    for n, words in enumerate(texts * len(codes)):
        names = ("address", "addresses", "name", "subject", "answer", "code", "cause", "reason")
        params = {k: [words] if k == "addresses" else words for k in names}
        notices.tell(user.pk, codes[n % len(codes)], params)
    return {}


def main(arguments: list[str]) -> None:
    world._ready()
    name, *rest = arguments
    if name == "large":
        answer = _receive(files(), size=23_000_000, partial=True)
    elif name == "notices":
        answer = _notices(rest)
    elif name == "raw":  # base64 of the mails, one an argument
        answer = _receive([base64.b64decode(r) for r in rest])
    else:
        made = {"meeting": meeting, "files": files, "inline": inline, "chain": chain}
        answer = _receive(remote(*rest) if name == "remote" else made[name]())
    print(json.dumps(answer))


if __name__ == "__main__":
    main(sys.argv[1:])
