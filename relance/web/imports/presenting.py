"""What the pages of an import show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from relance.crm import importing, importing_fields, importing_undo, modules
from relance.crm.importing_fields import CUSTOM, Target
from relance.crm.importing_files import Table, Unreadable, text_of
from relance.crm.importing_writing import CREATE, SKIP
from relance.crm.models import ImportRun
from relance.lib.text import shorten
from relance.web.imports import wording
from relance.web.shell.wording import number

State = ImportRun.State
_REFUSED_SHOWN = 20
_DRY_RUN, _IMPORT, _ALL_DONE = 3, 4, 5
_STEPS = {
    **{State.DRAFT: _DRY_RUN, State.CHECKING: _DRY_RUN},
    **{State.WAITING: _IMPORT, State.RUNNING: _IMPORT},
}


@dataclass(frozen=True, slots=True)
class Column:
    """A line of the table that says what goes where."""

    n: int
    heading: str
    first: str
    options: list[tuple[str, str, bool]]
    reading: str
    is_bad: bool = False


def context_of(run: ImportRun) -> dict[str, Any]:
    """Everything the page of a run shows, whatever its state."""
    shown: dict[str, Any] = {
        "run": run,
        "module": modules.get(run.entity),
        "title": wording.TITLES[run.entity],
        "step": _STEPS.get(State(run.state), _ALL_DONE),
        "state": wording.STATES[run.state],
        "rows": wording.rows(run.row_count) if run.row_count else "",
    }
    if run.state == State.DRAFT:
        return shown | {"part": "imports/_draft.html"} | _draft(run)
    if run.state in (State.CHECKING, State.WAITING, State.RUNNING, State.UNDOING):
        return shown | {"part": "imports/_running.html"} | _running(run)
    return shown | {"part": "imports/_report.html"} | _report(run)


def _draft(run: ImportRun) -> dict[str, Any]:
    try:
        table = importing.table_of(run)
    except Unreadable as problem:
        return {"trouble": wording.UNREADABLE[problem.code], "columns": []}
    dry = run.options.get("dry", {}) if importing.is_checked(run) else {}
    if "error" in dry:
        return {"trouble": wording.UNREADABLE.get(dry["error"], dry["error"]), "columns": []}
    on_match = run.options["on_match"]
    kinds = {t.kind.removeprefix(CUSTOM) for t in importing.plan_of(run, table).columns if t}
    is_skipping = on_match == SKIP
    count = dry.get("create", 0) + (0 if is_skipping else dry.get("found", 0)) if dry else 0
    return {
        "dry": dry,
        "columns": _columns(run, table, dry),
        "format": wording.format_of(table.encoding, table.delimiter),
        "new_label": wording.NEW[run.entity],
        "found_label": wording.FOUND[on_match],
        "found_note": wording.FOUND_NOTES[on_match],
        "companies": _companies(dry),
        "count": count,
        "button": wording.import_button(count),
        "problems": [(n, wording.problem(code), text, new) for n, code, text, new in run.problems],
        "further": max(0, dry.get("refused", 0) - len(run.problems)),
        "on_match": _options(wording.ON_MATCH, on_match),
        "match": _options(wording.MATCH, run.options["match"])
        if run.entity in ("leads", "contacts") and on_match != CREATE
        else [],
        "orders": _options(wording.ORDERS, run.mapping.get("order"))
        if kinds & {"day", "date"}
        else [],
        "decimals": _options(wording.DECIMALS, run.mapping.get("decimal"))
        if kinds & {"number", "money"}
        else [],
    }


def _companies(dry: dict[str, Any]) -> str:
    count = dry.get("companies", 0)
    if not count:
        return ""
    return ngettext("and %(n)s account", "and %(n)s accounts", count) % {"n": number(count)}


def _columns(run: ImportRun, table: Table, dry: dict[str, Any]) -> list[Column]:
    known = importing_fields.targets(run.entity)
    wanted = run.mapping.get("columns", [])
    first = next(table.rows(), (0, []))[1]
    found = []
    for n, heading in enumerate(table.head):
        name = wanted[n] if n < len(wanted) else ""
        cell = text_of(first[n]) if n < len(first) else ""
        reading, is_bad = _reading(dry, n, known.get(name))
        if name and wanted.count(name) > 1 and not (name in known and known[name].is_many):
            reading, is_bad = _("chosen twice"), True
        found.append(
            Column(
                n=n,
                heading=heading or _("Column %(n)s") % {"n": n + 1},
                first=shorten(cell, 60),
                options=[(t.name, str(t.label), t.name == name) for t in known.values()],
                reading=reading,
                is_bad=is_bad,
            )
        )
    return found


def _reading(dry: dict[str, Any], n: int, target: Target | None) -> tuple[str, bool]:
    """How well a column was read."""
    if target is None or not dry or n >= len(dry["filled"]):
        return "", False
    filled, bad = dry["filled"][n], dry["bad"][n]
    if bad:
        words = ngettext("%(n)s to correct", "%(n)s to correct", bad)
        return words % {"n": number(bad)}, True
    params = {"n": number(filled), "total": number(dry["rows"])}
    return _("%(n)s of %(total)s") % params, False


def _options(words: dict[str, Any], chosen: Any) -> list[tuple[str, Any, bool]]:
    return [(value, label, value == chosen) for value, label in words.items()]


def _running(run: ImportRun) -> dict[str, Any]:
    if run.state == State.UNDOING:
        total = run.created_count + run.updated_count
        done = max(0, total - run.rows.filter(kind="").count())
        heading = _("The import is being undone")
    else:
        total = run.row_count
        counts = (run.created_count, run.updated_count, run.skipped_count, run.refused_count)
        done = sum(counts)
        is_dry = run.state == State.CHECKING
        heading = _("The file is being tried") if is_dry else _("The import is under way")
    return {
        "heading": heading,
        "done": done,
        "total": total,
        "is_counted": bool(total) and run.state != State.CHECKING,
        "percent": min(100, 100 * done // total) if total else 0,
    }


def _report(run: ImportRun) -> dict[str, Any]:
    lines = run.refused.order_by("number")[:_REFUSED_SHOWN]
    return {
        "trouble": wording.UNREADABLE.get(run.last_error, wording.UNREADABLE["unexpected"])
        if run.state == State.FAILED
        else "",
        "refused": [(line.number, wording.problem(line.code), line.text) for line in lines],
        "further": max(0, run.refused_count - _REFUSED_SHOWN),
        "can_undo": importing_undo.entry_of(run) is not None,
        "kept": run.options.get("kept", 0),
    }
