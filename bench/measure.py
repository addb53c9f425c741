"""What is measured of processes: memory, processor time, and a running product."""

from __future__ import annotations

import contextlib
import math
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path

CACHE = Path(__file__).resolve().parent.parent / ".cache" / "bench"
_TICK = os.sysconf("SC_CLK_TCK")
_ESTABLISHED = "01"


def tree(pid: int) -> list[int]:
    """That process and all below it."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in task.read_text().split():
                found += tree(int(child))
    return list(dict.fromkeys(found))


def pss_mb(pids: list[int]) -> float:
    """Proportional set size of these processes together, in MB (10⁶ bytes)."""
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1]) * 1024
    return total / 1e6


def cpu_seconds(pids: list[int]) -> float:
    """User and system time these processes have used, in seconds."""
    ticks = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
    return ticks / _TICK


def command_of(pid: int) -> str:
    """The name and the first words of a process, for people."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        return f"{Path(f'/proc/{pid}/comm').read_text().strip()}: {words[:60].strip()}"
    except OSError:
        return "ended"


def connections_to(port: int) -> int:
    """How many connections stand with that port of loopback (IPv4), seen from the other end."""
    rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(row[2].endswith(f":{port:04X}") and row[3] == _ESTABLISHED for row in rows)


class PeakMemory(threading.Thread):
    """Samples the PSS of a tree of processes until told to stop; `.peak` in MB."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid = pid
        self.peak = 0.0
        self._done = threading.Event()

    def run(self) -> None:
        while not self._done.wait(0.15):
            self.peak = max(self.peak, pss_mb(tree(self.pid)))

    def stop(self) -> float:
        self._done.set()
        self.join()
        return self.peak


@contextlib.contextmanager
def running(*arguments: str, data: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A `relance` command on that data folder; ended, with all below it, on the way out."""
    with (data / "bench.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "relance.site.cli", *arguments],
            env={**os.environ, "RELANCE_DATA": str(data)},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(15)
        if process.poll() is None:
            process.kill()
            process.wait()


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def wait_for(address: str, *, seconds: float = 30) -> None:
    """Until something answers at that address."""
    end = time.monotonic() + seconds
    while True:
        try:
            urllib.request.urlopen(address, timeout=5).close()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
        else:
            return


def wait_for_port(port: int, *, seconds: float = 30) -> None:
    """Until somebody listens on that port of loopback."""
    end = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
        else:
            return


def need(command: str, package: str) -> None:
    """Refuses, in words, when a program of the system is missing."""
    if shutil.which(command) is None:
        raise SystemExit(f"{command} is missing. Run: sudo apt-get install {package}")


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that at least `percent` of them do not exceed (nearest rank)."""
    ranked = sorted(values)
    return ranked[max(0, math.ceil(len(ranked) * percent / 100) - 1)]


def fresh(name: str) -> Path:
    """An empty folder of that name in the cache."""
    folder = CACHE / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def fingerprint(files: Iterable[Path]) -> str:
    """Eight characters that change when one of these files does."""
    return sha256(b"".join(path.read_bytes() for path in sorted(files))).hexdigest()[:8]


def session_key(data: Path, email: str = "") -> str:
    """A logged-in session on that data folder, made in a process of its own."""
    code = (
        "import django; django.setup()\n"
        "from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY\n"
        "from django.contrib.sessions.backends.db import SessionStore\n"
        "from relance.users.models import User\n"
        f"user = User.objects.filter(email__startswith={email!r}).order_by('pk').first()\n"
        "s = SessionStore()\n"
        "s[SESSION_KEY] = str(user.pk)\n"
        "s[BACKEND_SESSION_KEY] = 'django.contrib.auth.backends.ModelBackend'\n"
        "s[HASH_SESSION_KEY] = user.get_session_auth_hash()\n"
        "s.create(); print(s.session_key)\n"
    )
    return python(code, data).strip().splitlines()[-1]


def python(code: str, data: Path) -> str:
    """Run code against that data folder in a process of its own; returns what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={
            **os.environ,
            "RELANCE_DATA": str(data),
            "DJANGO_SETTINGS_MODULE": "relance.site.settings",
        },
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout
