"""One first import in a process of its own: `python -m bench.one_sync HOST PORT USER PASSWORD`.

Prints one JSON object: seconds from before the connection, and what was kept, by the source.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "relance.site.settings")

import django

django.setup()

from django.core.management import call_command  # noqa: E402 (Django first)
from django.db.models import Count  # noqa: E402

from bench import letters  # noqa: E402
from relance.inbox.models import Placement  # noqa: E402
from relance.mail import accounts  # noqa: E402
from relance.mail.models import MailAccount, MessageCopy  # noqa: E402
from relance.mail.parsing import Parser  # noqa: E402
from relance.mail.sync.mailbox import MailboxSync  # noqa: E402
from relance.users.models import Organisation, User  # noqa: E402
from relance.wire.imap import ImapSession  # noqa: E402
from tests.inbox import builders  # noqa: E402

_FIRST = 200
_STAGES = MessageCopy.Stage


def main(host: str, port: str, user: str, password: str) -> None:
    call_command("migrate", verbosity=0)
    Organisation.objects.create(name="Bench", allowed_hosts=[host])
    owner = User.objects.create_user("bench@clarte.example")
    _customers(owner)
    settings = accounts.Settings(
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
    )
    timed = _first_import(accounts.connect(owner, settings))
    print(json.dumps({**timed, **_kept()}))


def _customers(owner: User) -> None:
    """A third of the senders are contacts, a ninth have an open deal."""
    for n in range(0, letters.PEOPLE, 3):
        person = builders.person(owner, letters.sender_of(n))
        if n % 9 == 0:
            builders.deal(owner, person)


def _first_import(account: MailAccount) -> dict[str, float]:
    parser = Parser()
    first_200 = 0.0
    placed = 0
    start = time.perf_counter()
    with ImapSession(accounts.imap_server(account), accounts.guard()) as session:
        work = MailboxSync(account, session, parser)
        told = work.pipeline.on_placed

        def on_placed(count: int) -> None:
            nonlocal placed, first_200
            told(count)
            placed += count
            if not first_200 and placed >= _FIRST:
                first_200 = time.perf_counter() - start

        work.pipeline.on_placed = on_placed
        work.run()
    seconds = time.perf_counter() - start
    parser.stop()
    return {"seconds": seconds, "first_200_s": first_200}


def _kept() -> dict[str, Any]:
    copies = MessageCopy.objects
    threads = copies.exclude(thread=None).values("thread").distinct().count()
    twice = copies.values("folder", "uidvalidity", "uid").annotate(n=Count("pk")).filter(n__gt=1)
    columns = Placement.objects.values_list("stream").annotate(Count("pk")).order_by("stream")
    return {
        "copies": copies.count(),
        "twice": twice.count(),
        "threads": threads,
        "placements": Placement.objects.count(),
        "columns": dict(columns),
        "unreadable": copies.filter(stage=_STAGES.QUARANTINED).count(),
        "unplaced": copies.exclude(stage__in=[_STAGES.PLACED, _STAGES.QUARANTINED]).count(),
        "shas": sorted(bytes(r or b"").hex() for r in copies.values_list("raw", flat=True)),
    }


if __name__ == "__main__":
    main(*sys.argv[1:])
