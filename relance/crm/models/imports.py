"""Imports of records from files."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from relance.files.models import Blob
from relance.jobs.models import Leased
from relance.lib import clock


class ImportRun(Leased):
    """One file being imported in the background; resumable, and undoable as a whole.

    States: draft ──start──▶ waiting ──claim──▶ running ──▶ done | failed ──undo──▶ undoing ──▶
    undone; a draft is tried (checking) without writing anything, and is a draft again.
    `entity` is the module's key, such as "contacts". `next_row` is where it goes on after a death:
    rows before it are committed.
    """

    class State(models.TextChoices):
        DRAFT = "draft"
        CHECKING = "checking"
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        UNDOING = "undoing"
        UNDONE = "undone"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    entity = models.CharField(max_length=20)
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    filename = models.CharField(max_length=255)
    mapping = models.JSONField(default=dict)
    options = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=State.choices, default=State.DRAFT)
    row_count = models.PositiveIntegerField(default=0)
    next_row = models.PositiveIntegerField(default=0)
    created_count = models.PositiveIntegerField(default=0)
    updated_count = models.PositiveIntegerField(default=0)
    skipped_count = models.PositiveIntegerField(default=0)
    refused_count = models.PositiveIntegerField(default=0)
    problems = models.JSONField(
        default=list
    )  # of the dry run, the first: [row, code, text, proposal]
    created_at = models.DateTimeField(default=clock.now, editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)

    def __str__(self) -> str:
        return f"import {self.pk}"


class ImportedRow(models.Model):
    """What an import made or changed, for undoing it: `before` is empty for what it made.

    `kind` is "" for a record of the run's own module, "company" for an account made along with
    it, "opt_out" for an address (`record_id`) that was not unsubscribed before.
    """

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="rows")
    kind = models.CharField(max_length=10, default="")
    record_id = models.BigIntegerField()
    before = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"row {self.pk} of an import"


class RefusedRow(models.Model):
    """A row of the file that was not imported: its number, why, and what stood there."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="refused")
    number = models.PositiveIntegerField()
    code = models.CharField(max_length=20)
    text = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return f"row {self.number}: {self.code}"
