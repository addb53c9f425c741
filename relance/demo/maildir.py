"""The demo's mailboxes as folders: one Maildir++ a person, read by pymap."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

#: The people of the demo and the passwords of their mailboxes. They open nothing elsewhere.
PASSWORDS = {
    "camille@clarte.example": "clarte-demo-camille",
    "sophie@clarte.example": "clarte-demo-sophie",
    "hugo@clarte.example": "clarte-demo-hugo",
}
FOLDERS = ("", "Sent", "Drafts", "Archive", "Junk", "Trash")
_serial = itertools.count(1)


def make(data: Path) -> None:
    """Make the folders and the files of users and passwords."""
    from pysasl.hashing import BuiltinHash

    root = data / "mail"
    root.mkdir(parents=True, exist_ok=True)
    hashing = BuiltinHash()
    users, secrets = [], []
    for email, password in PASSWORDS.items():
        home = email.partition("@")[0]
        users.append(f"{email}:x::::{home}:\n")  # passwd(5)
        secrets.append(f"{email}:{hashing.hash(password)}:::::::\n")  # shadow(5)
        for folder in FOLDERS:
            for part in ("cur", "new", "tmp"):
                (_folder(data, email, folder) / part).mkdir(parents=True, exist_ok=True)
    (root / "pymap-etc-passwd").write_text("".join(users))
    (root / "pymap-etc-shadow").write_text("".join(secrets))


def deliver(  # noqa: PLR0913 (a mail, where, and how it lies there)
    data: Path,
    email: str,
    raw: bytes,
    *,
    folder: str = "",
    flags: Iterable[str] = (),
    at: datetime | None = None,
) -> Path:
    """Put one mail in that person's folder ("" is the inbox), as if it had come at `at`.

    `flags` are Maildir's letters: S seen, R replied, F flagged, D draft.
    """
    stamp = at.timestamp() if at else time.time()
    name = f"{int(stamp)}.{os.getpid()}_{next(_serial)}.relance"
    home = _folder(data, email, folder)
    waiting = home / "tmp" / name
    waiting.write_bytes(raw)
    os.utime(waiting, (stamp, stamp))
    letters = "".join(sorted(flags))
    target = home / ("cur" if letters else "new") / (f"{name}:2,{letters}" if letters else name)
    waiting.rename(target)
    return target


def _folder(data: Path, email: str, folder: str) -> Path:
    home = data / "mail" / email.partition("@")[0]
    return home / f".{folder}" if folder else home
