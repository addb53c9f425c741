"""First import of 10,000 mails from Dovecot, against mbsync with its default settings.

Interleaved, fresh stores each time, median of three. Ours counts when every mail is kept, parsed,
threaded, placed in its column, indexed for search and durable (SQLite, WAL, synchronous=FULL).
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections import Counter
from hashlib import sha256
from pathlib import Path
from typing import Any

from bench import corpus
from bench.measure import fresh
from relance.wire.guard import Guard
from relance.wire.imap import ImapSession
from relance.wire.servers import Server
from tests.servers.dovecot import Dovecot

USER, PASSWORD = "bench@clarte.example", "secret"


def run(*, small: bool) -> dict[str, Any]:
    mails = corpus.load(1_000 if small else corpus.COUNT)
    rounds = 1 if small else 3
    ours: list[dict[str, Any]] = []
    theirs: list[float] = []
    with Dovecot(users={USER: PASSWORD}) as server:
        server.bulk_deliver(USER, mails)
        size = sum(len(m[0]) for m in mails) / len(mails)
        print(f"{len(mails)} mails of {size / 1000:.0f} kB on average, Dovecot on loopback")
        _mbsync(server.port)  # Dovecot reads a mailbox for the first time: nobody's figure
        expected = _on_server(server.port)
        for n in range(rounds):
            ours.append(_relance(server.port, n))
            theirs.append(_mbsync(server.port))
            print(f"round {n + 1}: ours {ours[-1]['seconds']:.2f} s, mbsync {theirs[-1]:.2f} s")
    seconds = statistics.median(o["seconds"] for o in ours)
    found = Counter(ours[-1]["shas"])
    return {
        "messages_per_s": round(len(mails) / seconds),
        "mbsync_per_s": round(len(mails) / statistics.median(theirs)),
        "ratio_to_mbsync": round(statistics.median(theirs) / seconds, 3),
        "first_200_s": round(statistics.median(o["first_200_s"] for o in ours), 3),
        "peak_rss_mb": round(max(o["peak_mb"] for o in ours)),
        "lost": (expected - found).total(),
        "doubled": (found - expected).total(),
        "unreadable": ours[-1]["unreadable"],
    }


def _relance(port: int, number: int) -> dict[str, Any]:
    data = fresh(f"sync-{number}")
    done = subprocess.run(
        [sys.executable, "-m", "bench.one_sync", "127.0.0.1", str(port), USER, PASSWORD],
        env={**os.environ, "RELANCE_DATA": str(data)},
        check=True,
        capture_output=True,
        text=True,
    )
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    if answer["unplaced"] != answer["unreadable"]:
        raise RuntimeError(f"{answer['unplaced']} copies were never placed")
    return answer


def _on_server(port: int) -> Counter[str]:
    """What the server gives, which is not always what was delivered (line ends)."""
    login = Server("127.0.0.1", port, "none", USER, PASSWORD)
    with ImapSession(login, Guard(frozenset({"127.0.0.1"}))) as session:
        session.select("INBOX")
        return Counter(sha256(m.raw).hexdigest() for m in session.fetch_raw(session.uids()))


def _mbsync(port: int) -> float:
    store = fresh("mbsync")
    (store / "mail").mkdir()
    config = store / "mbsyncrc"
    config.write_text(_CONFIG.format(port=port, user=USER, password=PASSWORD, store=store))
    start = time.perf_counter()
    subprocess.run(["mbsync", "-q", "-c", str(config), "-a"], check=True, capture_output=True)
    seconds = time.perf_counter() - start
    count = sum(1 for p in Path(store / "mail").rglob("*") if p.parent.name in ("cur", "new"))
    print(f"mbsync kept {count} mails")
    return seconds


_CONFIG = """
IMAPAccount bench
Host 127.0.0.1
Port {port}
User {user}
Pass {password}
SSLType None
AuthMechs LOGIN

IMAPStore far
Account bench

MaildirStore near
Path {store}/mail/
Inbox {store}/mail/INBOX
SubFolders Verbatim

Channel all
Far :far:
Near :near:
Patterns INBOX
Create Near
SyncState *
"""
