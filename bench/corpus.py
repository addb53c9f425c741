"""Ten thousand mails as they come, made by rule and always the same.

About 53 kB on average: threads, French and English, several charsets, attachments, delivery
reports, and eighteen kinds of malformed mail. Cached beside the other worlds of the benchmarks.
"""

from __future__ import annotations

import base64
import pickle
import quopri
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from bench.measure import CACHE

COUNT = 10_000
_START = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
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

Mail = tuple[bytes, tuple[str, ...], datetime]


def load(count: int = COUNT) -> list[Mail]:
    """(source, flags, date) of the first `count` mails."""
    path = CACHE / "corpus.pickle"
    if not path.exists():
        prepare()
    mails: list[Mail] = pickle.loads(path.read_bytes())
    return mails[:count]


def prepare() -> None:
    mails = list(_mails())
    CACHE.mkdir(parents=True, exist_ok=True)
    (CACHE / "corpus.pickle").write_bytes(pickle.dumps(mails))
    size = sum(len(raw) for raw, _, _ in mails)
    print(f"corpus: {len(mails)} mails, {size / len(mails) / 1000:.1f} kB on average")


def _mails() -> list[Mail]:
    chance = random.Random(53)
    mails: list[Mail] = []
    for n in range(COUNT):
        at = _START + timedelta(minutes=47 * n)
        flags = ("\\Seen",) if n < COUNT - 300 else ()
        if n % 50 == 7:
            raw = _MALFORMED[(n // 50) % len(_MALFORMED)](n, chance, at)
        elif n % 97 == 3:
            raw = _report(n, at)
        else:
            raw = _ordinary(n, chance, at)
        mails.append((raw, flags, at))
    return mails


def _head(n: int, at: datetime, *, subject: str = "", extra: str = "") -> str:
    first = n - n % 3
    names = " ".join(f"<m{k}@client{first % 400}.example>" for k in range(first, n))
    threading = f"In-Reply-To: <m{n - 1}@client{first % 400}.example>\r\nReferences: {names}\r\n"
    shown = subject or f"{'Re: ' if n % 3 else ''}Devis {first}"
    return (
        f"Received: from mx{n % 9}.relais.example by mx.clarte.example; {at:%a, %d %b %Y %H:%M:%S} +0000\r\n"
        f"From: Personne {first % 900} <p{first % 900}@client{first % 400}.example>\r\n"
        f"To: Camille <user1@clarte.example>, Autre <a{n % 70}@autre.example>\r\n"
        f"Subject: {shown}\r\nDate: {at:%a, %d %b %Y %H:%M:%S} +0000\r\n"
        f"Message-ID: <m{n}@client{first % 400}.example>\r\n"
        f"{threading if n % 3 else ''}MIME-Version: 1.0\r\n{extra}"
    )


def _text(n: int, chance: random.Random) -> str:
    words = _ENGLISH if n % 4 == 0 else _FRENCH
    lines = [" ".join(chance.choices(words, k=11)) for _ in range(chance.randint(8, 60))]
    if n % 3:
        lines += ["", "Le 3 nov. 2026 à 10:02, Camille a écrit :"]
        lines += ["> " + " ".join(chance.choices(words, k=10)) for _ in range(12)]
    return "\r\n".join(lines) + "\r\n"


_CHARSETS = ("utf-8", "iso-8859-1", "windows-1252", "iso-8859-15", "utf-8", "utf-8")


def _ordinary(n: int, chance: random.Random, at: datetime) -> bytes:
    charset = _CHARSETS[n % len(_CHARSETS)]
    text = _text(n, chance).encode(charset, "replace")
    body = quopri.encodestring(text).replace(b"\n", b"\r\n").replace(b"\r\r", b"\r")
    plain = (
        f"Content-Type: text/plain; charset={charset}\r\n"
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    ).encode() + body
    if n % 5 == 0:
        return _head(n, at).encode() + plain
    html = b"<html><body><p>" + text.replace(b"\r\n\r\n", b"</p><p>") + b"</p></body></html>"
    parts = [plain, f"Content-Type: text/html; charset={charset}\r\n\r\n".encode() + html]
    alternative = _multipart("alternative", f"alt{n}", parts)
    if n % 2:
        return _head(n, at).encode() + alternative
    size = chance.choice((9_000, 30_000, 60_000, 90_000, 200_000))
    data = base64.encodebytes(chance.randbytes(size)).replace(b"\n", b"\r\n")
    name = chance.choice(("devis.pdf", "=?utf-8?q?plan_d=C3=A9taill=C3=A9.pdf?=", "photo.jpg"))
    attachment = (
        f'Content-Type: application/octet-stream; name="{name}"\r\n'
        f'Content-Disposition: attachment; filename="{name}"\r\n'
        "Content-Transfer-Encoding: base64\r\n\r\n"
    ).encode() + data
    return _head(n, at).encode() + _multipart("mixed", f"mix{n}", [alternative, attachment])


def _multipart(kind: str, boundary: str, parts: list[bytes]) -> bytes:
    body = b"".join(b"--%b\r\n%b\r\n" % (boundary.encode(), p) for p in parts)
    head = f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n'.encode()
    return head + body + b"--" + boundary.encode() + b"--\r\n"


def _report(n: int, at: datetime) -> bytes:
    """A delivery report (RFC 3464)."""
    status = (
        "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.relais.example\r\n\r\n"
        f"Final-Recipient: rfc822; nobody{n}@client.example\r\nAction: failed\r\nStatus: 5.1.1\r\n"
    )
    parts = [b"Content-Type: text/plain\r\n\r\nIt could not be delivered.\r\n", status.encode()]
    head = _head(n, at, subject="Undelivered Mail Returned to Sender")
    head = head.replace("From: Personne", "From: MAILER-DAEMON")
    return head.encode() + _multipart("report; report-type=delivery-status", f"dsn{n}", parts)


#: no date, no Message-ID, no From, From without domain, group syntax, unknown charset, charset that
#: is no text, broken base64, wrong boundary, boundary missing, not closed, NUL bytes, 8-bit
#: headers, split encoded words, header of semicolons, bare line feeds, empty body, empty mail.
_MALFORMED: tuple[Callable[[int, random.Random, datetime], bytes], ...] = (
    lambda n, c, at: b"\r\n".join(
        x for x in _ordinary(n, c, at).split(b"\r\n") if not x.startswith(b"Date:")
    ),
    lambda n, c, at: _ordinary(n, c, at).replace(b"Message-ID:", b"X-Was-ID:"),
    lambda n, c, at: _ordinary(n, c, at).replace(b"From: Personne", b"X-From: Personne"),
    lambda n, c, at: (
        _head(n, at).replace("From: Personne", "From: foo@\r\nX-From: Personne").encode()
        + b"\r\nfoo\r\n"
    ),
    lambda n, c, at: (
        _head(n, at).replace("To: Camille", "To: Equipe: Camille").encode() + b"\r\ngroup\r\n"
    ),
    lambda n, c, at: (
        _head(n, at, extra="Content-Type: text/plain; charset=x-inconnu\r\n").encode()
        + b"\r\n\xe9t\xe9 et hiver, for\xeat et c\x9cur\r\n"
    ),
    lambda n, c, at: (
        _head(n, at, extra="Content-Type: text/plain; charset=hex\r\n").encode()
        + b"\r\nzz not hexadecimal\r\n"
    ),
    lambda n, c, at: (
        _head(
            n, at, extra="Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n"
        ).encode()
        + b"\r\nQm9uam91ciE*c2E!bHV0*\r\n"
    ),
    lambda n, c, at: _ordinary(n - n % 2 + 1, c, at).replace(b"--alt", b"--autre"),
    lambda n, c, at: (
        _head(n, at, extra="Content-Type: multipart/mixed\r\n").encode()
        + b"\r\n--x\r\n\r\ntext\r\n--x--\r\n"
    ),
    lambda n, c, at: _ordinary(n, c, at).rpartition(b"--\r\n")[0][:-20],
    lambda n, c, at: _head(n, at).encode() + b"\r\nnul \x00\x00 bytes\x00\r\n",
    lambda n, c, at: (
        _head(n, at).encode().replace(b"Subject: ", b"Subject: \xe9t\xe9 \xc3\xa9t\xc3\xa9 ")
        + b"\r\n8-bit\r\n"
    ),
    lambda n, c, at: (
        _head(
            n,
            at,
            subject="=?utf-8?b?w4lj?=\r\n =?utf-8?b?bGFpcmFn?= =?utf-8?b?ZSDD?= =?utf-8?b?qQ==?=",
        ).encode()
        + b"\r\nsplit\r\n"
    ),
    lambda n, c, at: (
        _head(n, at, extra="Content-Type: text/html " + "; " * 20_000 + "\r\n").encode()
        + b"\r\n<p>x</p>\r\n"
    ),
    lambda n, c, at: _ordinary(n, c, at).replace(b"\r\n", b"\n"),
    lambda n, c, at: _head(n, at).encode() + b"\r\n",
    lambda n, c, at: b"\r\n",
)
