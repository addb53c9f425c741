"""Filters on the *million* world's proportions: what 200 of them add to a mail that comes, and how
long trying one takes.

`added_ms`: mails applied one by one, as they come, with 200 filters on subjects, texts, addresses,
deals, accounts and people, one of which each mail meets (it puts a label) and all others not; less
the same without any filter; the median mail, and the 95th percentile. `dry_run_ms`: one filter over
every mail of the mailbox, the slowest of five kinds, the least of three times each.
"""

from __future__ import annotations

import json
from typing import Any

from bench import million
from bench.measure import python

_CODE = """
import django; django.setup()
import json, statistics, time
from django.db import transaction
from relance.inbox.filters import acting, trying
from relance.inbox.models import Filter
from relance.mail.models import MessageCopy
from relance.users.models import User

user = User.objects.order_by("pk").first()

def text(field, value, op="contains"):
    return {"field": field, "op": op, "value": value}

def large(n):
    money = {"amount": str(900000 + n), "currency": "EUR"}
    return {"some": "deals", "where": {"all": [text("amount", money, "gt"),
                                               text("state", "open", "is")]}}

KINDS = [
    lambda n: {"all": [text("subject", f"offre {n}"), text("from", f"client{n}.example", "ends")]},
    lambda n: {"any": [text("body", f"contrat n{n}"), text("attachmentName", f"plan {n}*.pdf")]},
    lambda n: large(n),
    lambda n: {"some": "account", "where": text("name", f"Société {n}")},
    lambda n: {"all": [text("toOrCc", f"x{n}@nobody.example", "is"), {"field": "inCrm", "op": "no"}]},
]

def a_filter(n):
    return Filter(owner=user, name=str(n), criteria=KINDS[n % len(KINDS)](n), position=n,
                  actions=[{"kind": "label", "label": "Bench"}])

def arrivals(most):
    rows = MessageCopy.objects.filter(folder__special_use="inbox", is_outgoing=False,
        message__isnull=False, account__owner=user).order_by("-key").select_related(
        "message__from_address", "folder", "account__owner", "thread")[:most]
    rows = list(rows)
    for row in rows:
        row.is_history = False
    return rows

def timed(copies):
    took = []
    for copy in copies:
        start = time.perf_counter()
        with transaction.atomic():
            acting.act([copy])
        took.append((time.perf_counter() - start) * 1000)
    return sorted(took)

with transaction.atomic():
    copies = arrivals(MAILS)
    assert len(copies) > 20
    without = timed(copies)
    Filter.objects.bulk_create([a_filter(n) for n in range(199)])
    Filter.objects.create(owner=user, name="all", match="every", position=999,
                          actions=[{"kind": "label", "label": "Bench"}])
    timed(copies[:5])
    applied = timed(copies[5:])
    tries = {}
    for n, name in enumerate(["subject", "text", "deals", "account", "recipients"]):
        least = []
        for _ in range(3):
            start = time.perf_counter()
            found = trying.dry_run(a_filter(n), user, days=36500)
            least.append((time.perf_counter() - start) * 1000)
        tries[name] = round(min(least))
    transaction.set_rollback(True)
print(json.dumps({
    "added_ms": round(statistics.median(applied) - statistics.median(without), 2),
    "added_p95_ms": round(applied[len(applied) * 95 // 100] - statistics.median(without), 2),
    "dry_run_ms": max(tries.values()), "looked_at": found.looked_at, "each": tries,
}))
"""


def run(*, small: bool) -> dict[str, Any]:
    """The figures under `added_ms`, `added_p95_ms` and `dry_run_ms`; `each` by kind of filter."""
    world = million.folder(10_000 if small else 100_000)
    print(million.describe(world))
    told = python(_CODE.replace("MAILS", "60" if small else "300"), world)
    found: dict[str, Any] = json.loads(told.splitlines()[-1])
    return found
