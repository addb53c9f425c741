"""Synchronise one mailbox in a process of its own, to be killed: `python -m tests.mail.one_sync`.

`prepare HOST PORT USER PASSWORD` makes the database of RELANCE_DATA; `sync` says "ready" and does
one round; `list` prints what is kept, one copy a line.
"""

import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "relance.site.settings")

import django

django.setup()

from django.core.management import call_command  # noqa: E402 (Django first)

from relance.inbox.models import ColumnCount, Placement  # noqa: E402 (Django first)
from relance.mail import accounts  # noqa: E402 (Django first)
from relance.mail.models import MailAccount, MessageCopy  # noqa: E402 (Django first)
from relance.mail.parsing import Parser  # noqa: E402 (Django first)
from relance.mail.sync.mailbox import MailboxSync  # noqa: E402 (Django first)
from relance.users.models import Organisation, User  # noqa: E402 (Django first)
from relance.wire.imap import ImapSession  # noqa: E402 (Django first)


def prepare(host: str, port: str, user: str, password: str) -> None:
    call_command("migrate", verbosity=0)
    Organisation.objects.create(name="Sweep", allowed_hosts=[host])
    accounts.connect(
        User.objects.create_user("sweep@clarte.example"),
        accounts.Settings(
            address=user,
            imap_host=host,
            imap_port=int(port),
            imap_security="none",
            imap_username=user,
            imap_password=password,
            smtp_host=host,
            smtp_port=25,
            smtp_security="none",
            sharing="private",
        ),
    )


def sync() -> None:
    account = MailAccount.objects.get()
    parser = Parser()
    print("ready", flush=True)
    try:
        with ImapSession(accounts.imap_server(account), accounts.guard()) as session:
            MailboxSync(account, session, parser).run()
    finally:
        parser.stop()


def show() -> None:
    """One line a copy, then what does not add up: nothing, it is to be hoped."""
    for copy in MessageCopy.objects.select_related("folder").order_by("folder", "uid"):
        sha256 = bytes(copy.raw_id or b"").hex()
        print(copy.folder.path, copy.uidvalidity, copy.uid, sha256, copy.stage, sep="\t")
    placed = Placement.objects.count()
    counted = sum(ColumnCount.objects.values_list("total", flat=True))
    threads = MessageCopy.objects.filter(folder__special_use="inbox").values("thread").distinct()
    print("ledger", placed, counted, threads.count(), sep="\t")


if __name__ == "__main__":
    {"prepare": prepare, "sync": sync, "list": show}[sys.argv[1]](*sys.argv[2:])
