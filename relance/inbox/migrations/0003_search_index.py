"""The full-text index: an FTS5 table on SQLite, a GIN index on PostgreSQL."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

SQLITE = [
    "CREATE VIRTUAL TABLE inbox_fts USING fts5(words, content='', tokenize='unicode61', "
    "detail=full)",
]
POSTGRES = [
    "CREATE INDEX inbox_searchentry_words ON inbox_searchentry "
    "USING gin (to_tsvector('simple', words))",
]


def make(_apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    for statement in SQLITE if editor.connection.vendor == "sqlite" else POSTGRES:
        editor.execute(statement)


def drop(_apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.vendor == "sqlite":
        editor.execute("DROP TABLE inbox_fts")
    else:
        editor.execute("DROP INDEX inbox_searchentry_words")


class Migration(migrations.Migration):
    dependencies = [("inbox", "0002_initial")]
    operations = [migrations.RunPython(make, drop)]
