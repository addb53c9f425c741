"""`relance serve` as one runs it: the whole tree, on a fresh data folder."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path

import pytest

from tests.site.test_supervisor import is_running, until


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


class House:
    """A running `relance serve` and a browser that keeps its cookies."""

    command = "serve"
    ready = "Relance listens on"

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.begun = time.monotonic()
        self.log = folder / "log.txt"
        self.data = folder / "house"
        environment = {k: v for k, v in os.environ.items() if not k.startswith("RELANCE_")}
        with self.log.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "relance.site.cli", self.command, *arguments],
                env={**environment, "RELANCE_DATA": str(self.data)},
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        until(lambda: self.ready in self.said, 60)
        found = re.search(r"(http://[^/\s]+)", self.said)
        assert found is not None
        self.address = found[1]
        self.forget_cookies()

    @property
    def said(self) -> str:
        return self.log.read_text()

    def forget_cookies(self) -> None:
        self.cookies = CookieJar()
        self._opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(self.cookies), urllib.request.ProxyHandler({})
        )

    def first_link(self) -> str:
        """The way in that is printed while there is no organisation."""
        found = re.search(r"(/welcome/\S+/)", self.said)
        assert found is not None
        return found[1]

    def set_up(self, link: str) -> tuple[int, str]:
        """Fill the first page in, as Camille."""
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.get(link)[1])
        assert token is not None
        return self.get(
            link,
            {
                "csrfmiddlewaretoken": token[1],
                "name": "Clarté",
                "first_name": "Camille",
                "last_name": "Laurent",
                "email": "camille@clarte.example",
                "password": "a long quiet sentence",
                "language": "fr",
                "currency": "EUR",
                "time_zone": "Europe/Paris",
            },
        )

    def child(self, name: str) -> int:
        """The process that plays that part now."""
        found = re.findall(rf"{name} is process (\d+)", self.said)
        return int(found[-1]) if found else 0

    def children(self) -> set[int]:
        """Every process of the tree below the supervisor, as the kernel knows it."""
        parents = {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
            except (FileNotFoundError, ProcessLookupError):
                continue
        tree = {self.process.pid}
        while more := {pid for pid, parent in parents.items() if parent in tree} - tree:
            tree |= more
        return tree - {self.process.pid}

    def get(self, path: str, data: dict[str, str] | None = None) -> tuple[int, str]:
        body = urllib.parse.urlencode(data).encode() if data is not None else None
        try:
            with self._opener.open(self.address + path, body, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.read().decode()

    def answers(self) -> bool:
        try:
            return self.get("/login/")[0] == 200
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        return self.process.wait(20)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    running = House(tmp_path_factory.mktemp("serve"), "--port", str(free_port()))
    yield running
    running.process.kill()
    running.process.wait()


class TestServing:
    def test_it_listens_on_this_machine_alone(self, house: House) -> None:
        assert house.address.startswith("http://127.0.0.1:")

    def test_another_takes_the_next_free_port_or_says_which_is_taken(
        self, house: House, tmp_path: Path
    ) -> None:
        port = house.address.rpartition(":")[2]
        done = subprocess.run(
            [sys.executable, "-m", "relance.site.cli", "serve", "--port", port],
            env={**os.environ, "RELANCE_DATA": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 2
        assert f"port {port} of 127.0.0.1 is taken" in done.stderr

    def test_the_address_is_told_when_it_answers(self, tmp_path: Path) -> None:
        house = House(tmp_path, "--port", str(free_port()))
        assert house.get(house.first_link())[0] == 200
        assert house.end() == 0

    def test_styles_come_with_the_pages(self, house: House) -> None:
        page = house.get("/login/")[1]
        found = re.search(r'href="(/static/[^"]+\.css[^"]*)"', page)
        assert found is not None
        assert house.get(found[1])[0] == 200

    @pytest.mark.parametrize("name", ["web", "jobs", "sync"])
    def test_a_killed_process_comes_back(self, house: House, name: str) -> None:
        before = house.child(name)
        os.kill(before, signal.SIGKILL)

        until(lambda: house.child(name) != before, 15)

        until(house.answers, 15)
        assert is_running(house.child(name))


class TestTheFirstVisit:
    def test_the_printed_link_makes_the_organisation_once(self, house: House) -> None:
        link = house.first_link()

        status, page = house.set_up(link)

        assert status == 200
        assert 'name="password"' not in page  # she is in
        house.forget_cookies()
        assert house.get(link)[0] == 410


class TestEnding:
    def test_term_drains_and_leaves_no_process(self, tmp_path: Path) -> None:
        house = House(tmp_path, "--port", str(free_port()))
        until(lambda: bool(house.child("sync") and house.child("jobs")))
        children = house.children()
        assert len(children) >= 3

        begun = time.monotonic()
        assert house.end() == 0

        assert time.monotonic() - begun < 8
        assert {pid for pid in children if is_running(pid)} == set()
        assert "Traceback" not in house.said

    def test_killing_the_supervisor_ends_its_children(self, tmp_path: Path) -> None:
        house = House(tmp_path, "--port", str(free_port()))
        children = house.children()

        house.end(signal.SIGKILL)

        until(lambda: not any(is_running(pid) for pid in children), 15)

    def test_an_open_page_does_not_hold_it_up(self, tmp_path: Path) -> None:
        house = House(tmp_path, "--port", str(free_port()))
        house.set_up(house.first_link())
        cookies = "; ".join(f"{c.name}={c.value}" for c in house.cookies)
        host, _, port = house.address.removeprefix("http://").partition(":")
        at = (host, int(port))
        with (
            socket.create_connection(at, timeout=10) as page,
            socket.create_connection(at, timeout=10) as idle,
        ):
            idle.sendall(b"GET /login/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            assert idle.recv(1000)  # then kept open, as browsers do
            page.sendall(
                b"GET /inbox/live/ HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                b"Accept: text/event-stream\r\nCookie: " + cookies.encode() + b"\r\n\r\n"
            )
            assert b" 200 " in page.recv(1000)

            begun = time.monotonic()
            assert house.end() == 0
            assert time.monotonic() - begun < 8
