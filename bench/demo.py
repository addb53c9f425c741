"""The demo world for benchmarks: its mail server apart, so that `relance serve` is measured alone."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bench.measure import free_port, fresh, python, running, wait_for, wait_for_port

_BUILD = (
    "import django; django.setup()\n"
    "from pathlib import Path\n"
    "from django.conf import settings\n"
    "from django.core.management import call_command\n"
    "from relance.demo import world\n"
    "call_command('migrate', verbosity=0)\n"
    "data = Path(settings.DATA)\n"
    "world.build(data); print(*world.settle_ports(data))\n"
)
_STATES = (
    "import django; django.setup()\n"
    "from relance.mail.models import MailAccount\n"
    "print(*MailAccount.objects.values_list('state', flat=True))\n"
)


@dataclass
class World:
    """A demo world that is being served, and has been imported."""

    data: Path
    port: int  # of its pages
    imap_port: int
    pid: int  # of `relance serve`
    mailboxes: int
    started_at: float = field(default_factory=time.monotonic)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextlib.contextmanager
def served(name: str) -> Iterator[World]:
    """A fresh demo world in the cache, under that name."""
    data = fresh(name)
    imap, smtp = (int(port) for port in python(_BUILD, data).split()[-2:])
    port = free_port()
    with (
        _mail_server(data, imap, smtp),
        running("serve", "--port", str(port), data=data) as product,
    ):
        world = World(data, port, imap, product.pid, mailboxes=0)
        wait_for(f"{world.address}/login/")
        world.mailboxes = _imported(data)
        yield world


@contextlib.contextmanager
def _mail_server(data: Path, imap: int, smtp: int) -> Iterator[None]:
    code = (
        "import django; django.setup()\n"
        "from pathlib import Path; from relance.demo import server\n"
        f"server.run(Path({str(data)!r}), {imap}, {smtp})\n"
    )
    house = {"RELANCE_DATA": str(data), "DJANGO_SETTINGS_MODULE": "relance.site.settings"}
    with (data / "mail-server.log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-c", code],
            env={**os.environ, **house},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_for_port(imap)
        yield
    finally:
        server.terminate()
        server.wait(10)


def _imported(data: Path) -> int:
    """Waits until every mailbox is imported; how many there are."""
    end = time.monotonic() + 90
    while set(states := python(_STATES, data).split()) != {"ok"}:
        if time.monotonic() > end:
            raise RuntimeError(f"the demo's mailboxes are {', '.join(states)} after 90 s")
        time.sleep(1)
    return len(states)
