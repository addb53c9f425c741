"""Addresses of static files that change when the file does, so that browsers may keep them."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.templatetags.static import static


def asset(name: str) -> str:
    """The address of `relance/<name>` with a digest of its content.

    A bundle that was not built yet has no digest; its address then simply does not answer.
    """
    return _fresh(name) if settings.DEBUG else _kept(name)


@cache
def _kept(name: str) -> str:
    return _fresh(name)


def _fresh(name: str) -> str:
    found = finders.find(f"relance/{name}")
    address = static(f"relance/{name}")
    if not isinstance(found, str):
        return address
    return f"{address}?v={hashlib.sha256(Path(found).read_bytes()).hexdigest()[:10]}"
