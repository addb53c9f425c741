"""The outbox in a process of its own, to be raced and killed: `python -m tests.mail.one_outbox`.

`prepare PORT COUNT` makes the database of RELANCE_DATA with COUNT mails that are due; `work` sends
until none is left; `finish` does so too, and judges what dead workers left behind; `list` prints
one mail a line: Message-ID, state.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "relance.site.settings")
django.setup()

from django.core.management import call_command  # noqa: E402 (Django first)

from relance.lib import clock  # noqa: E402 (Django first)
from relance.mail import outbox  # noqa: E402 (Django first)
from relance.mail.models import MailAccount, Outgoing  # noqa: E402 (Django first)
from relance.mime.message import Address  # noqa: E402 (Django first)
from relance.users.models import Organisation, User  # noqa: E402 (Django first)

MAILBOXES = 2


def prepare(port: str, count: str) -> None:
    call_command("migrate", verbosity=0)
    Organisation.objects.create(name="Sweep", allowed_hosts=["127.0.0.1"])
    boxes = [_mailbox(n, int(port)) for n in range(MAILBOXES)]
    for n in range(int(count)):
        box = boxes[n % MAILBOXES]
        to = (Address(f"Client {n}", f"client{n}@client.example"),)
        outbox.queue(box, box.owner, outbox.Letter(f"Devis {n}", "Bonjour", to, html="<p>x</p>"))


def _mailbox(number: int, port: int) -> MailAccount:
    user = User.objects.create_user(f"user{number}@clarte.example")
    box = MailAccount.objects.create(
        owner=user,
        address=user.email,
        imap_host="127.0.0.1",
        imap_port=1,
        imap_security="none",
        imap_username="x",
        smtp_host="127.0.0.1",
        smtp_port=port,
        smtp_security="none",
        smtp_same_login=False,
        sharing="private",
        state=MailAccount.State.OK,
    )
    box.folders.create(path="Sent", special_use="sent", uidvalidity=1)
    return box


def work() -> None:
    """Two sweeps in a row that find nothing: all is done. Prints how many were dealt with."""
    done, idle = 0, 0
    while idle < 2:
        some = outbox.sweep()
        done += some
        idle = 0 if some else idle + 1
        if not some:
            time.sleep(0.05)
    print(done)


def finish() -> None:
    work()
    Outgoing.objects.exclude(lease_until=None).update(lease_until=clock.seconds_from_now(-1))
    work()


def show() -> None:
    for message_id, state in Outgoing.objects.values_list("message_id", "state"):
        print(message_id, state, sep="\t")


if __name__ == "__main__":
    acts: dict[str, Callable[..., None]] = {
        "prepare": prepare,
        "work": work,
        "finish": finish,
        "list": show,
    }
    acts[sys.argv[1]](*sys.argv[2:])
