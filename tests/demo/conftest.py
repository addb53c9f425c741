"""A demo world, its mail written once for the whole run."""

from __future__ import annotations

import json
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest

from relance.demo import maildir, records, server, world

#: Camille's first look: a Thursday morning in Lyon.
NOW = datetime(2026, 11, 19, 9, 42, tzinfo=UTC)


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the mail of the world. To be copied, not changed."""
    data = tmp_path_factory.mktemp("written")
    maildir.make(data)
    world.write_mail(data, NOW)
    kept = {"imap": 0, "smtp": 0, "built_at": NOW.isoformat()}
    (data / "demo.json").write_text(json.dumps(kept))
    return data


@pytest.fixture
def data(written: Path, tmp_path: Path, settings: Any) -> Path:
    """The same, one's own, and the product told that it is its data folder."""
    folder = tmp_path / "data"
    shutil.copytree(written, folder)
    settings.DATA = folder
    return folder


@pytest.fixture
def rows(db: None) -> None:
    """The users, people and deals of the world."""
    records.write(NOW)


@contextmanager
def serving(data: Path, imap_port: int, smtp_port: int) -> Iterator[BaseProcess]:
    """The demo's server in a process of its own, until the block ends."""
    process = get_context("spawn").Process(target=server.run, args=(data, imap_port, smtp_port))
    process.start()
    try:
        for port in (imap_port, smtp_port):
            _wait_for(port)
        yield process
    finally:
        process.terminate()
        process.join(10)
        if process.is_alive():
            process.kill()


def _wait_for(port: int) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        with socket.socket() as trial:
            if trial.connect_ex((server.HOST, port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(port)


def in_folder(data: Path, who: str, folder: str = "") -> list[bytes]:
    """The mails in that folder of "camille", "sophie" or "hugo"; "" is the inbox."""
    home = data / "mail" / who / (f".{folder}" if folder else "")
    return [path.read_bytes() for part in ("new", "cur") for path in (home / part).iterdir()]


def newest(data: Path, who: str, known: list[bytes]) -> list[bytes]:
    """Those in the inbox that were not among `known`."""
    return [raw for raw in in_folder(data, who) if raw not in known]
