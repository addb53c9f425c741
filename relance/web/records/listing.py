"""The list of any module: `page(request, "contacts")` is the whole view."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import ceil
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html_join
from django.utils.translation import gettext as _

from relance.crm import modules
from relance.users.models import User
from relance.web.records import finding, saved_views, summaries, wording
from relance.web.records.cells import Labels
from relance.web.records.columns import Column, Facts
from relance.web.records.pills import Pill, pills
from relance.web.records.state import State, state_of
from relance.web.requests import is_fragment, user_of
from relance.web.shell.pages import fragment


class Cell(NamedTuple):
    """What one column says of one record."""

    classes: str
    html: str


@dataclass(frozen=True, slots=True)
class Row:
    """One line. The first cell is the link to the record; `cells` are the others, as HTML; `label`
    is what its box is called."""

    pk: int
    name: str
    label: str
    url: str
    first: Cell
    cells: str


_FURTHEST = 2000


@dataclass(frozen=True, slots=True)
class Heading:
    """`aria` is "ascending", "descending" or ""; without `url` the column cannot be sorted by."""

    label: str | Promise
    url: str
    aria: str
    classes: str


@dataclass(frozen=True, slots=True)
class _Looked:
    """How many there are, of how many; their keys where they were looked for and are few."""

    total: int
    whole: int
    keys: list[int] | None = None
    has_more: bool = False


@dataclass
class Listing:
    """One page of a list, read when it is shown."""

    viewer: User
    state: State

    @cached_property
    def labels(self) -> Labels:
        return Labels(self.viewer)

    @property
    def total(self) -> int:
        return self._looked.total

    @property
    def whole(self) -> int:
        """How many the module has, whatever the list asks for."""
        return self._looked.whole

    @property
    def has_more(self) -> bool:
        """Are there more than `total`? Then nobody counted them."""
        return self._looked.has_more

    @property
    def pages(self) -> int:
        """How many there are; where nobody counted, how far one may leaf."""
        counted = max(1, ceil(self.total / finding.PER_PAGE))
        return _FURTHEST if self.has_more else counted

    @property
    def number(self) -> int:
        asked = self.state.query.get("page", "")
        is_number = asked.isascii() and asked.isdigit() and len(asked) < 9
        return min(max(int(asked), 1), self.pages) if is_number else 1

    @cached_property
    def rows(self) -> list[Row]:
        if not self.total:
            return []
        records = finding.page(self._found, self.state, self.number)
        return list(rows_of(self.viewer, records, self.state.columns, self.labels))

    @property
    def first(self) -> int:
        return (self.number - 1) * finding.PER_PAGE + 1

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1

    @property
    def previous_url(self) -> str:
        return self.state.url(page=str(self.number - 1)) if self.number > 1 else ""

    @property
    def next_url(self) -> str:
        is_last = self.number >= self.pages or len(self.rows) < finding.PER_PAGE
        return "" if is_last else self.state.url(page=str(self.number + 1))

    @property
    def headings(self) -> list[Heading]:
        return [_heading(self.state, column) for column in self.state.columns]

    @property
    def figures(self) -> Sequence[summaries.Figure]:
        return summaries.figures(self.state.module.key, self._found)

    @cached_property
    def pills(self) -> list[Pill]:
        return pills(self.state)

    @cached_property
    def _looked(self) -> _Looked:
        found, everything = self._asked, modules.rows(self.viewer, self.state.module)
        if not self.state.is_narrowed:
            total = int(found.count())
            return _Looked(total, total)
        if not self.state.is_searched:
            return _Looked(*finding.counts(found, everything))
        keys, whole = finding.few(found, everything)
        if keys is None:
            return _Looked(finding.MOST_COUNTED, whole, has_more=True)
        return _Looked(len(keys), whole, keys)

    @cached_property
    def _asked(self) -> Any:
        is_team = self.state.owner == "team"
        mates = [user.pk for user in self.labels.people if user.is_mate] if is_team else None
        return finding.found(self.viewer, self.state, mates=mates)

    @property
    def _found(self) -> Any:
        """Every record; by their keys where they are few, so that nothing is looked for twice."""
        if (keys := self._looked.keys) is None:
            return self._asked
        return self._asked.model._default_manager.filter(pk__in=keys)


def page(request: HttpRequest, module_key: str) -> HttpResponse:
    """The list of that module, whole or (for htmx) its records alone."""
    viewer = user_of(request)
    state = state_of(viewer, modules.get(module_key), request.GET)
    listing = Listing(viewer, state)
    context = {
        "list": listing,
        "state": state,
        "module": state.module,
        "words": wording.words_of(module_key),
        "bulk_acts": _bulk_acts(state),
    }
    if is_fragment(request):
        return fragment(request, "records/_records.html", context)
    context |= {
        "views": saved_views.menu(viewer, state),
        "whose": _whose(listing),
        "owners": _owners(listing),
    }
    return fragment(request, "records/list.html", context)


def rows_of(
    viewer: User, records: Sequence[Any], columns: Sequence[Column], labels: Labels
) -> Iterator[Row]:
    """The lines of these records; what a column looks up is looked up once for all."""
    facts, css = facts_of(viewer, records, columns), [column.classes for column in columns]
    label = _("Choose %(name)s")
    for record in records:
        cells = [
            Cell(classes, column.cell(record, fact.get(record.pk), labels))
            for column, classes, fact in zip(columns, css, facts, strict=True)
        ]
        others = format_html_join("", '<td class="{}">{}</td>', cells[1:])
        name = str(record)
        yield Row(
            record.pk, name, label % {"name": name}, record.get_absolute_url(), cells[0], others
        )


def facts_of(viewer: User, records: Sequence[Any], columns: Sequence[Column]) -> list[Facts]:
    """What each column looks up for these records; columns that ask the same ask once."""
    keys = [record.pk for record in records]
    asked = {column.facts for column in columns if column.facts}
    found = {ask: ask(viewer, keys) for ask in asked}
    return [found[column.facts] if column.facts else {} for column in columns]


def _heading(state: State, column: Column) -> Heading:
    aria = ""
    if state.sort.removeprefix("-") == column.name:
        aria = "descending" if state.is_descending else "ascending"
    first, second = column.name, f"-{column.name}"
    if column.is_number:  # the largest, the latest first
        first, second = second, first
    following = second if state.sort == first else first
    url = state.url(sort=following) if column.order else ""
    return Heading(column.label, url, aria, column.classes)


@dataclass(frozen=True, slots=True)
class BulkAct:
    """A button of the bar below the list; `url` takes the chosen records."""

    label: str
    icon: str
    url: str


def _bulk_acts(state: State) -> list[BulkAct]:
    acts = (
        ("owner", _("Owner…"), "user"),
        ("team", _("Team…"), "users"),
        ("tag", _("Add a tag…"), "tag"),
        ("untag", _("Take a tag away…"), "minus"),
        ("delete", _("Delete…"), "trash"),
    )
    key = state.module.key
    return [BulkAct(label, i, reverse("records:bulk", args=[key, name])) for name, label, i in acts]


def _whose(listing: Listing) -> list[tuple[str, str]]:
    """Whose records there are to choose from: (the parameter's value, the address)."""
    team = ["team"] if any(user.is_mate for user in listing.labels.people) else []
    return [(value, listing.state.url(owner=value)) for value in ("me", *team, "")]


def _owners(listing: Listing) -> list[tuple[str, str, bool]]:
    state = listing.state
    active = [user for user in listing.labels.people if user.is_active]
    return [(u.name, state.url(owner=str(u.pk)), state.owner == str(u.pk)) for u in active]
