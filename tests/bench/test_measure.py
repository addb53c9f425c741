"""Memory, processor time and connections are counted where they belong."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench import measure

_PARENT = (
    "import subprocess, sys\n"
    "child = subprocess.Popen([sys.executable, '-c', 'import sys; x = b\"x\" * 40_000_000;"
    " print(flush=True); sys.stdin.read()'], stdin=subprocess.PIPE)\n"
    "sys.stdin.read(); child.communicate()\n"
)


@pytest.fixture
def family() -> Iterator[subprocess.Popen[bytes]]:
    """A process with one child that holds 40 MB."""
    parent = subprocess.Popen(
        [sys.executable, "-c", _PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert parent.stdout is not None
    parent.stdout.readline()
    yield parent
    parent.communicate()


def test_the_memory_of_a_tree_includes_its_children(family: subprocess.Popen[bytes]) -> None:
    pids = measure.tree(family.pid)
    assert len(pids) == 2
    assert measure.pss_mb(pids) > 40
    assert measure.pss_mb(pids[:1]) < 40


def test_a_peak_is_kept_after_the_memory_is_given_back(family: subprocess.Popen[bytes]) -> None:
    memory = measure.PeakMemory(family.pid)
    memory.start()
    time.sleep(0.4)
    family.communicate()
    time.sleep(0.2)
    assert memory.stop() > 40


def test_processor_time_is_counted_while_one_works() -> None:
    before = measure.cpu_seconds([os.getpid()])
    end = time.process_time() + 0.1
    while time.process_time() < end:
        pass
    assert 0.05 <= measure.cpu_seconds([os.getpid()]) - before < 5


def test_what_has_ended_counts_for_nothing() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert measure.pss_mb([ended.pid]) == 0
    assert measure.cpu_seconds([ended.pid]) == 0
    assert measure.command_of(ended.pid) == "ended"


def test_connections_are_counted_once_each() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert measure.connections_to(port) == 0
        with socket.create_connection(("127.0.0.1", port)):
            other, _ = server.accept()
            with other:
                assert measure.connections_to(port) == 1


@pytest.mark.parametrize(
    ("count", "percent", "expected"), [(40, 95, 38), (40, 50, 20), (1, 95, 1), (5, 95, 5)]
)
def test_a_percentile_is_a_value_that_was_measured(
    count: int, percent: float, expected: int
) -> None:
    values = [float(n) for n in range(count, 0, -1)]
    assert measure.percentile(values, percent) == expected


def test_a_fingerprint_changes_with_a_file(tmp_path: Path) -> None:
    rules = tmp_path / "rules.py"
    rules.write_text("a = 1")
    before = measure.fingerprint([rules])
    assert measure.fingerprint([rules]) == before
    rules.write_text("a = 2")
    assert measure.fingerprint([rules]) != before


def test_a_missing_program_is_refused_with_what_to_install() -> None:
    with pytest.raises(SystemExit, match="sudo apt-get install nothing-at-all"):
        measure.need("no-such-program", "nothing-at-all")


def test_waiting_for_a_port_gives_up() -> None:
    with pytest.raises(OSError, match="refused"):
        measure.wait_for_port(measure.free_port(), seconds=0.1)
