"""An import whose worker is killed at any moment loses and doubles nothing."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

ROWS, KILLS = 2000, 4


def process(data: Path, act: str) -> subprocess.Popen[str]:
    """The tests' own database is left alone: each store is its own SQLite file."""
    outside = {k: v for k, v in os.environ.items() if not k.startswith("RELANCE_")}
    return subprocess.Popen(
        [sys.executable, "-m", "tests.crm.one_import", act],
        env={**outside, "RELANCE_DATA": str(data), "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )


def state(data: Path) -> list[str]:
    return process(data, "state").communicate()[0].split()


def test_a_killed_import_goes_on_where_it_stood(tmp_path: Path) -> None:
    assert process(tmp_path, "prepare").wait() == 0
    chance = random.Random(7)
    for _kill in range(KILLS):
        worker = process(tmp_path, "work")
        assert worker.stdout is not None
        worker.stdout.readline()  # it has loaded, and begins
        try:
            worker.wait(timeout=chance.uniform(0.05, 0.4))
        except subprocess.TimeoutExpired:
            worker.kill()
            worker.wait()
        _state, made, people, links, rows = state(tmp_path)
        assert (int(people), int(links), int(rows)) == (int(made), 2 * int(made), int(made))
    assert process(tmp_path, "work").wait() == 0
    assert state(tmp_path) == ["done", str(ROWS), str(ROWS), str(2 * ROWS), str(ROWS)]
