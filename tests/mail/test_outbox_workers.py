"""Several workers, one outbox: each mail once, whatever they do and however they die (S1, S5)."""

from __future__ import annotations

import contextlib
import os
import random
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from relance.mime.parse import parse
from tests.servers.smtp import SmtpServer


@pytest.fixture
def server() -> Iterator[SmtpServer]:
    with SmtpServer(features=("8BITMIME", "PIPELINING"), mechanisms="") as running:
        yield running


@pytest.fixture(params=["sqlite", "postgres"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> House:
    """A data folder on that database, empty."""
    url = ""
    if request.param == "postgres":
        url = fresh_database(request.getfixturevalue("postgres_url"))
    return House(tmp_path, url)


def fresh_database(url: str) -> str:
    """Another database of that server."""
    import psycopg

    name = f"outbox{random.SystemRandom().randrange(10**9)}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return f"{url.rpartition('/')[0]}/{name}"


class House:
    """Processes on one data folder, and what they leave behind."""

    def __init__(self, data: Path, url: str) -> None:
        self.data = data
        kept = {k: v for k, v in os.environ.items() if not k.startswith("RELANCE_")}
        self.environment = {**kept, "RELANCE_DATA": str(data), "PYTHONDONTWRITEBYTECODE": "1"}
        if url:
            self.environment["RELANCE_DATABASE_URL"] = url

    def start(
        self, *arguments: str, module: str = "tests.mail.one_outbox"
    ) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str) -> str:
        process = self.start(*arguments)
        out, err = process.communicate(timeout=300)
        assert process.returncode == 0, err
        return out

    def states(self) -> dict[str, str]:
        """By Message-ID. A file is read as it is: starting Django takes longer than the test."""
        if "RELANCE_DATABASE_URL" in self.environment:
            return dict(line.split("\t") for line in self.run("list").splitlines())
        with contextlib.closing(sqlite3.connect(self.data / "relance.sqlite3")) as database:
            return dict(database.execute("SELECT message_id, state FROM mail_outgoing"))


def received(server: SmtpServer) -> Counter[str]:
    return Counter(parse(r.data).message_id for r in server.received)


def race(house: House, server: SmtpServer, *, processes: int, mails: int) -> None:
    house.run("prepare", str(server.port), str(mails))
    workers = [house.start("work") for _ in range(processes)]
    said = [w.communicate(timeout=570) for w in workers]
    assert [w.returncode for w in workers] == [0] * processes, said
    assert "locked" not in "".join(err for _, err in said)
    states = house.states()
    assert Counter(states.values()) == {"sent": mails}
    assert received(server) == dict.fromkeys(states, 1)
    assert sum(int(out) for out, _ in said) == mails


def test_a_few_workers_send_each_mail_once(house: House, server: SmtpServer) -> None:
    race(house, server, processes=3, mails=60)


@pytest.mark.slow
def test_eight_workers_send_a_thousand_mails_once(house: House, server: SmtpServer) -> None:
    race(house, server, processes=8, mails=1_000)


def kill_sweep(house: House, server: SmtpServer, *, kills: int, mails: int, seed: int) -> None:
    """Kill the jobs process at random moments while it sends, until it has sent everything."""
    chance, dealt = random.Random(seed), 0
    house.run("prepare", str(server.port), str(mails))
    while dealt < kills and set(house.states().values()) & {"queued", "retrying"}:
        begun, process = len(server.received), house.start("jobs", module="relance.site.cli")
        wait_for_more(server, begun, process)
        time.sleep(chance.uniform(0, 0.15))
        process.kill()
        process.communicate()
        dealt += 1
    house.run("finish")
    states, counts = house.states(), received(server)
    assert dealt >= kills
    assert set(states.values()) <= {"sent", "uncertain"}
    assert max(counts.values()) == 1, "none was sent twice"
    assert [m for m, s in states.items() if s == "sent" and counts[m] != 1] == [], "none is lost"
    doubtful = [m for m, s in states.items() if s == "uncertain"]
    assert len(doubtful) <= dealt * 2, "one at most for each lane that died"


def wait_for_more(server: SmtpServer, begun: int, process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + 60
    while len(server.received) <= begun and process.poll() is None and time.monotonic() < end:
        time.sleep(0.005)


def test_a_few_kills_lose_and_double_nothing(tmp_path: Path, server: SmtpServer) -> None:
    kill_sweep(House(tmp_path, ""), server, kills=2, mails=400, seed=1)


@pytest.mark.slow
def test_fifty_kills_lose_and_double_nothing(tmp_path: Path, server: SmtpServer) -> None:
    kill_sweep(House(tmp_path, ""), server, kills=50, mails=8_000, seed=2)
