"""Reports of undelivered mail, as systems write them, about one mail of ours."""

from tests.mime.letters import entity, multipart

OUR_ID = "devis-1@clarte.example"
RETURNED = (
    f"From: camille@clarte.example\r\nTo: jean@client.example\r\nMessage-ID: <{OUR_ID}>\r\n"
    "Subject: Devis\r\n"
).encode()


def headers(subject: str = "Undelivered Mail Returned to Sender", *more: str) -> bytes:
    lines = [
        "Return-Path: <>",
        "From: Mail Delivery System <MAILER-DAEMON@mx.example>",
        "To: camille@clarte.example",
        f"Subject: {subject}",
        "Date: Tue, 17 Nov 2026 18:26:00 +0100",
        "Message-ID: <report-1@mx.example>",
        "MIME-Version: 1.0",
        *more,
    ]
    return "".join(f"{line}\r\n" for line in lines).encode()


def status(*recipients: str) -> bytes:
    """The delivery status of those groups of fields."""
    groups = "\r\n\r\n".join(g.strip().replace("\n", "\r\n") for g in recipients)
    return f"Reporting-MTA: dns; mx.example\r\n\r\n{groups}\r\n".encode()


def dsn(*recipients: str, words: str = "It failed.", returned: bytes = RETURNED) -> bytes:
    """A multipart/report (RFC 3464)."""
    return headers() + multipart(
        'report"; report-type="delivery-status',
        entity("text/plain; charset=utf-8", words.encode()),
        entity("message/delivery-status", status(*recipients)),
        entity("text/rfc822-headers", returned),
    ).replace(b'multipart/report"; report-type="', b'multipart/report; report-type="')


def failed(address: str, code: str = "5.1.1", said: str = "550 5.1.1 User unknown") -> str:
    return (
        f"Final-Recipient: rfc822; {address}\nAction: failed\nStatus: {code}\n"
        f"Diagnostic-Code: smtp; {said}"
    )


def complaint(address: str = "jean@client.example", kind: str = "abuse") -> bytes:
    """An abuse report (RFC 5965)."""
    fields = (
        f"Feedback-Type: {kind}\r\nVersion: 1\r\nUser-Agent: Loop/1\r\n"
        f"Original-Rcpt-To: <{address}>\r\n"
    )
    return headers("Abuse report") + multipart(
        "report",
        entity("text/plain", b"This is an abuse report."),
        entity("message/feedback-report", fields.encode()),
        entity("message/rfc822", RETURNED + b"\r\nBonjour\r\n"),
    )


def told(text: str, subject: str = "failure notice", *more: str) -> bytes:
    """A report in words alone."""
    lines = ("Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit", *more)
    return headers(subject, *lines) + b"\r\n" + text.replace("\n", "\r\n").encode()
