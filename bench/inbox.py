"""The full inbox page, logged in: 200 requests at 10,000 and at 1,000,000 messages.

CPU is user plus system time of the whole web tree for each request, from /proc; the page is asked
for by one client at a time, then by eight at once for the latency.
"""

from __future__ import annotations

import http.client
import statistics
import threading
import time
from pathlib import Path
from typing import Any

from bench import million
from bench.measure import cpu_seconds, free_port, python, running, session_key, tree, wait_for

_QUERIES = (
    "import django; django.setup()\n"
    "from django.conf import settings\n"
    "settings.ALLOWED_HOSTS = ['*']\n"
    "from django.db import connection\n"
    "from django.test import Client\n"
    "from django.test.utils import CaptureQueriesContext\n"
    "from relance.users.models import User\n"
    "client = Client(); client.force_login(User.objects.first())\n"
    "client.get('/')\n"
    "with CaptureQueriesContext(connection) as queries:\n"
    "    answer = client.get('/')\n"
    "assert answer.status_code == 200\n"
    "print(len(queries))\n"
)


def run(*, small: bool) -> dict[str, Any]:
    few = _measure(million.folder(1_000 if small else 10_000), latency=False)
    many = _measure(million.folder(10_000 if small else 1_000_000), latency=True)
    return {
        "queries": max(few["queries"], many["queries"]),
        "cpu_ms_10k": round(few["cpu_ms"], 1),
        "cpu_ms_1m": round(many["cpu_ms"], 1),
        "growth": round(many["cpu_ms"] / few["cpu_ms"], 2),
        "p50_ms_8_clients": round(many["p50_ms"]),
    }


def _measure(data: Path, *, latency: bool) -> dict[str, float]:
    print(million.describe(data), flush=True)
    queries = int(python(_QUERIES, data).split()[-1])
    key = session_key(data)
    port = free_port()
    with running("web", "--port", str(port), data=data) as server:
        wait_for(f"http://127.0.0.1:{port}/login/")
        _ask(port, key, 20)
        pids = tree(server.pid)
        before = cpu_seconds(pids)
        took = _ask(port, key, 200)
        cpu_ms = (cpu_seconds(pids) - before) * 1000 / 200
        print(f"{data.name}: {cpu_ms:.1f} ms CPU, {statistics.median(took) * 1000:.1f} ms a page")
        p50 = _at_once(port, key) if latency else 0.0
    return {"queries": queries, "cpu_ms": cpu_ms, "p50_ms": p50}


def _ask(port: int, key: str, times: int) -> list[float]:
    client = http.client.HTTPConnection("127.0.0.1", port)
    took = []
    for _ in range(times):
        start = time.perf_counter()
        client.request("GET", "/", headers={"Cookie": f"relance_session={key}"})
        answer = client.getresponse()
        body = answer.read()
        took.append(time.perf_counter() - start)
        if answer.status != 200 or b'class="col' not in body:
            raise RuntimeError(f"the page answered {answer.status}")
    return took


def _at_once(port: int, key: str) -> float:
    took: list[float] = []
    threads = [threading.Thread(target=lambda: took.extend(_ask(port, key, 25))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return statistics.median(took) * 1000
