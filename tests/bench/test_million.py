"""The million world, small: it is what the product itself would have written."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bench import measure, million

COUNT = 1_000
_LOOK = """
import json, django; django.setup()
from django.db import connection
from relance.crm.models import Deal, Person
from relance.inbox import search, streams
from relance.inbox.models import ColumnCount, Placement
from relance.mail.models import MailAccount, Message
fields = ("thread_id", "stream", "key", "is_unread", "message_id", "message_count",
          "has_attachment", "decided_by_id")
def state():
    counts = ColumnCount.objects.filter(total__gt=0)
    return [list(Placement.objects.order_by("thread_id").values_list(*fields)),
            sorted(map(list, counts.values_list("stream", "total", "unread")))]
with connection.cursor() as cursor:
    cursor.execute("PRAGMA foreign_key_check")
    orphans = len(cursor.fetchall())
before = state()
streams.replace_account(MailAccount.objects.get())
print(json.dumps({"messages": Message.objects.count(), "people": Person.objects.count(),
    "deals": Deal.objects.count(), "orphans": orphans, "same": before == state(),
    "columns": before[1], "found": len(search.matching("livraison"))}))
"""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("million")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("RELANCE_DATABASE_URL", raising=False)
        patch.setattr(million, "CACHE", data)
        return million.folder(COUNT)


@pytest.fixture(scope="module")
def found(world: Path) -> dict[str, Any]:
    house = {"RELANCE_DATA": str(world), "DJANGO_SETTINGS_MODULE": "relance.site.settings"}
    inherited = {k: v for k, v in os.environ.items() if k != "RELANCE_DATABASE_URL"}
    done = subprocess.run(
        [sys.executable, "-c", _LOOK],
        env={**inherited, **house},
        check=True,
        capture_output=True,
        text=True,
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_its_records_are_in_proportion(found: dict[str, Any]) -> None:
    assert (found["messages"], found["people"], found["deals"]) == (COUNT, 100, 20)


def test_no_row_refers_to_nothing(found: dict[str, Any]) -> None:
    assert found["orphans"] == 0


def test_its_threads_are_where_the_product_places_them(found: dict[str, Any]) -> None:
    assert found["same"]


def test_every_thread_is_in_a_column_and_counted(found: dict[str, Any]) -> None:
    assert sum(total for _, total, _ in found["columns"]) == COUNT // 2
    assert len(found["columns"]) >= 3
    assert 0 < sum(unread for _, _, unread in found["columns"]) < COUNT // 4


def test_its_words_are_left_out(found: dict[str, Any]) -> None:
    assert found["found"] == 0


def test_it_is_built_once_and_anew_when_its_tables_change(
    world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(million, "CACHE", world.parent)
    built = (world / "relance.sqlite3").stat().st_ino
    assert (million.folder(COUNT) / "relance.sqlite3").stat().st_ino == built
    assert million.describe(world).startswith("world of 1,000: 0.00 GB, built in ")
    assert measure.fingerprint(million._migrations())
    million._tell(world, made_from="older tables")
    monkeypatch.setattr(million, "_run", lambda _data, _what: 0.0)
    assert not (million.folder(COUNT) / "relance.sqlite3").exists()
