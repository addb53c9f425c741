"""Ordinary mails of the corpus: threads, two languages, several charsets, attachments, reports."""

from __future__ import annotations

import base64
import functools
import quopri
import random
from datetime import datetime

_FRENCH = (
    "bonjour merci pour votre retour concernant le devis nous avons bien reçu la livraison de "
    "l'éclairage des entrepôts à Saint-Étienne le délai reste trop court pour la pose prévue en "
    "février pouvez-vous rappeler mon collègue près de la réception côté façade où l'équipe déjà "
    "présente préfère élargir l'accès été hiver forêt naïf cœur"
).split()
_ENGLISH = (
    "hello thank you for the quote we received the delivery yesterday could you please call back "
    "before friday our facilities manager would like to see the reference site and the warranty "
    "terms for the mezzanine lighting order number invoice meeting schedule budget approval"
).split()
_CHARSETS = ("utf-8", "iso-8859-1", "windows-1252", "iso-8859-15", "utf-8", "utf-8")
_FILES = ("devis.pdf", "=?utf-8?q?plan_d=C3=A9taill=C3=A9.pdf?=", "photo.jpg")
_SIZES = (12_000, 35_000, 70_000, 95_000, 215_000)  # with base64, half of the mails: 53 kB each
_LENGTHS = (3, 1, 2, 6, 1, 4, 1, 12, 3, 2, 1, 40, 2, 5, 1, 3)  # of conversations, over and over
PEOPLE, HOSTS = 900, 400


def sender(n: int) -> str:
    """Who writes the mail number `n`: the same for a whole conversation."""
    return sender_of(conversation(n)[0])


def sender_of(first: int) -> str:
    """Who writes the conversation that begins with that mail."""
    return f"p{first % PEOPLE}@client{first % HOSTS}.example"


def conversation(n: int) -> range:
    """The numbers of the mails of the conversation of mail `n`, up to it."""
    cycle = sum(_LENGTHS)
    start = n - n % cycle + _starts()[n % cycle]
    return range(start, n + 1)


@functools.cache
def _starts() -> list[int]:
    starts: list[int] = []
    for length in _LENGTHS:
        starts += [len(starts)] * length
    return starts


def ordinary(n: int, chance: random.Random, at: datetime) -> bytes:
    """A mail that keeps to the rules: plain text, or with HTML, or with an attachment as well."""
    charset = _CHARSETS[n % len(_CHARSETS)]
    text = _text(n, chance).encode(charset, "replace")
    body = quopri.encodestring(text).replace(b"\n", b"\r\n").replace(b"\r\r", b"\r")
    plain = (
        f"Content-Type: text/plain; charset={charset}\r\n"
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    ).encode() + body
    if n % 5 == 0:
        return head(n, at).encode() + plain
    html = b"<html><body><p>" + text.replace(b"\r\n\r\n", b"</p><p>") + b"</p></body></html>"
    parts = [plain, f"Content-Type: text/html; charset={charset}\r\n\r\n".encode() + html]
    alternative = multipart("alternative", f"alt{n}", parts)
    if n % 2:
        return head(n, at).encode() + alternative
    attached = multipart("mixed", f"mix{n}", [alternative, _attachment(chance)])
    return head(n, at).encode() + attached


def report(n: int, at: datetime) -> bytes:
    """A delivery report (RFC 3464)."""
    status = (
        "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.relais.example\r\n\r\n"
        f"Final-Recipient: rfc822; nobody{n}@client.example\r\nAction: failed\r\nStatus: 5.1.1\r\n"
    )
    parts = [b"Content-Type: text/plain\r\n\r\nIt could not be delivered.\r\n", status.encode()]
    first = head(n, at, subject="Undelivered Mail Returned to Sender")
    first = first.replace("From: Personne", "From: MAILER-DAEMON")
    return first.encode() + multipart("report; report-type=delivery-status", f"dsn{n}", parts)


def head(n: int, at: datetime, *, subject: str = "", extra: str = "") -> str:
    """The headers all mails have, `extra` ones last; without the empty line."""
    first, *others = conversation(n)
    host = f"client{first % HOSTS}.example"
    before = " ".join(f"<m{k}@{host}>" for k in range(first, n))
    threading = f"In-Reply-To: <m{n - 1}@{host}>\r\nReferences: {before}\r\n" if others else ""
    shown = subject or f"{'Re: ' if others else ''}Devis {first}"
    date = f"{at:%a, %d %b %Y %H:%M:%S} +0000"
    return (
        f"Received: from mx{n % 9}.relais.example by mx.clarte.example; {date}\r\n"
        f"From: Personne {first % PEOPLE} <{sender(n)}>\r\n"
        f"To: Camille <user1@clarte.example>, Autre <a{n % 70}@autre.example>\r\n"
        f"Subject: {shown}\r\nDate: {date}\r\nMessage-ID: <m{n}@{host}>\r\n"
        f"{threading}MIME-Version: 1.0\r\n{extra}"
    )


def multipart(kind: str, boundary: str, parts: list[bytes]) -> bytes:
    """A Content-Type header and the parts below it."""
    body = b"".join(b"--%b\r\n%b\r\n" % (boundary.encode(), p) for p in parts)
    first = f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n'.encode()
    return first + body + b"--" + boundary.encode() + b"--\r\n"


def _text(n: int, chance: random.Random) -> str:
    words = _ENGLISH if n % 4 == 0 else _FRENCH
    lines = [" ".join(chance.choices(words, k=11)) for _ in range(chance.randint(8, 60))]
    if len(conversation(n)) > 1:
        lines += ["", "Le 3 nov. 2026 à 10:02, Camille a écrit :"]
        lines += ["> " + " ".join(chance.choices(words, k=10)) for _ in range(12)]
    return "\r\n".join(lines) + "\r\n"


def _attachment(chance: random.Random) -> bytes:
    data = base64.encodebytes(chance.randbytes(chance.choice(_SIZES))).replace(b"\n", b"\r\n")
    name = chance.choice(_FILES)
    return (
        f'Content-Type: application/octet-stream; name="{name}"\r\n'
        f'Content-Disposition: attachment; filename="{name}"\r\n'
        "Content-Transfer-Encoding: base64\r\n\r\n"
    ).encode() + data
