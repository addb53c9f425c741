"""The servers that tests rely on behave as they say."""

from __future__ import annotations

import psycopg

from tests.servers.process import unprivileged


def test_postgres_answers_in_a_private_cluster(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        row = connection.execute("SELECT current_setting('server_version_num')::int").fetchone()
    assert row is not None
    assert row[0] >= 150000
    assert "@127.0.0.1:" in postgres_url


def test_servers_never_run_as_root() -> None:
    assert unprivileged().uid != 0
