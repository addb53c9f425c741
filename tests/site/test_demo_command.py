"""`relance demo` as one runs it: populated at once, kept, and gone without a trace."""

from __future__ import annotations

import re
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.site.test_serve import House, free_port
from tests.site.test_supervisor import is_running, until

_POPULATED = 30  # seconds, from the command to the inbox


class Demo(House):
    command = "demo"
    ready = "The demo world is open"

    def mails(self) -> int:
        with sqlite3.connect(self.data / "relance.sqlite3") as database:
            return int(database.execute("SELECT count(*) FROM mail_messagecopy").fetchone()[0])

    def names(self) -> dict[tuple[str, str], int]:
        """UIDVALIDITY of each folder."""
        with sqlite3.connect(self.data / "relance.sqlite3") as database:
            rows = database.execute("SELECT account_id, path, uidvalidity FROM mail_folder")
            return {(account, path): validity for account, path, validity in rows}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def demo(folder: Path) -> Iterator[Demo]:
    running = Demo(folder, "--port", str(free_port()))
    yield running
    running.process.kill()
    running.process.wait()


def test_the_inbox_is_populated_in_half_a_minute(demo: Demo) -> None:
    status, page = demo.get(demo.first_link())
    assert status == 200
    until(lambda: "Marion Petit" in demo.get("/")[1], _POPULATED)
    assert time.monotonic() - demo.begun < _POPULATED

    page = demo.get("/")[1]
    for name in ("Éloïse Garnier", "Daniel Harlow", "Thomas Leclerc", "Sophie Girard"):
        assert name in page
    assert re.sub(r"\s", " ", "48 000 €") in re.sub(r"\s|&nbsp;", " ", page)


def test_the_way_in_works_once(demo: Demo) -> None:
    demo.forget_cookies()
    assert demo.get(demo.first_link())[0] == 410


def test_it_stops_and_goes_on_where_it_was(demo: Demo, folder: Path) -> None:
    until(lambda: demo.mails() >= 1200, 60)
    until(lambda: len(demo.names()) == 18)
    children, kept, first = demo.children(), demo.names(), demo.first_link()

    assert demo.end(signal.SIGINT) == 0
    assert {pid for pid in children if is_running(pid)} == set()

    again = Demo(folder, "--port", str(free_port()))
    try:
        assert again.first_link() != first
        assert again.get(again.first_link())[0] == 200
        until(lambda: bool(again.child("sync")))
        time.sleep(2)  # a look at every folder
        assert again.mails() >= 1200
        assert again.mails() < 1205  # one or two may have come
        assert again.names() == kept
        assert "Traceback" not in again.said
    finally:
        assert again.end() == 0


def test_nobody_else_on_the_machine_reads_its_mail(folder: Path) -> None:
    modes = {}
    for path in (folder / "house").rglob("*"):
        with suppress(FileNotFoundError):  # the database's log goes when its last reader does
            if path.is_file():
                modes[path.name] = path.stat().st_mode
    assert modes
    assert [name for name, mode in modes.items() if mode & 0o077] == []
