"""Gives a test run its own data folder, before the settings are read.

Loaded with `-p` from pyproject.toml: pytest-django reads the settings earlier than any
conftest.py. Each worker of a parallel run loads it anew, and so has a folder of its own.
Translations are compiled here too: Django reads them once.
"""

import atexit
import os
import shutil
import tempfile

from tests.scripts import BIN, load

_KEPT = {"RELANCE_DATABASE_URL"}
"""What a run may choose: the database it is tried on. RELANCE_TESTS_ON=postgres starts one."""


def _forget_the_house_outside() -> None:
    for name in [name for name in os.environ if name.startswith("RELANCE_")]:
        if name not in _KEPT:
            del os.environ[name]


def _make_data_folder() -> str:
    folder = tempfile.mkdtemp(prefix="relance-tests-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _start_postgres() -> str:
    from tests.servers.postgres import Postgres

    server = Postgres()
    atexit.register(server.stop)
    return server.url


# Read once: the workers of a parallel run inherit the address, and start none.
_database = os.environ.pop("RELANCE_TESTS_ON", "")
_forget_the_house_outside()
os.environ["RELANCE_DATA"] = _make_data_folder()
load("assets").compile_messages(BIN.parent)
if _database == "postgres":
    os.environ["RELANCE_DATABASE_URL"] = _start_postgres()
