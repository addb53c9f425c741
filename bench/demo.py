"""The demo world for benchmarks: its mail server apart, so that `relance serve` is measured alone."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from bench.measure import free_port, fresh, python, running, wait_for

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
_LEFT = (
    "import django; django.setup()\n"
    "from relance.mail.models import MailAccount\n"
    "print(MailAccount.objects.exclude(state='ok').count())\n"
)


@contextlib.contextmanager
def served(name: str) -> Iterator[tuple[Path, int, int]]:
    """(data folder, port, pid of `relance serve`) of a demo world that has been imported."""
    data = fresh(name)
    imap, smtp = python(_BUILD, data).split()[-2:]
    code = (
        "import django; django.setup()\n"
        "from pathlib import Path; from relance.demo import server\n"
        f"server.run(Path({str(data)!r}), {imap}, {smtp})\n"
    )
    environment = {
        **os.environ,
        "RELANCE_DATA": str(data),
        "DJANGO_SETTINGS_MODULE": "relance.site.settings",
    }
    mail = subprocess.Popen(
        [sys.executable, "-c", code], env=environment, stderr=subprocess.DEVNULL
    )
    port = free_port()
    try:
        time.sleep(2)
        with running("serve", "--port", str(port), data=data) as product:
            wait_for(f"http://127.0.0.1:{port}/login/")
            end = time.monotonic() + 60
            while python(_LEFT, data).split()[-1] != "0":
                if time.monotonic() > end:
                    raise RuntimeError("the demo's mailboxes were not imported in a minute")
                time.sleep(1)
            yield data, port, product.pid
    finally:
        mail.terminate()
        mail.wait(10)
