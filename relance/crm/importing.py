"""Imports: a file tried without writing, then read into records in the background, and undone.

A run is a row (`ImportRun`) that a worker leases. Each batch is one transaction, which moves
`next_row` on only from where it stood: a worker that dies, or loses its lease, has written its
batch whole or not at all, and whoever comes next goes on after it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import get_language

from relance import journal
from relance.crm import custom_fields, importing_fields, importing_files, importing_rows
from relance.crm import importing_values as values
from relance.crm.importing_fields import CUSTOM
from relance.crm.importing_files import Table, Unreadable, text_of
from relance.crm.importing_known import BY_ADDRESS, Known, keys_of
from relance.crm.importing_rows import Directory, Draft, Plan
from relance.crm.importing_writing import CREATE, FILL, SKIP, UPDATE, Counts, Writer
from relance.crm.models import ImportRun, RefusedRow
from relance.files import blobs, names, quota
from relance.jobs import leases
from relance.lib import clock
from relance.users.models import Organisation, User

VERB = "crm.import"
BATCH = 500
LEASE = 60.0  # seconds
_SMALL, _SMALL_BOOK = 400_000, 60_000  # bytes: a larger file is tried in the background
_MOST_ATTEMPTS = 5
_SHOWN = 20
_SAMPLE = 200
_KEPT_FOR = timedelta(days=31)  # as long as it can be undone
State = ImportRun.State
#: What to do with a row about a record there is.
ON_MATCH = (FILL, UPDATE, SKIP, CREATE)


class NotReady(Exception):
    """The run is not in the state that this asks for."""


@dataclass(slots=True)
class Batch:
    """Rows that are written together; `last` is the number of the last one read."""

    last: int = 0
    drafts: list[Draft] = field(default_factory=list)
    refused: list[Draft] = field(default_factory=list)

    @property
    def size(self) -> int:
        return len(self.drafts) + len(self.refused)


def create(user: User, module: str, filename: str, data: bytes) -> ImportRun:
    """Keep the file, guess what its columns are. Raises `Unreadable` and `quota.QuotaReached`."""
    table = importing_files.opened(data)
    sample = [cells for _n, cells in islice(table.rows(), _SAMPLE)]
    if not sample:
        raise Unreadable("empty")
    quota.check(len(data))
    columns = importing_fields.guessed(module, table.head, sample)
    return ImportRun.objects.create(
        user=user,
        entity=module,
        blob=blobs.put(data),
        filename=names.clean(filename, "import.csv"),
        mapping={"columns": columns, **_notation(module, columns, sample)},
        options={"match": BY_ADDRESS, "on_match": FILL, "mend": False},
    )


def runs_of(user: User) -> Any:
    """The imports `user` began, the latest first."""
    return ImportRun.objects.filter(user=user).order_by("-pk")


def table_of(run: ImportRun) -> Table:
    """Its file, opened. Raises `Unreadable`."""
    try:
        return importing_files.opened(blobs.get(run.blob_id))
    except FileNotFoundError:
        raise Unreadable("empty") from None


def change(run: ImportRun, mapping: Mapping[str, Any], options: Mapping[str, Any]) -> None:
    """Read the file otherwise. Raises `NotReady` once it began."""
    kept = {**run.options, **options}
    drafts = ImportRun.objects.filter(pk=run.pk, state__in=[State.DRAFT, State.CHECKING])
    if not drafts.update(mapping=dict(mapping), options=kept, state=State.DRAFT, lease_until=None):
        raise NotReady
    run.mapping, run.options, run.state = dict(mapping), kept, State.DRAFT


def fingerprint(run: ImportRun) -> str:
    """How the file is read, as one text: a dry run is about one way."""
    asked = [run.options["match"], run.options["on_match"], bool(run.options.get("mend"))]
    return json.dumps([run.mapping, asked], sort_keys=True)


def is_checked(run: ImportRun) -> bool:
    """Was it tried the way it would be read now?"""
    return bool(run.options.get("dry", {}).get("of") == fingerprint(run))


def check(run: ImportRun) -> None:
    """Read the whole file as the import would, writing nothing but the result on the run:
    `options["dry"]` and the first `problems`. Raises `Unreadable`."""
    table = table_of(run)
    plan = plan_of(run, table)
    known = Known(run.user, plan, run.options["match"])
    totals = {"rows": 0, "create": 0, "found": 0, "refused": 0, "companies": 0, "mendable": 0}
    filled, bad = [0] * len(plan.columns), [0] * len(plan.columns)
    problems: list[list[Any]] = []
    for batch in _batches(table.rows(), plan, "", filled=filled):
        found = set() if run.options["on_match"] == CREATE else known.tried(batch.drafts)
        totals["rows"] += batch.size
        totals["found"] += len(found)
        totals["create"] += len(batch.drafts) - len(found)
        for draft in batch.drafts:
            if draft.company and plan.module in ("contacts", "deals"):
                totals["companies"] += known.will_make_company(draft.company)
        for draft in batch.refused:
            assert draft.problem is not None
            problem = draft.problem
            totals["refused"] += 1
            totals["mendable"] += bool(problem.proposal)
            if draft.column >= 0:
                bad[draft.column] += 1
            if len(problems) < _SHOWN:
                problems.append([draft.number, problem.code, problem.text, problem.proposal])
    dry = {"of": fingerprint(run), **totals, "filled": filled, "bad": bad}
    _keep_result(run, dry, problems)


def check_soon(run: ImportRun) -> bool:
    """Try a small file now; have a larger one tried by a worker (False). An `Unreadable` file is
    told in `options["dry"]`."""
    is_book = run.filename.lower().endswith((".xlsx", ".xlsm"))
    if run.blob.size > (_SMALL_BOOK if is_book else _SMALL):
        drafts = ImportRun.objects.filter(pk=run.pk, state=State.DRAFT)
        drafts.update(state=State.CHECKING, lease_until=None, next_try_at=None, attempts=0)
        run.state = State.CHECKING
        return False
    try:
        check(run)
    except Unreadable as problem:
        _fail(run, problem.code)
    return True


def start(run: ImportRun) -> None:
    """Hand it to the workers. Raises `NotReady` when it was not tried as it is now."""
    if not is_checked(run) or "error" in run.options["dry"]:
        raise NotReady
    drafts = ImportRun.objects.filter(pk=run.pk, state=State.DRAFT)
    if not drafts.update(state=State.WAITING, next_row=0, attempts=0):
        raise NotReady
    run.state = State.WAITING


def due() -> list[int]:
    """The runs that a worker should take up: those that wait, and those that lost theirs."""
    active = [State.CHECKING, State.WAITING, State.RUNNING, State.UNDOING]
    rows = ImportRun.objects.filter(leases.due(), state__in=active)
    return list(rows.order_by("pk").values_list("pk", flat=True)[:20])


def work(run_id: int) -> None:
    """Do what the run's state asks for, unless another worker is at it."""
    from relance.crm import importing_undo

    acts: dict[str, Callable[[ImportRun], None]] = {
        State.CHECKING: _check,
        State.WAITING: _import,
        State.RUNNING: _import,
        State.UNDOING: importing_undo.undo,
    }
    if not leases.claim(ImportRun.objects.filter(state__in=list(acts)), run_id, seconds=LEASE):
        return
    run = ImportRun.objects.select_related("user").get(pk=run_id)
    if run.attempts > _MOST_ATTEMPTS and run.state != State.UNDOING:
        _fail(run, "unexpected")
        return
    acts[run.state](run)


