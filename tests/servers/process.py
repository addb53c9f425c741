"""What the servers share: an unprivileged user, a folder of their own, a port, an orderly end."""

from __future__ import annotations

import atexit
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path


class ServerFailed(RuntimeError):
    """A test server did not start; the message holds what it said."""


@dataclass(frozen=True)
class Account:
    """The user that a server runs as: oneself, or ``nobody`` when started by root."""

    name: str
    uid: int
    gid: int

    def give(self, *paths: Path) -> None:
        """Hand files over to this user."""
        if os.geteuid() == 0:
            for path in paths:
                os.chown(path, self.uid, self.gid)


def unprivileged() -> Account:
    """Return the user to run servers as; never root."""
    uid = os.geteuid()
    entry = pwd.getpwnam("nobody") if uid == 0 else pwd.getpwuid(uid)
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def private_folder(prefix: str, account: Account) -> Path:
    """Make a short-named folder that only ``account`` can enter, removed at exit."""
    folder = Path(tempfile.mkdtemp(prefix=f"relance-{prefix}-", dir="/tmp"))
    account.give(folder)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def free_port() -> int:
    """Return a loopback port that nobody uses now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def start(command: Sequence[str], account: Account, *, log: Path) -> subprocess.Popen[bytes]:
    """Start a server as ``account`` with its output in ``log``; it is ended at exit."""
    ids = {"user": account.uid, "group": account.gid, "extra_groups": []}
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            cwd="/",
            **(ids if os.geteuid() == 0 else {}),
        )
    atexit.register(stop, process)
    return process


def stop(process: subprocess.Popen[bytes], how: signal.Signals = signal.SIGTERM) -> None:
    """End a server, gently first."""
    if process.poll() is not None:
        return
    process.send_signal(how)
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(timeout=10)


def wait_until(
    ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path, *, seconds: float = 20
) -> None:
    """Wait until a server answers. Raises ``ServerFailed`` with its log when it does not."""
    deadline = time.monotonic() + seconds
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            stop(process)
            raise ServerFailed(log.read_text(errors="replace")[-4000:])
        time.sleep(0.02)


def answers(port: int) -> bool:
    """Say whether something listens on a loopback port."""
    with socket.socket() as sock:
        sock.settimeout(1)
        return sock.connect_ex(("127.0.0.1", port)) == 0
