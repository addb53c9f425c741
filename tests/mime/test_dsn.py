"""Who did not get a mail of ours, and why: standard reports, abuse reports, plain words."""

from random import Random

import pytest

from relance.mime.dsn import Report, reports
from relance.mime.statuses import Cause, Kind
from tests.mime import bounces
from tests.mime.bounces import OUR_ID, complaint, dsn, failed, told
from tests.mime.letters import entity, grows_linearly, multipart


def only(raw: bytes) -> Report:
    (report,) = reports(raw)
    return report


def test_a_standard_report_names_its_recipient_its_reason_and_our_mail() -> None:
    report = only(dsn(failed("jean@client.example")))
    assert report.recipient == "jean@client.example"
    assert (report.action, report.status) == ("failed", "5.1.1")
    assert report.diagnostic == "550 5.1.1 User unknown"
    assert report.original_message_id == OUR_ID
    assert (report.kind, report.cause) == (Kind.HARD, Cause.NO_SUCH_USER)


def test_each_recipient_of_a_report_has_its_own_fate() -> None:
    raw = dsn(
        failed("gone@client.example"),
        failed("full@client.example", "5.2.2", "552 5.2.2 Over quota"),
        "Final-Recipient: rfc822; late@client.example\nAction: delayed\nStatus: 4.4.1",
        "Final-Recipient: rfc822; fine@client.example\nAction: delivered\nStatus: 2.0.0",
    )
    assert [(r.recipient.split("@")[0], r.kind, r.cause) for r in reports(raw)] == [
        ("gone", Kind.HARD, Cause.NO_SUCH_USER),
        ("full", Kind.SOFT, Cause.MAILBOX_FULL),
        ("late", Kind.DELAYED, Cause.SERVER_DOWN),
        ("fine", Kind.DELIVERED, Cause.OTHER),
    ]


def test_the_address_we_wrote_to_comes_before_the_one_it_was_forwarded_to() -> None:
    raw = dsn("Original-Recipient: rfc822;jean@client.example\n" + failed("jd4@inside.example"))
    report = only(raw)
    assert (report.recipient, report.also) == ("jean@client.example", ("jd4@inside.example",))


def test_the_words_of_a_report_say_what_its_status_does_not() -> None:
    words = "Delivery failed:\n\n<jean@client.example>: mailbox is full\n"
    raw = dsn(failed("jean@client.example", "5.0.0", "X-Unknown; -1"), words=words)
    assert only(raw).cause is Cause.MAILBOX_FULL


def test_a_report_is_read_in_any_encoding_and_with_a_returned_mail() -> None:
    raw = bounces.headers() + multipart(
        "report",
        entity("text/plain", b"Failed."),
        entity(
            "message/delivery-status",
            b"UmVwb3J0aW5nLU1UQTogZG5zO214CgpGaW5hbC1SZWNpcGllbnQ6IHJmYzgyMjtqZWFuQGNsaWVudC5leGFt"
            b"cGxlCkFjdGlvbjogZmFpbGVkClN0YXR1czogNS4xLjEK",
            "Content-Transfer-Encoding: base64",
        ),
        entity("message/rfc822", bounces.RETURNED + b"\r\nBonjour\r\n"),
    )
    report = only(raw)
    assert (report.recipient, report.original_message_id) == ("jean@client.example", OUR_ID)


def test_an_abuse_report_is_a_complaint_of_its_recipient() -> None:
    report = only(complaint())
    assert (report.recipient, report.action) == ("jean@client.example", "complaint")
    assert (report.kind, report.cause) == (Kind.COMPLAINT, Cause.OPTED_OUT)
    assert report.original_message_id == OUR_ID
    assert reports(complaint(kind="not-spam")) == ()


def test_an_ordinary_mail_a_receipt_and_an_absence_note_report_nothing() -> None:
    receipt = bounces.headers("Lu : Devis") + multipart(
        "report",
        entity("text/plain", b"Votre message a ete lu."),
        entity(
            "message/disposition-notification",
            b"Final-Recipient: rfc822; jean@client.example\r\n"
            b"Disposition: manual-action/MDN-sent-manually; displayed\r\n",
        ),
    )
    away = told("Je suis absent jusqu'au 30 novembre. Cordialement, Jean", "Absence : Devis")
    plain = told("Bonjour Camille,\nmerci pour le devis.\nJean", "Re: Devis")
    assert [reports(raw) for raw in (receipt, away, plain, b"", b"\x00" * 50)] == [()] * 5