def prune() -> int:
    """Forget imports that cannot be undone any more, and files nobody went on with."""
    old = ImportRun.objects.filter(created_at__lt=clock.now() - _KEPT_FOR)
    left = ImportRun.objects.filter(
        created_at__lt=clock.now() - timedelta(days=1), state__in=[State.DRAFT, State.CHECKING]
    )
    return old.delete()[0] + left.delete()[0]


def plan_of(run: ImportRun, table: Table) -> Plan:
    """How the run reads its file."""
    known = importing_fields.targets(run.entity)
    wanted = [*run.mapping.get("columns", ()), *[""] * len(table.head)][: len(table.head)]
    kind = importing_fields.CUSTOM_KINDS[run.entity]
    organisation = Organisation.current()
    return Plan(
        module=run.entity,
        columns=tuple(known.get(name) for name in wanted),
        directory=Directory.read(organisation.currency if organisation else "EUR"),
        order=run.mapping.get("order", values.DAY_FIRST),
        decimal=run.mapping.get("decimal", values.COMMA),
        mend=bool(run.options.get("mend")),
        custom={f"{CUSTOM}{one.key}": one for one in custom_fields.defined(kind)},
    )


def _notation(module: str, columns: list[str], sample: list[list[Any]]) -> dict[str, str]:
    """Whether days come first, and which sign stands before the cents: as the file proves it, or
    as the reader's language has it."""
    known = importing_fields.targets(module)
    texts: dict[str, list[str]] = {"day": [], "number": []}
    for n, name in enumerate(columns):
        kind = known[name].kind.removeprefix(CUSTOM) if name else ""
        kind = {"date": "day", "money": "number"}.get(kind, kind)
        if kind in texts:
            texts[kind] += [text_of(row[n]) for row in sample if n < len(row)]
    is_french = (get_language() or "").startswith("fr")
    decimal = values.decimal_of(texts["number"], values.COMMA if is_french else values.POINT)
    return {"order": values.order_of(texts["day"]), "decimal": decimal}


