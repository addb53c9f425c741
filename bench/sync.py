"""First import of 10,000 mails from Dovecot, against mbsync with its default settings.

Interleaved, fresh stores each time, median of three. Ours counts when every mail is kept, parsed,
threaded, placed in its column, indexed for search and durable (SQLite, WAL, synchronous=FULL);
the CRM knows a third of the senders. `first_200_s` begins before the connection and ends when 200
placements are committed. `peak_rss_mb` is the highest PSS of the sync and its parse process.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from bench import corpus
from bench.corpus import Mail
from bench.measure import PeakMemory, fresh, need
from relance.wire.guard import Guard
from relance.wire.imap import ImapSession
from relance.wire.servers import Server
from tests.servers.dovecot import Dovecot

USER, PASSWORD = "bench@clarte.example", "secret"


def run(*, small: bool) -> dict[str, Any]:
    return measure(corpus.load(1_000 if small else corpus.COUNT), rounds=1 if small else 3)


def measure(mails: Sequence[Mail], *, rounds: int) -> dict[str, Any]:
    """The figures, for these mails in one mailbox."""
    need("mbsync", "isync")
    ours: list[dict[str, Any]] = []
    theirs: list[float] = []
    with Dovecot(users={USER: PASSWORD}) as server:
        server.bulk_deliver(USER, mails)
        size = sum(len(m[0]) for m in mails) / len(mails)
        print(f"{len(mails)} mails of {size / 1000:.1f} kB on average, Dovecot on loopback")
        _mbsync(server.port)  # Dovecot reads a mailbox for the first time: nobody's figure
        expected = _on_server(server.port)
        for n in range(rounds):
            ours.append(_relance(server.port, n))
            theirs.append(_mbsync(server.port))
            print(
                f"round {n + 1}: ours {ours[-1]['seconds']:.2f} s "
                f"({ours[-1]['threads']} threads in columns {ours[-1]['columns']}), "
                f"mbsync {theirs[-1]:.2f} s",
                flush=True,
            )
    return _figures(ours, theirs, expected)


def _figures(
    ours: Sequence[dict[str, Any]], theirs: Sequence[float], expected: Counter[str]
) -> dict[str, Any]:
    count = expected.total()
    seconds, their_seconds = (
        statistics.median(o["seconds"] for o in ours),
        statistics.median(theirs),
    )
    found = [Counter(o["shas"]) for o in ours]
    return {
        "messages_per_s": round(count / seconds),
        "mbsync_per_s": round(count / their_seconds),
        "ratio_to_mbsync": round(their_seconds / seconds, 3),
        "first_200_s": round(statistics.median(o["first_200_s"] for o in ours), 3),
        "peak_rss_mb": round(max(o["peak_mb"] for o in ours)),
        "lost": max((expected - one).total() for one in found),
        "doubled": max((one - expected).total() for one in found),
        "unreadable": max(o["unreadable"] for o in ours),
    }


def _relance(port: int, number: int) -> dict[str, Any]:
    """One import by a process of its own, whose memory is sampled from here."""
    data = fresh(f"sync-{number}")
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.one_sync", "127.0.0.1", str(port), USER, PASSWORD],
        env={**os.environ, "RELANCE_DATA": str(data)},
        stdout=subprocess.PIPE,
        text=True,
    )
    memory = PeakMemory(process.pid)
    memory.start()
    printed, _ = process.communicate()
    peak = memory.stop()
    if process.returncode:
        raise RuntimeError(f"the import ended with status {process.returncode}")
    answer: dict[str, Any] = json.loads(printed.splitlines()[-1])
    _check(answer)
    return {**answer, "peak_mb": peak}


def _check(answer: dict[str, Any]) -> None:
    """Every copy once, each settled, each thread in one column: else there is no figure."""
    if answer["unplaced"] or answer["twice"] or answer["placements"] > answer["threads"]:
        counts = {k: v for k, v in answer.items() if k != "shas"}
        raise RuntimeError(f"the import is not whole: {counts}")


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
