"""The checkout's own environment, .venv: made with uv, which is fetched when absent, else pip.

Debian's Python may come without ensurepip and refuses to install outside an environment
(PEP 668). `pip install --target` into a folder of ours is allowed, and gives uv, which needs
neither; where uv cannot be had, `venv`, then virtualenv, make the environment and pip fills it.
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

LEVELS = ("demo", "dev")
"""What is installed, from the least to the most; each is a file in requirements/."""


_UV_SETTINGS = {
    "UV_SYSTEM_CERTS": "1",  # a company's own certificate authority is in the system's store
    "UV_NATIVE_TLS": "1",  # the same, to an older uv
    "UV_PYTHON_DOWNLOADS": "never",
    "UV_NO_PROGRESS": "1",
}


class SetupError(Exception):
    """The environment could not be made; the message says what to do."""


class CommandFailed(SetupError):
    """A program ended badly; the message ends with what it said."""


def say(text: str) -> None:
    """One line of progress."""
    print(text, flush=True)


def run(command: list[str], *, cwd: Path, env: Mapping[str, str] | None = None) -> None:
    """Run quietly. Raises CommandFailed with the last lines of its output."""
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **(env or {})},
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    if done.returncode:
        tail = "\n".join(done.stdout.strip().splitlines()[-15:])
        name = command[2] if command[1] == "-m" else Path(command[0]).name
        raise CommandFailed(f"{name} failed:\n{tail}")


class Environment:
    """The environment of the checkout at `root`, with at least what `wanted` names."""

    def __init__(self, root: Path, *, wanted: str) -> None:
        self.root = root
        self.folder = root / ".venv"
        self.python = self.folder / "bin/python"
        self.stamp = self.folder / "relance-setup"
        self.level = max(wanted, self._installed_level(), key=LEVELS.index)

    def make(self) -> bool:
        """Bring everything up to date; True when something had to be installed."""
        changed = not self._is_current()
        if changed:
            self._install()
            self.stamp.write_text(f"{self.level} {self._digest()}")
        self._make_assets()
        return changed

    def _installed_level(self) -> str:
        level = self.stamp.read_text().split()[0] if self.stamp.is_file() else LEVELS[0]
        return level if level in LEVELS else LEVELS[0]

    def _is_current(self) -> bool:
        if not self.stamp.is_file() or not self.python.exists():
            return False
        return self.stamp.read_text() == f"{self.level} {self._digest()}"

    @property
    def _requirements(self) -> Path:
        return self.root / f"requirements/{self.level}.txt"

    def _digest(self) -> str:
        """Changes with the locks, the package's own metadata, and the checkout's place."""
        digest = hashlib.sha256(str(self.root).encode())
        for path in (self._requirements, self.root / "pyproject.toml"):
            digest.update(path.read_bytes())
        return digest.hexdigest()

    def _install(self) -> None:
        ways: list[Callable[[], None]] = [self._install_with_uv, self._install_with_pip]
        if os.environ.get("RELANCE_INSTALLER") == "pip":
            ways.pop(0)
        failures: list[str] = []
        for way in ways:
            try:
                return way()
            except CommandFailed as failure:
                failures.append(str(failure))
        raise SetupError(
            "\n\n".join(failures) + "\n\nThe dependencies could not be installed. Check the "
            "network (and the proxy, if any), then run bin/setup again: it goes on where it was."
        )

    def _install_with_uv(self) -> None:
        uv = self._uv()
        if uv is None:
            raise CommandFailed("uv could not be fetched.")
        if not self._is_usable():
            say("Making the environment (.venv)")
            shutil.rmtree(self.folder, ignore_errors=True)
            python = os.path.realpath(sys.executable)
            self._run([uv, "venv", "--quiet", "--no-project", "--python", python, ".venv"])
        say(f"Installing the dependencies ({self.level}), with uv")
        into = ["--python", str(self.python), "--quiet"]
        self._run([uv, "pip", "sync", *into, "--require-hashes", str(self._requirements)])
        self._run([uv, "pip", "install", *into, "--no-deps", "--no-build-isolation", "-e", "."])

    def _install_with_pip(self) -> None:
        say(f"Installing the dependencies ({self.level}), with pip: this takes some minutes")
        if not self._is_usable() or not self._has_pip():
            shutil.rmtree(self.folder, ignore_errors=True)
            self._make_with_pip_inside()
        pip = [str(self.python), "-m", "pip", "install", "--quiet"]
        self._run([*pip, "--require-hashes", "-r", str(self._requirements)])
        self._run([*pip, "--no-deps", "--no-build-isolation", "-e", "."])

    def _make_with_pip_inside(self) -> None:
        if importlib.util.find_spec("ensurepip") and importlib.util.find_spec("venv"):
            return self._run([sys.executable, "-m", "venv", str(self.folder)])
        tools = self._fetch("virtualenv")
        if tools is None:
            raise SetupError(
                "This Python has neither pip nor ensurepip, so no environment can be made.\n"
                "On Debian or Ubuntu: sudo apt-get install --no-install-recommends python3-pip"
            )
        command = [sys.executable, "-m", "virtualenv", "--quiet", str(self.folder)]
        return run(command, cwd=self.root, env={"PYTHONPATH": str(tools)})

    def _is_usable(self) -> bool:
        """Whether .venv runs, and was made for this place."""
        if not self.python.exists() or not self._is_at_home():
            return False
        command = [str(self.python), "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]
        return subprocess.run(command, check=False, capture_output=True).returncode == 0

    def _is_at_home(self) -> bool:
        activate = self.folder / "bin/activate"
        return activate.is_file() and str(self.folder) in activate.read_text(errors="replace")

    def _has_pip(self) -> bool:
        command = [str(self.python), "-m", "pip", "--version"]
        return subprocess.run(command, check=False, capture_output=True).returncode == 0

    def _uv(self) -> str | None:
        """The path of a uv that runs: the machine's, else our own."""
        fetched = self.root / ".cache/tools/uv/bin/uv"
        for candidate in (shutil.which("uv"), str(fetched)):
            if candidate and _runs(candidate):
                return candidate
        return str(fetched) if self._fetch("uv") and _runs(str(fetched)) else None

    def _fetch(self, tool: str) -> Path | None:
        """The folder into which pip put `tool`, or None where there is no pip."""
        folder = self.root / ".cache/tools" / tool
        pip = _pip()
        if pip is None:
            return None
        say(f"Fetching {tool}")
        shutil.rmtree(folder, ignore_errors=True)
        lock = str(self.root / f"requirements/{tool}.txt")
        options = ["--quiet", "--disable-pip-version-check", "--require-hashes", "-r", lock]
        self._run([*pip, "install", "--target", str(folder), *options])
        return folder

    def _make_assets(self) -> None:
        command = [str(self.python), str(self.root / "bin/assets.py")]
        done = subprocess.run(
            command, cwd=self.root, check=False, stderr=subprocess.PIPE, text=True
        )
        if done.returncode:
            raise SetupError(done.stderr.strip())

    def _run(self, command: list[str]) -> None:
        run(command, cwd=self.root, env={**_UV_SETTINGS, "VIRTUAL_ENV": str(self.folder)})


def _runs(program: str) -> bool:
    try:
        done = subprocess.run([program, "--version"], check=False, capture_output=True)
    except OSError:
        return False
    return done.returncode == 0


def _pip() -> list[str] | None:
    """How to call pip: the interpreter's own, else the machine's."""
    if _runs_module("pip"):
        return [sys.executable, "-m", "pip"]
    found = shutil.which("pip3")
    return [found] if found and _runs(found) else None


def _runs_module(name: str) -> bool:
    command = [sys.executable, "-m", name, "--version"]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0