def _batches(
    rows: Iterable[importing_files.Row], plan: Plan, match: str, *, filled: list[int] | None = None
) -> Iterator[Batch]:
    """Rows read, `BATCH` at most together; with `match`, each about another record: a later row
    finds what an earlier one made."""
    batch = Batch()
    seen: set[tuple[str, str]] = set()
    for number, cells in rows:
        draft = importing_rows.read(plan, number, cells)
        for n, cell in enumerate(cells[: len(filled)] if filled else ()):
            filled[n] += cell != ""  # type: ignore[index]  # there are none without it
        keys = set(keys_of(draft, plan.module, match)) if match and not draft.problem else set()
        if batch.size >= BATCH or keys & seen:
            yield batch
            batch, seen = Batch(), set()
        seen |= keys
        batch.last = number
        (batch.refused if draft.problem else batch.drafts).append(draft)
    if batch.size:
        yield batch


def _check(run: ImportRun) -> None:
    try:
        check(run)
    except Unreadable as problem:
        _fail(run, problem.code)
        return
    leases.release(run, state=State.DRAFT)


def _import(run: ImportRun) -> None:
    ImportRun.objects.filter(pk=run.pk).update(state=State.RUNNING)
    try:
        table = table_of(run)
        plan = plan_of(run, table)
        on_match = run.options["on_match"]
        writer = Writer(run, plan, Known(run.user, plan, run.options["match"]))
        rows = (row for row in table.rows() if row[0] >= run.next_row)
        for batch in _batches(rows, plan, "" if on_match == CREATE else run.options["match"]):
            if not _write(run, writer, batch):
                return
    except Unreadable as problem:
        _fail(run, problem.code)
        return
    _finish(run, State.DONE)


@transaction.atomic
def _keep_result(run: ImportRun, dry: dict[str, Any], problems: list[list[Any]]) -> None:
    """Write down what the dry run found, unless the file is read otherwise meanwhile."""
    now = ImportRun.objects.select_for_update().filter(pk=run.pk).first()
    if now is None or fingerprint(now) != dry["of"]:
        return
    run.options, run.problems, run.row_count = {**now.options, "dry": dry}, problems, dry["rows"]
    run.save(update_fields=["options", "problems", "row_count"])


@transaction.atomic
def _write(run: ImportRun, writer: Writer, batch: Batch) -> bool:
    """One batch; False when the run is not this worker's any more."""
    rows = ImportRun.objects.filter(pk=run.pk, state=State.RUNNING, next_row=run.next_row)
    held = clock.seconds_from_now(LEASE)
    if not rows.update(next_row=batch.last + 1, lease_until=held, attempts=0):
        return False
    counts = writer.write(batch.drafts) if batch.drafts else Counts()
    refused = [
        RefusedRow(run=run, number=d.number, code=d.problem.code, text=d.problem.text[:200])
        for d in batch.refused
        if d.problem
    ]
    RefusedRow.objects.bulk_create(refused, batch_size=BATCH)
    ImportRun.objects.filter(pk=run.pk).update(
        created_count=F("created_count") + counts.created,
        updated_count=F("updated_count") + counts.updated,
        skipped_count=F("skipped_count") + counts.skipped,
        refused_count=F("refused_count") + len(refused),
    )
    run.next_row = batch.last + 1
    return True


def _fail(run: ImportRun, code: str) -> None:
    if run.state in (State.DRAFT, State.CHECKING):
        options = {**run.options, "dry": {"of": fingerprint(run), "error": code}}
        leases.release(run, state=State.DRAFT, options=options)
        run.options, run.state = options, State.DRAFT
        return
    _finish(run, State.FAILED, last_error=code)


@transaction.atomic
def _finish(run: ImportRun, state: str, **changes: Any) -> None:
    """What was written so far can be undone, also after a failure."""
    active = ImportRun.objects.filter(pk=run.pk, state__in=[State.WAITING, State.RUNNING])
    if not active.update(state=state, finished_at=clock.now()):
        return
    leases.release(run, **changes)
    run.refresh_from_db()
    params = {"module": run.entity, "count": run.created_count + run.updated_count}
    if params["count"]:
        journal.record(run.user, VERB, params, {"run": run.pk})
