"""The search index: subject, people, files and text of every message, behind one small port.

Words are folded before they are indexed (accents and case), so SQLite and PostgreSQL find alike.
SQLite: an FTS5 table without content whose rowid is the message's date-major key, scanned newest
first (https://sqlite.org/fts5.html). PostgreSQL: `to_tsvector('simple', words)` with a GIN index.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from relance.inbox.models import SearchEntry
from relance.lib.text import fold
from relance.mail.models import Attachment, Message, Participant
from relance.mime.indexing import TEXT_INDEXED

_WORD = re.compile(r"[^\W_]+", re.UNICODE)
_NEWEST = (1 << 63) - 1


def index(messages: Mapping[int, str]) -> None:
    """Index these messages, in the caller's transaction: their folded words by their keys. Those
    without are read again. One bulk insert, and three queries where something is read."""
    unread = [pk for pk, words in messages.items() if not words]
    found = dict(_documents(unread)) if unread else {}
    # In rising order: FTS5 writes a segment out whenever a row number falls.
    rows = sorted((pk, words or found.get(pk, "")) for pk, words in messages.items())
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.executemany("INSERT INTO inbox_fts(rowid, words) VALUES (%s, %s)", rows)
        return
    # Cut here, since PostgreSQL's parser would keep an e-mail address in one piece.
    SearchEntry.objects.bulk_create(
        [SearchEntry(message_id=pk, words=" ".join(_WORD.findall(words))) for pk, words in rows],
        update_conflicts=True,
        unique_fields=["message"],
        update_fields=["words"],
    )


def matching(
    query: str,
    *,
    before: int | None = None,
    limit: int = 200,
    within: Sequence[QuerySet[Any, Any]] = (),
) -> list[int]:
    """Keys of the newest messages that hold every word of `query`, the last one as a prefix.

    `within`: queries of one column, message keys; only messages that one of them gives are found.
    Not filtered by who may see them: `inbox.columns.search` joins with the visible copies.
    """
    words = _WORD.findall(fold(query))[:20]
    if not words:
        return []
    ceiling = before or _NEWEST
    among, values = _among(within)
    if connection.vendor == "sqlite":
        return _fetch(
            "SELECT rowid FROM inbox_fts WHERE inbox_fts MATCH %s AND rowid < %s"  # noqa: S608
            + among.format("rowid")
            + " ORDER BY rowid DESC LIMIT %s",
            [" ".join(f'"{w}"' for w in words[:-1]) + f' "{words[-1]}"*', ceiling, *values, limit],
        )
    return _fetch(
        "SELECT message_id FROM inbox_searchentry WHERE message_id < %s AND"  # noqa: S608
        " to_tsvector('simple', words) @@ to_tsquery('simple', %s)"
        + among.format("message_id")
        + " ORDER BY message_id DESC LIMIT %s",
        [ceiling, " & ".join([*words[:-1], words[-1] + ":*"]), *values, limit],
    )


def _among(within: Sequence[QuerySet[Any, Any]]) -> tuple[str, list[Any]]:
    """The condition that a key, named later, is one that these queries give, and its values."""
    if not within:
        return "", []
    tests: list[str] = []
    values: list[Any] = []
    for rows in within:
        try:
            sql, params = rows.query.sql_with_params()
        except EmptyResultSet:
            continue
        tests.append(f"{{0}} IN ({sql})")
        values += params
    return f" AND ({' OR '.join(tests) or '1 = 0'})", values


def _fetch(sql: str, params: Sequence[Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return [row[0] for row in cursor.fetchall()]


def _documents(message_ids: Sequence[int]) -> Iterable[tuple[int, str]]:
    names: dict[int, list[str]] = defaultdict(list)
    people = Participant.objects.filter(message__in=message_ids, position__lt=50).values_list(
        "message_id", "name", "address__address"
    )
    for message_id, name, address in people.order_by():
        names[message_id] += [name, address]
    files = Attachment.objects.filter(message__in=message_ids, is_inline=False).exclude(filename="")
    for message_id, filename in files.order_by("pk").values_list("message_id", "filename"):
        names[message_id].append(filename)
    rows = Message.objects.filter(pk__in=message_ids).values_list("pk", "subject", "body__text")
    for pk, subject, text in rows:
        yield pk, fold(" ".join([subject, *names[pk], (text or "")[:TEXT_INDEXED]]))
