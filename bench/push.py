"""Forty deliveries into Dovecot, two seconds apart, until the row is visible in Chromium."""

from __future__ import annotations

import re
import statistics
import time
from pathlib import Path
from typing import Any

from bench import chromium
from bench.measure import free_port, fresh, percentile, python, running, session_key, wait_for
from tests.servers.dovecot import Dovecot

USER, PASSWORD = "push@clarte.example", "secret"
_CONNECT = (
    "import django; django.setup()\n"
    "from django.core.management import call_command\n"
    "from relance.mail import accounts\n"
    "from relance.users.models import Organisation, User\n"
    "call_command('migrate', verbosity=0)\n"
    "Organisation.objects.create(name='Bench', allowed_hosts=['127.0.0.1'])\n"
    f"user = User.objects.create_user({USER!r})\n"
    "accounts.connect(user, accounts.Settings(\n"
    f"    address={USER!r}, imap_host='127.0.0.1', imap_port=%d, imap_security='none',\n"
    f"    imap_username={USER!r}, imap_password={PASSWORD!r}, smtp_host='127.0.0.1',\n"
    "    smtp_port=25, smtp_security='none', sharing='private'))\n"
)


def run(*, small: bool) -> dict[str, Any]:
    data, port = fresh("push"), free_port()
    with Dovecot(users={USER: PASSWORD}) as server:
        server.deliver(USER, _mail(0))
        python(_CONNECT % server.port, data)
        with running("serve", "--port", str(port), data=data):
            wait_for(f"http://127.0.0.1:{port}/login/")
            took = _watch(data, port, server, 5 if small else 40)
    print(f"median {statistics.median(took):.2f} s, slowest {max(took):.2f} s")
    return {"p95_s": round(percentile(took, 95), 2)}


def _watch(data: Path, port: int, server: Dovecot, count: int) -> list[float]:
    address = f"http://127.0.0.1:{port}"
    took = []
    with chromium.launched() as browser:
        page = chromium.logged_in(browser, address, session_key(data, "push")).new_page()
        page.goto(f"{address}/")
        page.get_by_text("Livraison 0").first.wait_for(timeout=30_000)
        time.sleep(2)
        for n in range(1, count + 1):
            start = time.perf_counter()
            server.deliver(USER, _mail(n))
            page.get_by_text(re.compile(rf"Livraison {n}$")).first.wait_for(timeout=20_000)
            took.append(time.perf_counter() - start)
            time.sleep(max(0.0, 2 - took[-1]))
    return took


def _mail(n: int) -> bytes:
    return (
        f"From: Client {n} <c{n}@client.example>\r\nTo: {USER}\r\nSubject: Livraison {n}\r\n"
        f"Message-ID: <push{n}@client.example>\r\n\r\nBonjour {n}\r\n"
    ).encode()