QMAIL = """Hi. This is the qmail-send program at mx.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<jean@client.example>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

Return-Path: <camille@clarte.example>
Message-ID: <devis-1@clarte.example>
To: jean@client.example, marie@client.example
"""
EXIM = """This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  jean@client.example
    SMTP error from remote mail server after RCPT TO:<jean@client.example>:
    host mx.client.example [192.0.2.1]: 550 5.1.1 User unknown

------ This is a copy of the message, including all the headers. ------

Message-ID: <devis-1@clarte.example>
To: marie@client.example
"""
GMAIL = """Address not found

Your message wasn't delivered to jean@client.example because the address couldn't be found, or
is unable to receive mail.

The response from the remote server was:
550 5.1.1 <jean@client.example>: Recipient address rejected: User unknown
"""
EXCHANGE = """Your message

  To:      jean@client.example
  Subject: Devis
  Sent:    Tue, 17 Nov 2026 17:26:00 +0100

did not reach the following recipient(s):

jean@client.example on Tue, 17 Nov 2026 17:26:29 +0100
    The recipient name is not recognized
"""
YAHOO = """Sorry, we were unable to deliver your message to the following address.

<jean@client.example>:
552: 5.2.2 Mailbox size limit exceeded.

--- Below this line is a copy of the message.
"""
ORANGE = """Ceci est un message automatique.
Votre message n'a pas pu être remis au destinataire suivant :

<jean@orange.example>: host smtp-in.orange.example[192.0.2.2] said: 550 5.1.1
    Adresse d au moins un destinataire invalide. Invalid recipient. OFR204_416 [416]
"""
FREE = """This is the mail system at host smtp.free.example.

<jean@free.example>: host mx1.free.example[192.0.2.3] said: 550 5.2.1 This mailbox has been
    blocked due to inactivity (UserSearch) (in reply to RCPT TO command)
"""
SFR = """Échec de la remise du message.

Les destinataires suivants n'ont pas été atteints :
  jean@sfr.example
  552 5.2.2 Boîte aux lettres pleine
"""
LAPOSTE = """Le message n'a pas pu être distribué.

<jean@laposte.example>: 554 5.7.1 Service refuse. Veuillez essayer plus tard.
service refused, please try later. LPN007_506
"""
OVH = """Impossible de remettre votre message aux destinataires suivants :

<jean@client.example>: la boîte de réception n'existe pas (550 No such user here)

Message d'origine :
To: marie@client.example
"""
DELAY = """Warning: message delayed 4 hours.

The message to the following recipient has not yet been delivered:

  jean@client.example
    Connection timed out

You do not need to resend your message. Delivery attempts will continue.
"""


@pytest.mark.parametrize(
    ("text", "address", "kind", "cause"),
    [
        (QMAIL, "jean@client.example", Kind.HARD, Cause.NO_SUCH_USER),
        (EXIM, "jean@client.example", Kind.HARD, Cause.NO_SUCH_USER),
        (GMAIL, "jean@client.example", Kind.HARD, Cause.NO_SUCH_USER),
        (EXCHANGE, "jean@client.example", Kind.HARD, Cause.NO_SUCH_USER),
        (YAHOO, "jean@client.example", Kind.SOFT, Cause.MAILBOX_FULL),
        (ORANGE, "jean@orange.example", Kind.HARD, Cause.NO_SUCH_USER),
        (FREE, "jean@free.example", Kind.SOFT, Cause.OTHER),
        (SFR, "jean@sfr.example", Kind.SOFT, Cause.MAILBOX_FULL),
        (LAPOSTE, "jean@laposte.example", Kind.HARD, Cause.BLOCKED),
        (OVH, "jean@client.example", Kind.HARD, Cause.NO_SUCH_USER),
        (DELAY, "jean@client.example", Kind.DELAYED, Cause.SERVER_DOWN),
    ],
    ids=["qmail", "Exim", "Gmail", "Exchange", "Yahoo", "Orange", "Free", "SFR", "La Poste", "OVH",
         "delayed"],
)  # fmt: skip
def test_a_report_in_words_names_who_and_why(
    text: str, address: str, kind: Kind, cause: Cause
) -> None:
    report = only(told(text))
    assert report.recipient == address
    assert (report.kind, report.cause) == (kind, cause)


