"""Killing the sync, or its parse process, at any moment loses and doubles nothing (R1, I1)."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from relance.mail import sources
from relance.wire.guard import Guard
from relance.wire.imap import ImapSession
from tests.mail.conftest import raw_mail
from tests.servers.fixtures import Mailbox

MAILS = 400


def _outside() -> dict[str, str]:
    """The environment without the tests' own database: each store is its own SQLite file."""
    return {k: v for k, v in os.environ.items() if not k.startswith("RELANCE_")}


def run(data: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.mail.one_sync", *arguments],
        env={**_outside(), "RELANCE_DATA": str(data), "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )


def parsers_of(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children")
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        found += [int(x) for x in task.read_text().split()]
    return found if children.exists() else []


def theirs(mailbox: Mailbox) -> Counter[tuple[str, ...]]:
    found: Counter[tuple[str, ...]] = Counter()
    with ImapSession(mailbox.server(), Guard(frozenset({"127.0.0.1"}))) as session:
        for folder in session.list_folders():
            if folder.special_use and folder.selectable:
                state = session.select(folder.path)
                for mail in session.fetch_raw(session.uids()):
                    sha256 = sources.digest(mail.raw).hex()
                    found[folder.path, str(state.uidvalidity), str(mail.uid), sha256] += 1
    return found


def check(data: Path, mailbox: Mailbox) -> None:
    listed = run(data, "list")
    lines = [line.split("\t") for line in (listed.communicate()[0]).splitlines()]
    *copies, ledger = lines
    assert Counter(tuple(c[:4]) for c in copies) == theirs(mailbox)
    assert {c[4] for c in copies} == {"3"}, "every copy is placed"
    assert len(set(ledger[1:])) == 1, f"placements, counters and threads agree: {ledger}"


def sweep(mailbox: Mailbox, folder: Path, *, kills: int, seed: int) -> int:
    """Import again and again, killed along the way, until `kills` were dealt."""
    chance, dealt, round_ = random.Random(seed), 0, 0
    empty, server = folder / "empty", mailbox.server()
    made = run(empty, "prepare", server.host, str(server.port), mailbox.user, mailbox.password)
    assert made.wait() == 0
    while dealt < kills:
        data = folder / f"store-{round_}"
        shutil.copytree(empty, data)
        round_ += 1
        while (killed := _sync_killed(data, chance)) is not None:
            dealt += killed
        check(data, mailbox)
    return dealt


def _sync_killed(data: Path, chance: random.Random) -> int | None:
    """Kill a sync at a moment of its work; None when it had ended well before."""
    process = run(data, "sync")
    assert process.stdout is not None
    process.stdout.readline()  # it has loaded, and begins
    try:
        status = process.wait(timeout=chance.uniform(0, 0.8))
    except subprocess.TimeoutExpired:
        return _kill(process, chance)
    return None if status == 0 else 0


def _kill(process: subprocess.Popen[str], chance: random.Random) -> int:
    """One or several kills: of the sync, or first of its parse process."""
    parsers = parsers_of(process.pid)
    if parsers and chance.random() < 0.4:
        for pid in parsers:
            os.kill(pid, signal.SIGKILL)
        time.sleep(chance.uniform(0, 0.3))
    process.kill()
    process.wait()
    return 1


@pytest.fixture
def full(mailbox: Mailbox) -> Mailbox:
    for n in range(MAILS):
        reply = f"References: <m{n - n % 4}@client.example>\r\n" if n % 4 else ""
        mailbox.deliver(
            raw_mail(n, subject=f"Devis {n // 4}", headers=reply, text="mot " * (n % 700)),
            "INBOX" if n % 5 else "Sent",
        )
    return mailbox


def test_a_few_kills_lose_and_double_nothing(full: Mailbox, tmp_path: Path) -> None:
    assert sweep(full, tmp_path, kills=3, seed=1) >= 3


@pytest.mark.slow
def test_fifty_kills_lose_and_double_nothing(full: Mailbox, tmp_path: Path) -> None:
    assert sweep(full, tmp_path, kills=50, seed=2) >= 50
