"""The product, served for real, and Chromium looking at it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = "/usr/bin/chromium"
_QUIET = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
World = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    if not Path(CHROMIUM).exists():
        pytest.skip("Chromium is not installed: bin/test says how")
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": _QUIET.split()}


def _environment(data: Path) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("RELANCE_")}
    return {**kept, "RELANCE_DATA": str(data), "PYTHONPATH": str(ROOT)}


def _change(environment: dict[str, str], *arguments: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.browser.world", *arguments],
        cwd=ROOT,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The world as every test finds it, and a session of its user; the page's bundle is made."""
    subprocess.run([sys.executable, "bin/assets.py"], cwd=ROOT, check=True)
    data = tmp_path_factory.mktemp("world") / "data"
    return data, _change(_environment(data), "build")["session"]


@pytest.fixture
def environment(tmp_path: Path, built: tuple[Path, str]) -> dict[str, str]:
    """A copy of that world, for one test."""
    shutil.copytree(built[0], tmp_path / "data")
    return _environment(tmp_path / "data")


@pytest.fixture
def world(environment: dict[str, str]) -> World:
    """`world("receive", sender, name, subject)`: changes the served world from outside."""
    return partial(_change, environment)


@pytest.fixture
def session(built: tuple[Path, str]) -> str:
    return built[1]


@pytest.fixture
def served(environment: dict[str, str]) -> Iterator[str]:
    """The address of a running web process."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port = trial.getsockname()[1]
    code = f"from relance.site.web import run; run('127.0.0.1', {port})"
    process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env=environment)
    try:
        _wait_for(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()


def _wait_for(port: int) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        with socket.socket() as trial:
            if trial.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(port)


@pytest.fixture
def tolerated() -> tuple[str, ...]:
    """What the console may say: a module whose requests are made to fail names it."""
    return ()


@pytest.fixture
def open_page(
    browser: Browser, served: str, session: str, tolerated: tuple[str, ...]
) -> Iterator[Callable[..., Page]]:
    """`open_page(path, width=…)`: a logged-in page; whatever the console says ends the test."""
    contexts: list[BrowserContext] = []
    said: list[str] = []

    def open_one(path: str = "/", *, width: int = 1440, height: int = 900, **more: Any) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, **more)
        contexts.append(context)
        context.set_default_timeout(8000)
        context.add_cookies([{"name": "relance_session", "value": session, "url": served}])
        page = context.new_page()
        page.on("console", lambda m: said.append(m.text) if m.type != "log" else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(served + path)
        page.wait_for_load_state("load")
        return page

    yield open_one
    for context in contexts:
        context.close()
    harmless = ("Autofocus processing was blocked",)  # a script was quicker than the attribute
    said = [text for text in said if not text.startswith((*tolerated, *harmless))]
    assert not said, said


@pytest.fixture
def page_at(open_page: Callable[..., Page]) -> Page:
    """The inbox at 1440 pixels."""
    return open_page()
