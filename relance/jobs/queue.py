"""The queue that wakes jobs. It delivers at most once; the truth is each job's own row, and the
sweeps in `site.schedule` take up whatever it lost."""

from __future__ import annotations

from django.conf import settings
from huey import SqliteHuey

queue = SqliteHuey(
    "relance",
    filename=settings.JOBS_FILE,
    results=False,
    utc=True,
    fsync=False,
)
