"""Flat lists: the unified list, one column, a folder, search results."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from relance.web.inbox.rows import Panel, Row
from relance.web.requests import is_fragment
from relance.web.shell.pages import fragment, page
from relance.web.shell.wording import Calendar


@dataclass(frozen=True, slots=True)
class Listing:
    """One flat list. `kind`: "column", "unified", "folder" or "search"."""

    panel: Panel
    name: str
    url: str
    kind: str = "column"
    stream: int = 0
    use: str = ""
    query: str = ""

    @property
    def title(self) -> str:
        if self.kind == "unified":
            return _("Inbox")
        if self.kind == "search":
            return _("Search")
        return self.name

    @property
    def more_url(self) -> str:
        """The address of the rows that follow, "" when there are none."""
        if self.panel.next_key is None:
            return ""
        parameters = {"q": self.query} if self.query else {}
        return f"{self.url}?{urlencode({**parameters, 'before': self.panel.next_key})}"


@dataclass(frozen=True, slots=True)
class Day:
    """The rows of one day, under its heading."""

    heading: str
    rows: list[Row]
    iso: str


def days(panel: Panel) -> Iterator[Day]:
    """The rows, newest first, cut by day of the reader's clock."""
    calendar = Calendar.current()
    for iso, rows in groupby(panel.rows, key=lambda row: row.day):
        yield Day(calendar.heading(date.fromisoformat(iso)), list(rows), iso)


def listing_page(
    request: HttpRequest, listing: Listing, context: Mapping[str, Any]
) -> HttpResponse:
    """The page of a list, or its next rows."""
    shown = {**context, "listing": listing, "days": list(days(listing.panel))}
    if is_fragment(request) and "before" in request.GET:
        return fragment(request, "inbox/_days.html", shown)
    return page(request, "inbox/list.html", shown)
