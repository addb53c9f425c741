"""What the environment says: the settings an administrator may give, read and checked."""

from __future__ import annotations

import difflib
import os
import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

_PREFIX = "RELANCE_"
KNOWN = (
    "RELANCE_BEHIND_PROXY",
    "RELANCE_DATA",
    "RELANCE_DATABASE_URL",
    "RELANCE_DEBUG",
    "RELANCE_HOSTS",
    "RELANCE_LOG_LEVEL",
    "RELANCE_SECRETS_FILE",
    "RELANCE_SECRET_KEY",
    "RELANCE_STATIC_ROOT",
    "RELANCE_URL",
)
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


class BadSetting(ImproperlyConfigured):
    """A setting cannot be used; the text says which, why, and what to write instead."""


def text(name: str, default: str = "") -> str:
    """A setting, `default` when it is absent or empty."""
    return os.environ.get(name, "").strip() or default


def is_on(name: str) -> bool:
    """A setting that is 1 or 0 (absent: 0). Raises `BadSetting` for anything else."""
    value = text(name, "0")
    if value not in {"0", "1"}:
        raise BadSetting(f"{name} is {value!r}; write 1 or 0")
    return value == "1"


def names(name: str, default: str) -> list[str]:
    """A setting that is a list, separated by commas."""
    return [one.strip() for one in text(name, default).split(",") if one.strip()]


def unknown() -> Iterator[str]:
    """A sentence for each setting of ours that means nothing."""
    for name in sorted(os.environ):
        if name.startswith(_PREFIX) and name not in KNOWN:
            near = difflib.get_close_matches(name, KNOWN, n=1, cutoff=0.85)
            hint = f"Did you mean {near[0]}?" if near else "See docs/admin/settings.md."
            yield f"{name} is not a setting of Relance. {hint}"


def folder(name: str, default: str, *, mode: int = 0o700) -> Path:
    """A setting that is a folder, made when missing; others cannot look in.

    Raises `BadSetting` when it cannot be made.
    """
    path = Path(text(name, default)).expanduser().absolute()
    try:
        path.mkdir(mode=mode, parents=True, exist_ok=True)
    except OSError as error:
        raise BadSetting(
            f"the folder {path} cannot be made ({error.strerror}); "
            f"set {name} to a folder that you may write"
        ) from error
    return path


def signing_key(data: Path) -> str:
    """The signing key: the one given, else a file made once, readable by us alone.

    Several processes may start at once: the file appears whole, and the first one wins.
    """
    if key := text("RELANCE_SECRET_KEY"):
        return key
    path = data / "signing.key"
    if not path.exists():
        try:
            handle, trial = tempfile.mkstemp(dir=data)  # mode 0600
        except OSError as error:
            raise BadSetting(
                f"the data folder {data} cannot be written ({error.strerror}); "
                f"give it to the user who runs Relance, or set RELANCE_DATA"
            ) from error
        with os.fdopen(handle, "w") as stream:
            stream.write(secrets.token_urlsafe(50))
        _name_once(Path(trial), path)
    return path.read_text().strip()


def _name_once(trial: Path, path: Path) -> None:
    try:
        os.link(trial, path)
    except FileExistsError:
        pass  # another process was first, with a key as good
    finally:
        trial.unlink()


def database(data: Path) -> dict[str, Any]:
    """Django's settings of the database: what is given, else SQLite in the data folder.

    Raises `BadSetting` for an address that names no database.
    """
    url = text("RELANCE_DATABASE_URL") or f"sqlite:///{data / 'relance.sqlite3'}"
    try:
        found: dict[str, Any] = dict(dj_database_url.parse(url, conn_max_age=None))
        engine = str(found["ENGINE"]).rpartition(".")[2]
        if engine not in {"postgresql", "sqlite3"}:
            raise ValueError(engine)
    except ValueError as error:
        raise BadSetting(
            "RELANCE_DATABASE_URL cannot be used; write postgres://user:password@host/name, "
            "or leave it out to use SQLite"
        ) from error
    return found


def base_url() -> str:
    """The address people type, without a slash at its end, or "". Raises `BadSetting`."""
    url = text("RELANCE_URL").rstrip("/")
    if url and not url.startswith(("http://", "https://")):
        raise BadSetting(f"RELANCE_URL is {url!r}; write the whole address, as https://{url}")
    return url


def log_level(default: str) -> str:
    """One of Python's levels. Raises `BadSetting`."""
    level = text("RELANCE_LOG_LEVEL", default).upper()
    if level not in _LEVELS:
        raise BadSetting(f"RELANCE_LOG_LEVEL is {level!r}; write one of {', '.join(_LEVELS[:4])}")
    return level
