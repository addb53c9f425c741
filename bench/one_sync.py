"""One first import in a process of its own: `python -m bench.one_sync HOST PORT USER PASSWORD`."""

from __future__ import annotations

import json
import os
import sys
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "relance.site.settings")

import django

django.setup()

from django.core.management import call_command  # noqa: E402 (Django first)

from bench.measure import PeakMemory  # noqa: E402
from relance.inbox.models import Placement  # noqa: E402
from relance.mail import accounts  # noqa: E402
from relance.mail.models import MessageCopy  # noqa: E402
from relance.mail.parsing import Parser  # noqa: E402
from relance.mail.sync.mailbox import MailboxSync  # noqa: E402
from relance.users.models import Organisation, User  # noqa: E402
from relance.wire.imap import ImapSession  # noqa: E402


def main(host: str, port: str, user: str, password: str) -> None:
    call_command("migrate", verbosity=0)
    Organisation.objects.create(name="Bench", allowed_hosts=[host])
    owner = User.objects.create_user("bench@clarte.example")
    account = accounts.connect(
        owner,
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
    memory = PeakMemory(os.getpid())
    memory.start()
    parser = Parser()
    first_200 = 0.0
    start = time.perf_counter()
    with ImapSession(accounts.imap_server(account), accounts.guard()) as session:
        work = MailboxSync(account, session, parser)
        told, placed = work.pipeline.on_placed, 0

        def on_placed(count: int) -> None:
            nonlocal placed, first_200
            told(count)
            placed += count
            if not first_200 and placed >= 200:
                first_200 = time.perf_counter() - start

        work.pipeline.on_placed = on_placed
        work.run()
    seconds = time.perf_counter() - start
    parser.stop()
    copies = MessageCopy.objects
    print(
        json.dumps(
            {
                "seconds": seconds,
                "first_200_s": first_200,
                "peak_mb": memory.stop(),
                "copies": copies.count(),
                "placements": Placement.objects.count(),
                "unreadable": copies.filter(stage=MessageCopy.Stage.QUARANTINED).count(),
                "unplaced": copies.exclude(stage=MessageCopy.Stage.PLACED).count(),
                "shas": sorted(bytes(r or b"").hex() for r in copies.values_list("raw", flat=True)),
            }
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
