"""PostgreSQL on loopback: a private cluster, thrown away afterwards."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.servers.process import (
    answers,
    free_port,
    private_folder,
    start,
    stop,
    unprivileged,
    wait_until,
)


def bin_folder() -> Path:
    """Return the folder of the newest PostgreSQL installed. Raises ``FileNotFoundError``."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=_version)
    if not found:
        raise FileNotFoundError("PostgreSQL is not installed (Debian package postgresql-15)")
    return found[-1].parent


def _version(path: Path) -> int:
    name = path.parent.parent.name
    return int(name) if name.isdecimal() else 0


class Postgres:
    """A running cluster with one database, ``relance``.

    ``durable=False`` leaves out fsync: right for tests, wrong for benchmarks.
    """

    def __init__(self, *, durable: bool = False) -> None:
        self.account = unprivileged()
        self.folder = private_folder("postgres", self.account)
        self.port = free_port()
        self._run(
            "initdb",
            "-D",
            str(self.folder / "data"),
            "-U",
            "relance",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        )
        command = [
            str(bin_folder() / "postgres"),
            *("-D", str(self.folder / "data"), "-h", "127.0.0.1", "-p", str(self.port)),
            *("-k", str(self.folder), "-c", "max_connections=60"),
        ]
        if not durable:
            command += ["-c", "fsync=off", "-c", "full_page_writes=off"]
        log = self.folder / "postgres.log"
        self.process = start(command, self.account, log=log)
        wait_until(self._is_ready, self.process, log)
        self._run("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "relance", "relance")

    @property
    def url(self) -> str:
        """The database's address, for ``RELANCE_DATABASE_URL``."""
        return f"postgres://relance@127.0.0.1:{self.port}/relance"

    def _is_ready(self) -> bool:
        if not answers(self.port):
            return False
        command = [str(bin_folder() / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(command, check=False).returncode == 0

    def _run(self, name: str, *arguments: str) -> None:
        ids = {"user": self.account.uid, "group": self.account.gid, "extra_groups": []}
        subprocess.run(
            [str(bin_folder() / name), *arguments],
            check=True,
            capture_output=True,
            cwd="/",
            env={**os.environ, "HOME": str(self.folder), "LC_ALL": "C.UTF-8"},
            **(ids if os.geteuid() == 0 else {}),
        )

    def stop(self) -> None:
        """End the cluster at once (its data is not kept)."""
        stop(self.process, signal.SIGINT)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
