"""The recipe of docs/admin/backup.md does what it says."""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

from tests.house.code import ROOT
from tests.site.test_cli import run


def recipe() -> str:
    page = (ROOT / "docs/admin/backup.md").read_text()
    found = re.search(r"<<'END'\n(.*?)^END$", page, re.DOTALL | re.MULTILINE)
    assert found is not None
    return found[1]


def test_a_house_that_runs_is_copied_whole_and_comes_back(tmp_path: Path) -> None:
    house, restored = tmp_path / "house", tmp_path / "restored"
    added = run("user", "add", "jean@clarte.example", HOME=str(tmp_path), RELANCE_DATA=str(house))
    assert added.returncode == 0
    restored.mkdir(mode=0o700)
    with sqlite3.connect(house / "relance.sqlite3") as running:
        running.execute("UPDATE users_user SET first_name = 'Jean'")  # still in the file beside it
        running.commit()

        command = [sys.executable, "-", house / "relance.sqlite3", restored / "relance.sqlite3"]
        subprocess.run(command, input=recipe(), text=True, check=True)

    shutil.copy(house / "signing.key", restored)
    listed = run("user", "list", HOME=str(tmp_path), RELANCE_DATA=str(restored))
    assert listed.stdout == "jean@clarte.example\tmember\tactive\n"
    with sqlite3.connect(restored / "relance.sqlite3") as copy:
        assert copy.execute("SELECT first_name FROM users_user").fetchone() == ("Jean",)
