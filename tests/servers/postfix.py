"""Postfix on loopback: a private instance, thrown away afterwards. Its master needs root.

``transport`` says what becomes of what it takes: ``discard:`` forgets it once it is queued, as a
benchmark wants; any other is a transport of master.cf.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.servers.process import (
    Account,
    answers,
    free_port,
    private_folder,
    start,
    stop,
    wait_until,
)

_DAEMONS = Path("/usr/lib/postfix/sbin")
_MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/mail.log
maillog_file_prefixes = {folder}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = postfix.test
mydestination =
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_recipient_restrictions =
default_transport = {transport}
local_transport = {transport}
alias_maps =
alias_database =
smtpd_peername_lookup = no
message_size_limit = 50000000
{more}
"""
_MASTER = """\
{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


def is_possible() -> bool:
    """Whether a Postfix can be started here."""
    return os.geteuid() == 0 and (_DAEMONS / "master").exists()


class Postfix:
    """A running Postfix; ``port`` takes mail from loopback without a login."""

    def __init__(self, *, transport: str = "discard:", more: str = "") -> None:
        root = Account("root", 0, 0)
        self.folder = private_folder("postfix", root)
        self.folder.chmod(0o755)
        self.port = free_port()
        config = self.folder / "etc"
        for name in ("etc", "queue", "data"):
            (self.folder / name).mkdir(mode=0o755)
        shutil.chown(self.folder / "data", "postfix")
        (config / "main.cf").write_text(
            _MAIN.format(folder=self.folder, transport=transport, more=more)
        )
        (config / "master.cf").write_text(_MASTER.format(port=f"127.0.0.1:{self.port}"))
        subprocess.run(["/usr/sbin/postfix", "-c", str(config), "check"], check=True)
        log = self.folder / "mail.log"
        log.touch()
        self.process = start([str(_DAEMONS / "master"), "-c", str(config), "-d"], root, log=log)
        wait_until(lambda: answers(self.port), self.process, log)

    def stop(self) -> None:
        """End it, and its queue with it."""
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
