"""Encrypting mailbox passwords with keys kept outside the database.

Keys are Fernet keys, one a line, newest first, in the file `RELANCE_SECRETS_FILE` names (made at
first use, readable by its owner alone). Rotating: put a new key on the first line, then run
`relance rotate-secrets`.
"""

from __future__ import annotations

import functools
import os
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


@functools.cache
def _box(path: Path) -> MultiFernet:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(handle, "wb") as stream:
            stream.write(Fernet.generate_key() + b"\n")
    keys = [line.strip() for line in path.read_bytes().splitlines() if line.strip()]
    return MultiFernet([Fernet(key) for key in keys])


def encrypt(secret: str) -> str:
    """`secret` as an authenticated token (Fernet: AES-128-CBC and HMAC-SHA-256)."""
    return _box(Path(settings.SECRETS_FILE)).encrypt(secret.encode()).decode("ascii")


def decrypt(token: str) -> str:
    """The secret of `token`, or "" when none of our keys opens it."""
    try:
        return _box(Path(settings.SECRETS_FILE)).decrypt(token.encode("ascii")).decode()
    except InvalidToken:
        return ""


def forget_keys() -> None:
    """Read the key file again at next use (after a rotation)."""
    _box.cache_clear()
