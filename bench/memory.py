"""Memory of the tree of `relance serve`: 60 s after start, the demo's mailboxes on IDLE, no page."""

from __future__ import annotations

import time
from typing import Any

from bench import demo
from bench.measure import pss_mb, tree


def run(*, small: bool) -> dict[str, Any]:
    start = time.monotonic()
    with demo.served("memory") as (_data, _port, pid):
        time.sleep(max(0.0, (15 if small else 60) - (time.monotonic() - start)))
        pids = tree(pid)
        for one in pids:
            print(f"process {one}: {pss_mb([one]):.0f} MB")
        return {"pss_mb": round(pss_mb(pids))}
