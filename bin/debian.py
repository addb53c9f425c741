"""The Debian packages behind the tests: mail servers, a database, a browser."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LISTS = ("tests/servers/packages.txt", "tests/packages.txt")
_POLICY = Path("/usr/sbin/policy-rc.d")


def wanted_packages(root: Path) -> list[str]:
    """The packages that the tests name, one a line; # begins a comment."""
    lines = [line for name in LISTS for line in (root / name).read_text().splitlines()]
    names = {line.partition("#")[0].strip() for line in lines}
    return sorted(names - {""})


def missing_packages(names: list[str]) -> list[str]:
    """Those that dpkg does not know as installed."""
    form = "${Package} ${db:Status-Status}\n"
    command = ["dpkg-query", "-W", "-f", form, *names]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    installed = {
        line.split()[0] for line in done.stdout.splitlines() if line.endswith(" installed")
    }
    return [name for name in names if name not in installed]


def install_packages(root: Path) -> None:
    """Install what is missing where that is allowed; else say exactly what to run, and go on."""
    names = wanted_packages(root)
    if shutil.which("dpkg-query") is None:
        print(
            "The tests' servers are Debian packages; on this system, please install the "
            f"likes of: {' '.join(names)}",
            file=sys.stderr,
        )
        return
    missing = missing_packages(names)
    if not missing:
        return
    prefix = _privileged()
    if prefix is None or not _install(missing, prefix):
        command = f"apt-get install --no-install-recommends {' '.join(missing)}"
        print(
            "Some tests need packages that could not be installed from here. Run:\n"
            f"  sudo apt-get update && sudo {command}",
            file=sys.stderr,
        )


def _privileged() -> list[str] | None:
    """What to put before a command so that root runs it without a question; None if nothing."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") is None:
        return None
    allowed = subprocess.run(["sudo", "-n", "true"], check=False, capture_output=True)
    return ["sudo", "-n"] if allowed.returncode == 0 else None


def _install(names: list[str], prefix: list[str]) -> bool:
    print(f"Installing the tests' Debian packages: {' '.join(names)}", flush=True)
    apt = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y"]
    with _services_left_alone(prefix):
        subprocess.run([*apt, "update"], check=False, capture_output=True)
        command = [*apt, "install", "--no-install-recommends", *names]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        print("\n".join(done.stderr.strip().splitlines()[-10:]), file=sys.stderr)
    return done.returncode == 0


@contextmanager
def _services_left_alone(prefix: list[str]) -> Iterator[None]:
    """Nothing installed meanwhile starts a service: the tests start their own, in private.

    Debian asks policy-rc.d first (invoke-rc.d(8)); 101 forbids.
    """
    if _POLICY.exists():
        yield
        return
    write = f"printf '#!/bin/sh\\nexit 101\\n' > {_POLICY} && chmod 755 {_POLICY}"
    subprocess.run([*prefix, "sh", "-c", write], check=False, capture_output=True)
    try:
        yield
    finally:
        subprocess.run([*prefix, "rm", "-f", str(_POLICY)], check=False, capture_output=True)
