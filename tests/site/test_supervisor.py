"""The tree stays up, comes down when told, and leaves nothing behind.

Each test runs a supervisor in a process of its own, with children that write down that they live.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from relance.site.supervisor import Child, Supervisor

_PROGRAM = """
import os, signal, sys, time
from pathlib import Path
from relance.site.supervisor import Child, Supervisor

folder = Path(sys.argv[1])

def lived(name):
    (folder / f"{name}-{os.getpid()}").write_text("")

def steady():
    lived("steady")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    while True:
        time.sleep(60)

def stubborn():
    lived("stubborn")
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        time.sleep(60)

def broken():
    lived("broken")
    raise RuntimeError("this child cannot work")

def finisher():
    lived("finisher")
    def finish(*_):
        time.sleep(0.5)
        (folder / "finished").write_text("")
        sys.exit(0)
    signal.signal(signal.SIGTERM, finish)
    while True:
        time.sleep(60)

import relance.site.supervisor as module
module._DRAIN = 1.5
children = [Child(name, globals()[name]) for name in sys.argv[2:]]
asked = []
def announce():
    asked.append(1)
    if len(asked) == 3:
        print("the children have begun", flush=True)
    return len(asked) == 3

sys.exit(Supervisor(children).run(announce))
"""


class Tree:
    """A running supervisor and what its children wrote."""

    def __init__(self, folder: Path, *names: str) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM, str(folder), *names],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def pids(self, name: str) -> set[int]:
        """Of every child of that name that ever lived."""
        return {int(path.name.partition("-")[2]) for path in self.folder.glob(f"{name}-*")}

    def first(self, name: str) -> int:
        until(lambda: bool(self.pids(name)))
        return next(iter(self.pids(name)))

    def end(self, how: signal.Signals) -> int:
        self.process.send_signal(how)
        return self.process.wait(15)


def until(true: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def is_running(pid: int) -> bool:
    """False also for a zombie that nobody has waited for."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Tree]]:
    trees: list[Tree] = []

    def make(*names: str) -> Tree:
        trees.append(Tree(tmp_path, *names))
        return trees[-1]

    yield make
    for tree in trees:
        for pid in {p for name in ("steady", "stubborn", "finisher") for p in tree.pids(name)}:
            if is_running(pid):
                os.kill(pid, signal.SIGKILL)
        tree.process.kill()
        tree.process.communicate()


class TestStayingUp:
    def test_a_killed_child_is_started_again(self, start: Callable[..., Tree]) -> None:
        tree = start("steady")
        os.kill(tree.first("steady"), signal.SIGKILL)

        until(lambda: len(tree.pids("steady")) == 2)

        assert tree.process.poll() is None

    def test_the_others_do_not_notice(self, start: Callable[..., Tree]) -> None:
        tree = start("steady", "finisher")
        other = tree.first("finisher")
        os.kill(tree.first("steady"), signal.SIGKILL)

        until(lambda: len(tree.pids("steady")) == 2)

        assert tree.pids("finisher") == {other}
        assert is_running(other)

    def test_one_that_cannot_work_is_tried_less_and_less(self, start: Callable[..., Tree]) -> None:
        begun = time.monotonic()
        tree = start("broken")

        until(lambda: len(tree.pids("broken")) >= 3)

        assert time.monotonic() - begun >= 1.5  # half a second, then a whole one

    def test_the_pause_doubles_up_to_half_a_minute(self) -> None:
        child = Child("any", lambda: None, started_at=time.monotonic())
        supervisor = Supervisor([child])
        pauses = []
        for _ in range(8):
            pauses.append(child.pause)
            supervisor._ended(child, 1)

        assert pauses == [0.5, 1, 2, 4, 8, 16, 30, 30]

    def test_one_that_lived_a_minute_is_healthy_again(self) -> None:
        child = Child("any", lambda: None, pause=30.0, started_at=time.monotonic() - 61)
        Supervisor([child])._ended(child, -9)

        assert child.start_at - time.monotonic() < 0.6


class TestComingDown:
    @pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
    def test_it_ends_at_once_and_leaves_no_process(
        self, start: Callable[..., Tree], how: signal.Signals
    ) -> None:
        tree = start("steady")
        child = tree.first("steady")
        begun = time.monotonic()

        assert tree.end(how) == 0
        assert time.monotonic() - begun < 1
        assert not is_running(child)

    def test_a_child_may_finish_what_it_does(self, start: Callable[..., Tree]) -> None:
        tree = start("finisher")
        tree.first("finisher")

        assert tree.end(signal.SIGTERM) == 0
        assert (tree.folder / "finished").exists()

    def test_one_that_does_not_end_is_killed(self, start: Callable[..., Tree]) -> None:
        tree = start("stubborn", "steady")
        child = tree.first("stubborn")
        tree.first("steady")

        assert tree.end(signal.SIGTERM) == 1
        assert not is_running(child)

    def test_one_that_waits_to_be_tried_again_holds_nothing_up(
        self, start: Callable[..., Tree]
    ) -> None:
        tree = start("broken")
        tree.first("broken")

        assert tree.end(signal.SIGTERM) == 0

    def test_children_end_when_the_supervisor_is_killed(self, start: Callable[..., Tree]) -> None:
        tree = start("steady")
        child = tree.first("steady")

        tree.end(signal.SIGKILL)

        until(lambda: not is_running(child), 3)


def test_a_failure_is_written_to_the_log_with_its_name(start: Callable[..., Tree]) -> None:
    tree = start("broken")
    tree.first("broken")
    time.sleep(0.2)
    tree.process.terminate()

    said = tree.process.communicate(timeout=10)[1]

    assert "this child cannot work" in said
    assert "broken ended (status 1) and starts again in 0.5 s" in said


def test_what_is_to_be_said_is_said_once(start: Callable[..., Tree]) -> None:
    tree = start("steady", "broken")
    until(lambda: len(tree.pids("broken")) >= 2)
    tree.process.terminate()

    assert tree.process.communicate(timeout=10)[0] == "the children have begun\n"
