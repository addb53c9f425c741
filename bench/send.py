"""Mails of 4 kB, text and HTML, through the durable outbox: into smtp-sink, and into Postfix beside
what `smtplib` reaches there with four threads, composing the same mails with `email.message`. What
it reaches with one mail composed beforehand, sent again and again, is said as well.

Timed is the jobs process as `relance serve` runs it, on SQLite as installed (WAL,
synchronous=FULL), from the moment the mails fall due until the last one stands as sent, each with
its claim, its outcome per recipient and its operation for Sent committed.
"""

from __future__ import annotations

import contextlib
import smtplib
import sqlite3
import threading
import time
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from bench.measure import fresh, need, python, running
from tests.servers.postfix import Postfix
from tests.servers.smtp import smtp_sink

MAILBOXES = 4
_LINE = "Bonjour Éloïse, voici le devis : 80 € pour la salle, café compris."
TEXT = f"{_LINE}\n" * 24
HTML = f"<p>{_LINE}</p>\n" * 24
_PREPARE = """
import django; django.setup()
from django.core.management import call_command
from django.db import transaction
from bench.send import HTML, TEXT
from relance.mail import outbox
from relance.mail.models import MailAccount, Outgoing
from relance.mime.message import Address
from relance.users.models import Organisation, User
call_command("migrate", verbosity=0)
Organisation.objects.create(name="Bench", allowed_hosts=["127.0.0.1"])
count, port = %d, %d
boxes = []
for n in range(%d):
    user = User.objects.create_user(f"user{n}@clarte.example", first_name="Camille")
    box = MailAccount.objects.create(
        owner=user, address=user.email, imap_host="127.0.0.1", imap_port=1, imap_security="none",
        imap_username="x", smtp_host="127.0.0.1", smtp_port=port, smtp_security="none",
        smtp_same_login=False, sharing="private", state="ok")
    box.folders.create(path="Sent", special_use="sent", uidvalidity=1)
    boxes.append(box)
with transaction.atomic():
    for n in range(count):
        box = boxes[n %% len(boxes)]
        to = (Address(f"Client {n}", f"client{n}@client.example"),)
        outbox.queue(box, box.owner, outbox.Letter(f"Devis n° {n}", TEXT, to, html=HTML))
    Outgoing.objects.update(state="draft")
"""
_DUE = """
import django; django.setup()
from relance.lib import clock
from relance.mail import jobs
from relance.mail.models import Outgoing
Outgoing.objects.update(state="queued", queued_at=clock.now())
jobs.deliver(Outgoing.objects.order_by("pk").first().pk)
"""
_SENT = "SELECT count(*) FROM mail_outgoing WHERE state = 'sent'"
_TOOK = "SELECT (julianday(max(sent_at)) - julianday(min(queued_at))) * 86400 FROM mail_outgoing"


def run(*, small: bool) -> dict[str, Any]:
    need("smtp-sink", "postfix")
    count = 400 if small else 4_000
    with smtp_sink() as port:
        sink = _through_the_outbox(port, count)
    print(f"smtp-sink: {sink:.0f} mails/s through the outbox", flush=True)
    with Postfix() as postfix:
        theirs = _smtplib(postfix.port, count)
        ours = _through_the_outbox(postfix.port, count)
        again = _smtplib(postfix.port, count)
        bare = _smtplib(postfix.port, count, composed=_mail(0, 0).as_bytes())
    usual = (theirs + again) / 2
    print(
        f"Postfix: {ours:.0f}/s through the outbox; smtplib with 4 threads: {usual:.0f}/s composing"
        f" each mail, {bare:.0f}/s repeating one"
    )
    return {"sink_per_s": round(sink), "ratio_to_smtplib_postfix": round(ours / usual, 2)}


def _through_the_outbox(port: int, count: int) -> float:
    """Mails per second, from due to sent."""
    data = fresh("send")
    python(_PREPARE % (count, port, MAILBOXES), data)
    with running("jobs", data=data):
        time.sleep(3)  # it is up, and has nothing to do
        python(_DUE, data)
        return _watch(data, count)


def _watch(data: Path, count: int) -> float:
    """Follows the rows until the last one stands as sent."""
    sent, end = 0, time.monotonic() + 300
    with contextlib.closing(
        sqlite3.connect(f"file:{data}/relance.sqlite3?mode=ro", uri=True)
    ) as database:
        while time.monotonic() < end:
            (sent,) = database.execute(_SENT).fetchone()
            if sent == count:
                return float(count / database.execute(_TOOK).fetchone()[0])
            time.sleep(0.2)
    raise SystemExit(f"only {sent} of {count} mails left: see {data}/bench.log")


def _smtplib(port: int, count: int, *, composed: bytes = b"") -> float:
    """Mails per second of four threads of `smtplib`; `composed` is sent in place of all."""
    share = count // MAILBOXES
    threads = [
        threading.Thread(target=_send_some, args=(port, n, share), kwargs={"composed": composed})
        for n in range(MAILBOXES)
    ]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return share * MAILBOXES / (time.perf_counter() - start)


def _send_some(port: int, box: int, share: int, *, composed: bytes) -> None:
    with smtplib.SMTP("127.0.0.1", port) as server:
        for n in range(share):
            if composed:
                server.sendmail("user0@clarte.example", [f"client{n}@client.example"], composed)
            else:
                server.send_message(_mail(box, n))


def _mail(box: int, n: int) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = f"Camille <user{box}@clarte.example>"
    mail["To"] = f"Client {n} <client{n}@client.example>"
    mail["Subject"] = f"Devis n° {n}"
    mail["Message-ID"] = f"<{box}.{n}@clarte.example>"
    mail.set_content(TEXT)
    mail.add_alternative(HTML, subtype="html")
    return mail
