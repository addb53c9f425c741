"""Memory of the tree of `relance serve`: 60 s after start, the demo's mailboxes on IDLE, no page."""

from __future__ import annotations

import time
from typing import Any

from bench import demo
from bench.measure import command_of, connections_to, pss_mb, tree

_AFTER = 60.0


def run(*, small: bool) -> dict[str, Any]:
    with demo.served("memory") as world:
        time.sleep(max(0.0, world.started_at + (15 if small else _AFTER) - time.monotonic()))
        after = time.monotonic() - world.started_at
        idle = connections_to(world.imap_port)
        print(f"{after:.0f} s after start, {idle} of {world.mailboxes} mailboxes wait on IDLE")
        if idle != world.mailboxes:
            raise RuntimeError("not every mailbox waits on its server: this would measure less")
        pids = tree(world.pid)
        for pid in pids:
            print(f"{pss_mb([pid]):6.0f} MB  {command_of(pid)}")
        return {"pss_mb": round(pss_mb(pids))}
