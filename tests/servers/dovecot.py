"""Dovecot on loopback: Maildir, private configuration, plain and TLS ports.

::

    with Dovecot(users={"alice@clarte.example": "secret"}) as server:
        server.deliver("alice@clarte.example", raw)
        ... server.port, server.tls_port ...
"""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.servers.certificates import self_signed
from tests.servers.process import (
    Account,
    answers,
    free_port,
    private_folder,
    start,
    stop,
    unprivileged,
    wait_until,
)

_LETTERS = {"\\Draft": "D", "\\Flagged": "F", "\\Answered": "R", "\\Seen": "S", "\\Deleted": "T"}
_SPECIAL = {"Sent": "\\Sent", "Drafts": "\\Drafts", "Trash": "\\Trash", "Junk": "\\Junk"}

#: What a poor server would announce: nothing beyond RFC 3501.
POOR = "IMAP4rev1"

_CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
protocols = imap pop3
listen = 127.0.0.1
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
mail_location = maildir:{folder}/mail/%u
mail_home = {folder}/mail/%u
mail_max_userip_connections = 3000
mailbox_idle_check_interval = 1 secs
mailbox_list_index = no
auth_failure_delay = 0
auth_mechanisms = plain login
disable_plaintext_auth = no
ssl = {ssl}
ssl_cert = <{folder}/cert.pem
ssl_key = <{folder}/key.pem
ssl_dh =
{capability}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {folder}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u
}}
namespace inbox {{
  inbox = yes
  separator = /
{mailboxes}
}}
service imap-login {{
  chroot =
  service_count = 0
  process_min_avail = 1
  client_limit = 4000
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service pop3-login {{
  chroot =
  service_count = 0
  inet_listener pop3 {{
    port = {pop3_port}
  }}
  inet_listener pop3s {{
    port = 0
  }}
}}
service imap {{
  process_limit = 3000
  client_limit = 1
}}
service anvil {{
  chroot =
  client_limit = 9000
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service auth {{
  client_limit = 9000
}}
service stats {{
  chroot =
  client_limit = 9000
}}
"""


class Dovecot:
    """A running Dovecot. ``users`` maps names to passwords.

    ``capability`` replaces what the server announces (the commands stay); ``special_use=False``
    leaves folders unmarked; ``ssl="no"`` offers no TLS at all. ``folder`` must be enterable by
    an unprivileged user; left out, a private one is made.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        users: Mapping[str, str] | None = None,
        capability: str = "",
        special_use: bool = True,
        ssl: str = "yes",
    ) -> None:
        self.account: Account = unprivileged()
        self.folder = folder or private_folder("dovecot", self.account)
        self.users = dict(users or {"alice": "secret"})
        self.host = "127.0.0.1"
        self.port, self.tls_port, self.pop3_port = free_port(), free_port(), free_port()
        self.certificate = self_signed(self.folder)
        self._counter = itertools.count(1)
        self._write_config(capability, ssl=ssl, special_use=special_use)
        log = self.folder / "stderr.log"
        command = ["/usr/sbin/dovecot", "-F", "-c", str(self.folder / "dovecot.conf")]
        self.process = start(command, self.account, log=log)
        wait_until(lambda: answers(self.port), self.process, log)

    def _write_config(self, capability: str, *, ssl: str, special_use: bool) -> None:
        marks = _SPECIAL if special_use else {}
        text = _CONFIG.format(
            folder=self.folder,
            user=self.account.name,
            group=_group_name(self.account.gid),
            uid=self.account.uid,
            gid=self.account.gid,
            port=self.port,
            tls_port=self.tls_port,
            pop3_port=self.pop3_port,
            ssl=ssl,
            capability=f"imap_capability = {capability}" if capability else "",
            mailboxes="\n".join(
                f"  mailbox {name} {{\n    auto = create\n    special_use = {use}\n  }}"
                for name, use in marks.items()
            ),
        )
        for name in ("run", "state", "mail"):
            (self.folder / name).mkdir(exist_ok=True)
            self.account.give(self.folder / name)
        (self.folder / "dovecot.conf").write_text(text)
        self._write_users()
        self.account.give(self.folder / "dovecot.conf", self.folder / "users")
        self.account.give(self.certificate.cert, self.certificate.key)
        (self.folder / "stderr.log").touch()

    def _write_users(self) -> None:
        lines = [f"{name}:{{PLAIN}}{password}\n" for name, password in self.users.items()]
        draft = self.folder / "users.new"
        draft.write_text("".join(lines))
        self.account.give(draft)
        draft.rename(self.folder / "users")

    def add_user(self, name: str, password: str) -> None:
        """Add a user, or change a password; slow, since Dovecot looks once a second."""
        self.users[name] = password
        self._write_users()
        time.sleep(1.1)

    def maildir(self, user: str, folder: str = "INBOX") -> Path:
        """Return the Maildir of a folder, made when missing."""
        root = self.folder / "mail" / user
        path = root if folder == "INBOX" else root / f".{_on_disk(folder)}"
        for part in (root, path):
            self._make(part)
        for part in ("cur", "new", "tmp"):
            self._make(path / part)
        return path

    def _make(self, path: Path) -> None:
        if not path.exists():
            path.mkdir(parents=True)
            self.account.give(path)

    def deliver(
        self,
        user: str,
        raw: bytes,
        folder: str = "INBOX",
        flags: Sequence[str] = (),
        date: datetime | None = None,
    ) -> None:
        """Deliver one message as a local delivery agent would; IDLE clients hear of it."""
        self._place(self.maildir(user, folder), raw, flags, date)

    def bulk_deliver(
        self,
        user: str,
        messages: Iterable[tuple[bytes, Sequence[str], datetime | None]],
        folder: str = "INBOX",
    ) -> int:
        """Deliver (raw, flags, date) triples into a folder; return how many."""
        path = self.maildir(user, folder)
        count = 0
        for raw, flags, date in messages:
            self._place(path, raw, flags, date)
            count += 1
        return count

    def _place(self, path: Path, raw: bytes, flags: Sequence[str], date: datetime | None) -> None:
        number = next(self._counter)
        letters = "".join(sorted(_LETTERS[flag] for flag in flags))
        seconds = int(time.time())
        name = f"{seconds}.M{number:09d}P{os.getpid()}.test"
        draft = path / "tmp" / name
        draft.write_bytes(raw)
        if date is not None:
            os.utime(draft, (date.timestamp(), date.timestamp()))
        self.account.give(draft)
        size = f",S={len(raw)}"
        if letters:
            draft.rename(path / "cur" / f"{name}{size}:2,{letters}")
        else:
            draft.rename(path / "new" / f"{name}{size}")

    def log(self) -> str:
        """What Dovecot logged."""
        path = self.folder / "dovecot.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def stop(self) -> None:
        """End the server; its mail stays."""
        stop(self.process)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def _group_name(gid: int) -> str:
    import grp

    return grp.getgrgid(gid).gr_name


def _on_disk(folder: str) -> str:
    from relance.wire.imap.names import encode_name

    return encode_name(folder).decode("ascii").replace("/", ".")
