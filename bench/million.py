"""The *million* world: a million messages with their people, built once and kept.

Rows and about 600 characters of text each, no raw sources and no search words (`--indexed` adds
those); 100,000 people, 20,000 companies, 20,000 deals; one mailbox of half a million threads, half
of its senders strangers. The world of n messages has the same proportions.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.measure import CACHE, fingerprint

EMAIL = "bench@clarte.example"
_START = datetime(2020, 1, 1, tzinfo=UTC)
_SOME = 20_000
_WORDS = (
    "devis livraison entrepôt éclairage merci facture pose chantier quote delivery site".split()
)


def prepare(*, indexed: bool = False) -> None:
    for count in (10_000, 1_000_000):
        data = folder(count)
        if indexed and not _story(data).get("indexed_in"):
            _tell(data, indexed_in=round(_run(data, "index")))
        print(describe(data), flush=True)


def folder(count: int) -> Path:
    """The data folder of the world with that many messages, built when it is missing or when what
    it is made from (these rules, the tables) has changed since."""
    data = CACHE / f"world-{count}"
    made_from = fingerprint([Path(__file__), *_migrations()])
    if _story(data).get("made_from") != made_from:
        shutil.rmtree(data, ignore_errors=True)
        data.mkdir(parents=True)
        seconds = round(_run(data, str(count)))
        _tell(data, made_from=made_from, count=count, seconds=seconds)
    return data


def describe(data: Path) -> str:
    """One line: how large a world is, and how long it took to build."""
    story, size = _story(data), (data / "relance.sqlite3").stat().st_size
    words = f", its words in {story['indexed_in']} s more" if "indexed_in" in story else ""
    return f"world of {story['count']:,}: {size / 1e9:.2f} GB, built in {story['seconds']} s{words}"


_BUILT = "built.json"


def _story(data: Path) -> dict[str, Any]:
    path = data / _BUILT
    story: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    return story


def _tell(data: Path, **facts: Any) -> None:
    (data / _BUILT).write_text(json.dumps({**_story(data), **facts}))


def _migrations() -> list[Path]:
    relance = Path(__file__).resolve().parent.parent / "relance"
    return [p for p in relance.glob("*/migrations/*.py") if p.name != "__init__.py"]


def _run(data: Path, what: str) -> float:
    """In a process of its own, for the settings are those of the folder. How many seconds."""
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "bench.million", what],
        env={**os.environ, "RELANCE_DATA": str(data)},
        check=True,
    )
    return time.perf_counter() - start


class Builder:
    """Writes one world into the database of RELANCE_DATA."""

    def __init__(self, count: int) -> None:
        from relance.mail.rows import insert
        from relance.users.models import Organisation, User
        from tests.inbox import builders

        self.insert = insert
        self.count = count
        self.people = count // 10
        self.companies = self.deals = count // 50
        self.chance = random.Random(7)
        self._made_keys: list[int] = []
        Organisation.objects.create(name="Bench")
        self.user = User.objects.create_user(EMAIL, role="admin")
        self.account = builders.account(self.user, EMAIL)
        self.inbox = self.account.folders.get(special_use="inbox")

    def build(self) -> None:
        from django.db import connection, transaction

        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute("PRAGMA synchronous=OFF")
        with transaction.atomic():
            self._records()
            self._mail()
            self._placements()
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")

    def _many(self, model: Any, fields: tuple[str, ...], rows: Iterator[tuple[Any, ...]]) -> None:
        """Insert rows of these fields; the others take their defaults."""
        fields, rest = _with_defaults(model, fields)
        rows = ((*row, *rest) for row in rows)
        batch: list[tuple[Any, ...]] = []
        for row in rows:
            batch.append(row)
            if len(batch) >= _SOME:
                self.insert(model, fields, batch)
                batch = []
        self.insert(model, fields, batch)

    def _records(self) -> None:
        from relance.addresses.models import EmailAddress
        from relance.crm.models import Company, Deal, DealContact, Person, PersonAddress, Stage

        record = ("owner_id", "created_at", "updated_at", "search_text")
        mine = (self.user.pk, _START, _START)
        blank = ("website", "phone", "street", "postcode", "city", "country", "description")
        self._many(
            Company,
            ("id", "name", "domain", *blank, *record),
            (
                (n, f"Company {n}", f"c{n}.example", *[""] * 7, *mine, f"company {n}")
                for n in range(1, self.companies + 1)
            ),
        )
        # The addresses: one for each person, then as many strangers.
        self._many(
            EmailAddress,
            ("id", "address", "domain", "created_at"),
            (
                (
                    n,
                    f"p{n}@c{n % self.companies + 1}.example",
                    f"c{n % self.companies + 1}.example",
                    _START,
                )
                for n in range(100, 100 + 2 * self.people)
            ),
        )
        text = ("title", "company_name", "phone", "mobile", "city", "country", "time_zone")
        more = ("status", "source", "description")
        self._many(
            Person,
            ("id", "kind", "first_name", "last_name", "company_id", *text, *more, *record),
            (
                (n, "lead" if n % 5 == 0 else "contact", f"First{n}", f"Last{n}",
                 n % self.companies + 1, *[""] * 7, "new", "", "", *mine, f"first{n} last{n}")
                for n in range(1, self.people + 1)
            ),
        )  # fmt: skip
        self._many(
            PersonAddress,
            ("person_id", "address_id", "is_primary"),
            ((n, 99 + n, True) for n in range(1, self.people + 1)),
        )
        stages = list(Stage.objects.order_by("position").values_list("pk", flat=True))
        self._many(
            Deal,
            ("id", "name", "amount", "currency", "stage_id", "closes_on", "company_id", "description", *record),
            (
                (n, f"Deal {n}", str(1000 + n), "EUR", stages[n % len(stages)], "2026-12-01",
                 n % self.companies + 1, "", *mine, f"deal {n}")
                for n in range(1, self.deals + 1)
            ),
        )  # fmt: skip
        self._many(
            DealContact,
            ("deal_id", "person_id", "role", "is_primary"),
            ((n, (n * 5 + 1) % self.people + 1, "", True) for n in range(1, self.deals + 1)),
        )

    def _mail(self) -> None:
        from relance.mail.models import (
            Message,
            MessageBody,
            MessageCopy,
            Participant,
            Thread,
        )

        keys = self._keys()
        self._many(
            Message,
            ("id", "message_id", "message_id_hash", "digest", "subject", "from_address_id", "from_name",
             "received_at", "snippet", "attachment_count", "size", "is_auto", "is_bulk", "is_bounce",
             "list_id", "authentication", "in_reply_to", "references", "defects"),
            (
                (keys[n], f"m{n}@bench.example", n, str(n), f"Devis {n} pour l’éclairage", self._sender(n),
                 f"First{self._sender(n)} Last", self._at(n), self._words(18)[:150], self._has_file(n), 4000,
                 False, n % 30 == 0, False, "", "none", "", "", "[]")
                for n in range(self.count)
            ),
        )  # fmt: skip
        self._many(
            MessageBody,
            ("message_id", "text", "html"),
            ((keys[n], self._words(75), "") for n in range(self.count)),
        )
        self._many(
            Participant,
            ("message_id", "role", "position", "address_id", "name"),
            ((keys[n], 1, 0, self._sender(n), "") for n in range(self.count)),
        )
        threads = self.count // 2
        self._many(
            Thread,
            ("id", "account_id", "base_subject", "created_at"),
            ((n, self.account.pk, "devis", _START) for n in range(1, threads + 1)),
        )
        self._many(
            MessageCopy,
            ("account_id", "folder_id", "uidvalidity", "uid", "key", "received_at", "size", "is_partial",
             "message_id", "thread_id", "is_outgoing", "is_history", "is_seen", "is_flagged",
             "is_answered", "is_draft", "stage", "attempts", "kept_at"),
            (
                (self.account.pk, self.inbox.pk, 1, n + 1, keys[n], self._at(n), 4000, False, keys[n],
                 n // 2 + 1, False, True, n % 20 != 1, False, False, False, 3, 1, _START)
                for n in range(self.count)
            ),
        )  # fmt: skip

    def _placements(self) -> None:
        from relance.inbox.models import ColumnCount, Placement
        from relance.inbox.verdicts import verdicts
        from relance.mail.models import Folder

        threads = self.count // 2
        keys = self._keys()
        senders = range(100, 100 + 2 * self.people)
        streams: dict[int, int] = {}
        for start in range(0, len(senders), 5_000):
            found = verdicts(self.account, senders[start : start + 5_000])
            streams |= {pk: int(v.stream) for pk, v in found.items()}
        self._many(
            Placement,
            ("account_id", "thread_id", "stream", "key", "is_unread", "message_id", "message_count",
             "has_attachment", "is_flagged", "decided_by_id"),
            (
                (self.account.pk, t, streams[self._sender(2 * t - 1)], keys[2 * t - 1],
                 (2 * t - 1) % 20 == 1, keys[2 * t - 1], 2, self._has_file(2 * t - 2) or self._has_file(2 * t - 1), False, self._sender(2 * t - 1))
                for t in range(1, threads + 1)
            ),
        )  # fmt: skip
        for stream in (1, 2, 3, 4):
            placed = Placement.objects.filter(stream=stream)
            ColumnCount.objects.create(
                account=self.account,
                stream=stream,
                total=placed.count(),
                unread=placed.filter(is_unread=True).count(),
            )
        Folder.objects.filter(pk=self.inbox.pk).update(total_count=self.count)

    def _at(self, n: int) -> datetime:
        return _START + timedelta(seconds=200 * n)

    def _keys(self) -> list[int]:
        """The keys of all messages, the same each time they are asked for."""
        if not self._made_keys:
            self._made_keys = [self._key(n) for n in range(self.count)]
        return self._made_keys

    def _key(self, n: int) -> int:
        from relance.lib.keys import date_major_key

        return date_major_key(self._at(n))

    def _sender(self, n: int) -> int:
        """Both messages of a thread are of one sender; half of the senders are strangers."""
        return 100 + (n // 2 * 7919) % (2 * self.people)

    def _has_file(self, n: int) -> bool:
        return n % 7 == 0

    def _words(self, count: int) -> str:
        return " ".join(self.chance.choices(_WORDS, k=count))


def _with_defaults(model: Any, fields: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[Any, ...]]:
    """`fields` and those of the model that are neither among them nor may be null, and what these
    others hold by default."""
    from django.db import connection

    others = [
        f
        for f in model._meta.concrete_fields
        if f.attname not in fields and not f.null and not f.primary_key
    ]
    values = tuple(f.get_db_prep_save(f.get_default(), connection) for f in others)
    return (*fields, *(f.attname for f in others)), values


def index() -> None:
    """Index the words of every message, for benchmarks that search."""
    from django.db import transaction

    from relance.inbox import search
    from relance.mail.models import Message

    keys = list(Message.objects.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(keys), _SOME):
        with transaction.atomic():
            for first in range(start, min(start + _SOME, len(keys)), 500):
                search.index(dict.fromkeys(keys[first : first + 500], ""))


def main(what: str) -> None:
    """`index`, or how many messages to build, in the data folder of the environment."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "relance.site.settings")
    import django

    django.setup()
    if what == "index":
        index()
        return
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    Builder(int(what)).build()


if __name__ == "__main__":
    main(sys.argv[1])