def test_the_copy_below_the_words_gives_our_message_and_no_recipients() -> None:
    assert [only(told(text)).original_message_id for text in (QMAIL, EXIM)] == [OUR_ID, OUR_ID]


def test_a_header_names_the_failed_where_the_words_do_not() -> None:
    raw = told("Undelivered.", "Delivery failed", "X-Failed-Recipients: jean@client.example")
    assert only(raw).recipient == "jean@client.example"
    assert only(raw).kind is Kind.SOFT


def test_a_report_that_only_answers_our_mail_is_about_it() -> None:
    raw = told(GMAIL, "Delivery Status Notification", f"In-Reply-To: <{OUR_ID}>")
    assert only(raw).original_message_id == OUR_ID


def test_a_report_counts_two_hundred_recipients_at_most() -> None:
    raw = dsn(*(failed(f"user{n}@client.example") for n in range(500)))
    assert len(reports(raw)) <= 200


HOSTILE = {
    "groups": lambda n: dsn(*(failed(f"u{k}@x.example") for k in range(n))),
    "one group of many fields": lambda n: dsn(
        failed("a@x.example") + "".join(f"\nX-{k}: y" for k in range(n))
    ),
    "a long diagnostic": lambda n: dsn(failed("a@x.example", "5.0.0", "mailbox user " * n)),
    "addresses in words": lambda n: told("could not be delivered to:\n" + "<a@b.example>: x\n" * n),
    "a line of addresses": lambda n: told("could not be delivered to: " + "a@b.example " * n),
    "at signs": lambda n: told("could not be delivered to\n" + "@" * n + "\n" + "a@" * n),
    "dots": lambda n: told("could not be delivered to\na@" + "a." * n),
    "dashes": lambda n: told("-" * n + "\n" + "- " * n),
    "not not": lambda n: told("could not " * n),
    "spaces": lambda n: told(" " * n + "\n" + "\t" * n + "a@b"),
    "failed recipients": lambda n: told(
        "x", "y", "X-Failed-Recipients: " + ", ".join(["a@b.example"] * n)
    ),
    "returned mails": lambda n: (
        bounces.headers()
        + multipart("report", *(entity("message/rfc822", b"Message-ID: <x@y>\r\n\r\n"),) * n)
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_reports_cost_linear_time(name: str) -> None:
    def work(size: int):  # type: ignore[no-untyped-def]
        raw = HOSTILE[name](size)
        return lambda: reports(raw)

    assert grows_linearly(work, 4_000)


SEEDS = [
    dsn(failed("jean@client.example"), failed("marie@client.example", "5.2.2")),
    complaint(),
    *(told(text) for text in (QMAIL, EXIM, EXCHANGE, ORANGE, OVH, DELAY)),
]


def mutated(raw: bytes, random: Random) -> bytes:
    data = bytearray(raw)
    for _ in range(random.randint(1, 12)):
        at = random.randrange(len(data))
        kind = random.randrange(4)
        if kind == 0:
            data[at] = random.randrange(256)
        elif kind == 1:
            del data[at : at + random.randint(1, 80)]
        elif kind == 2:
            data[at:at] = bytes(random.choices(b"\n\r:;<>@=- \x00\xff", k=random.randint(1, 40)))
        else:
            data += data[at : at + 500]
        data = data or bytearray(b"x")
    return bytes(data)


def test_reports_cut_and_twisted_are_read_without_a_fall() -> None:
    random = Random(3464)
    for _ in range(400):
        for report in reports(mutated(random.choice(SEEDS), random)):
            assert len(report.diagnostic) <= 500
            assert report.recipient.count("@") >= 1
            assert "\n" not in report.diagnostic
