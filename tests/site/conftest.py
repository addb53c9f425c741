"""What the tests of the house share."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def same_umask() -> Iterator[None]:
    """The command line makes files private for its whole process; other tests go on as before."""
    before = os.umask(0o022)
    yield
    os.umask(before)
