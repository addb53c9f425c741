"""Lists of records: searched, narrowed to an owner, sorted, in pages of fifty."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core.paginator import Page, Paginator
from django.db.models import F, QuerySet
from django.db.models.expressions import OrderBy
from django.http import HttpRequest, QueryDict
from django.utils.functional import Promise

from relance.crm.models.records import Record
from relance.lib.text import fold, squeeze
from relance.users.models import User
from relance.web.requests import user_of

R = TypeVar("R", bound=Record)
PER_PAGE = 50
_MOST_WORDS = 8


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading of a column one may sort by: `aria` is "ascending", "descending" or ""."""

    label: str | Promise
    url: str
    aria: str
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class Sort:
    """A column one may sort by, and the fields it stands for."""

    label: str | Promise
    fields: tuple[str, ...]
    is_number: bool = False
    newest_first: bool = False

    def order(self, *, descending: bool) -> list[OrderBy]:
        """Empty values last, either way."""
        if descending:
            return [F(name).desc(nulls_last=True) for name in self.fields]
        return [F(name).asc(nulls_last=True) for name in self.fields]


class Listing(Generic[R]):
    """One page of `records` as the address asks for it: ?q= &owner= &sort= &page=.

    `owner` is "me", a user's key, or "" for everybody; `sort` is a key of `sorts`, with "-" before
    it for the other way round. What makes no sense is ignored.
    """

    def __init__(
        self,
        request: HttpRequest,
        records: QuerySet[R],
        *,
        sorts: Mapping[str, Sort],
        default: str,
    ) -> None:
        self.query_dict = request.GET
        self.path = request.path
        self.query = squeeze(request.GET.get("q", ""))[:200]
        self.owner = request.GET.get("owner", "")
        self._sorts = sorts
        asked = request.GET.get("sort", default)
        self.sort = asked if asked.removeprefix("-") in sorts else default
        records = owned(matching(records, self.query), self.owner, user_of(request))
        self.records = records.order_by(*self._order(), "pk")
        self.page: Page[R] = Paginator(self.records, PER_PAGE).get_page(request.GET.get("page"))

    @property
    def rows(self) -> list[R]:
        """The records of this page, read once."""
        return list(self.page.object_list)

    @property
    def total(self) -> int:
        return self.page.paginator.count

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """The other parameters, for the search form to carry along."""
        kept = self.query_dict.items()
        return [(name, str(value)) for name, value in kept if name not in {"q", "page"}]

    @property
    def is_narrowed(self) -> bool:
        """Would there be more without the search and the owner?"""
        return bool(self.query or self.owner)

    def headings(self) -> dict[str, Heading]:
        """One for each column of `sorts`, by its key."""
        return {key: self._heading(key, sort) for key, sort in self._sorts.items()}

    def url(self, **changes: str) -> str:
        """This list with other parameters; the page starts over unless it is among them."""
        query: QueryDict = self.query_dict.copy()
        query.pop("page", None)
        for name, value in changes.items():
            query[name] = value
            if not value:
                del query[name]
        return f"{self.path}?{query.urlencode()}" if query else self.path

    @property
    def previous_url(self) -> str:
        return self._page_url(-1) if self.page.has_previous() else ""

    @property
    def next_url(self) -> str:
        return self._page_url(1) if self.page.has_next() else ""

    def _page_url(self, step: int) -> str:
        return self.url(page=str(self.page.number + step))

    def _order(self) -> list[OrderBy]:
        return self._sorts[self.sort.removeprefix("-")].order(descending=self.sort[:1] == "-")

    def _heading(self, key: str, sort: Sort) -> Heading:
        aria = {key: "ascending", f"-{key}": "descending"}.get(self.sort, "")
        first, second = (f"-{key}", key) if sort.newest_first else (key, f"-{key}")
        following = second if self.sort == first else first
        return Heading(sort.label, self.url(sort=following), aria, sort.is_number)


def matching(records: QuerySet[R], query: str) -> QuerySet[R]:
    """Those that hold every word of `query`, accents and case apart."""
    for word in fold(query).split()[:_MOST_WORDS]:
        records = records.filter(search_text__contains=word)
    return records


def owned(records: QuerySet[R], owner: str, viewer: User) -> QuerySet[R]:
    """Those of the viewer ("me") or of the user with that key."""
    if owner == "me":
        return records.filter(owner=viewer)
    return records.filter(owner=int(owner)) if owner.isascii() and owner.isdigit() else records


def listing_context(listing: Listing[Any], rows: list[Any]) -> dict[str, Any]:
    """What the templates of a list need."""
    owners = User.objects.filter(is_active=True).order_by("first_name", "last_name", "pk")
    return {
        "list": listing,
        "rows": rows,
        "headings": listing.headings(),
        "owners": [
            (o.name, listing.url(owner=str(o.pk)), listing.owner == str(o.pk)) for o in owners
        ],
        "mine_url": listing.url(owner="me"),
        "all_url": listing.url(owner=""),
    }
