"""What the address of a list asks for, and the addresses of the same list asked otherwise.

?view= a preset's key or a saved view's · q= words · owner= "me", "team" or a user · c= criteria ·
cols= columns · sort= a column, "-" before it for the other way round · page=. What makes no sense
is ignored.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.http import QueryDict
from django.urls import reverse

from relance.criteria import conditions
from relance.criteria.conditions import Group, InvalidCriteria, Node
from relance.criteria.models import SavedView
from relance.crm.modules import Module, Preset
from relance.lib.text import squeeze
from relance.users.models import User
from relance.web.records import columns, saved_views
from relance.web.records.columns import Column

STATE = ("view", "q", "owner", "c", "cols", "sort")
_LONGEST_CRITERIA = 6000


@dataclass(frozen=True, slots=True)
class State:
    """One list as it is asked: `node` is what the view or the criteria of the address say, `known`
    are the columns there are, `kept` is what other addresses of the list carry along."""

    module: Module
    query: QueryDict
    views: list[SavedView]
    view: SavedView | None
    preset: Preset | None
    node: Node
    columns: list[Column]
    sort: str
    words: str
    owner: str
    known: Mapping[str, Column]
    kept: Mapping[str, str]

    @property
    def order(self) -> Column:
        return self.known[self.sort.removeprefix("-")]

    @property
    def is_descending(self) -> bool:
        return self.sort.startswith("-")

    @property
    def is_narrowed(self) -> bool:
        """Would there be more without the search, the owner and the criteria?"""
        return bool(self.words or self.owner or self.node != conditions.EVERYTHING)

    @property
    def is_searched(self) -> bool:
        """Are words or criteria of the moment looked for? Then nobody counts to the end."""
        return bool(self.words or self.query.get("c"))

    @property
    def is_changed(self) -> bool:
        """Does the address say more than the view it starts from?"""
        return any(self.query.get(name) for name in ("c", "cols", "sort", "owner", "q"))

    @property
    def parts(self) -> list[Node]:
        """The conditions shown one by one: those of the outermost "all"."""
        if isinstance(self.node, Group) and not self.node.is_any:
            return list(self.node.nodes)
        return [self.node]

    @property
    def criteria(self) -> dict[str, Any]:
        return conditions.dump(self.node)

    @property
    def base(self) -> str:
        return self.module.address.partition("?")[0]

    def url(self, base: str = "", **changes: str) -> str:
        """This list asked otherwise; an empty value takes a parameter away. Starts over."""
        query = dict(self.kept)
        for name, value in changes.items():
            query.pop(name, None)
            if value:
                query[name] = value
        return f"{base or self.base}?{urlencode(query)}" if query else base or self.base

    def hidden(self, *left_out: str) -> list[tuple[str, str]]:
        """The parameters, for a form to carry along."""
        return [(n, v) for n, v in self.kept.items() if n not in left_out]

    @property
    def hidden_for_search(self) -> list[tuple[str, str]]:
        return self.hidden("q")

    @property
    def criteria_url(self) -> str:
        return self.beside("criteria")

    @property
    def columns_url(self) -> str:
        return self.beside("columns")

    @property
    def exports(self) -> dict[str, str]:
        """The addresses of the list as files, with the columns it shows, or with every one."""
        found = {}
        for kind in ("csv", "xlsx"):
            found[kind] = self.beside("export", kind)
            found[f"{kind}_every"] = self.url(self._export(kind), every="1")
        return found

    def _export(self, kind: str) -> str:
        return reverse("records:export", args=[self.module.key, kind])

    @property
    def board_url(self) -> str:
        """The same records on a board; "" where there is none."""
        if self.module.key != "deals":
            return ""
        return self.url(reverse("pipeline:board"), cols="", sort="")

    def beside(self, name: str, *args: object) -> str:
        """A page beside the list, which knows how the list is asked."""
        return self.url(reverse(f"records:{name}", args=[self.module.key, *args]))

    @property
    def all_url(self) -> str:
        """Every record of the module."""
        return self.url(view="all", c=written({"all": []}), q="", owner="")


def written(criteria: Mapping[str, Any]) -> str:
    """Criteria as the address carries them."""
    return json.dumps(criteria, ensure_ascii=False, separators=(",", ":"))


def read(text: str, module: Module) -> Node | None:
    """What `written` wrote; None for what cannot be read."""
    try:
        return conditions.parse(json.loads(text[:_LONGEST_CRITERIA]), module.entity)
    except (ValueError, RecursionError, InvalidCriteria):
        return None


def state_of(viewer: User, module: Module, query: QueryDict) -> State:
    """How `viewer` asks for the list of `module`."""
    views = list(saved_views.views_for(viewer, module))
    view, preset = saved_views.asked(views, viewer, module, query.get("view", ""))
    node = read(query.get("c", ""), module) if query.get("c") else None
    if node is None:
        node = _node_of(view, preset, module)
    known = columns.available(module)
    names = query.get("cols", "").split(",") if query.get("cols") else view.columns if view else ()
    sort = _sort(query.get("sort", ""), known) or _sort(view.sort if view else "", known)
    return State(
        module=module,
        query=query,
        views=views,
        view=view,
        preset=preset,
        node=node,
        columns=columns.chosen(module, [str(name) for name in names], known),
        sort=sort or module.sort,
        words=squeeze(query.get("q", "").replace("\x00", ""))[:200],
        owner=_owner(query.get("owner", "")),
        known=known,
        kept=_kept(module, query),
    )


def _kept(module: Module, query: QueryDict) -> dict[str, str]:
    asked = {name: str(query.get(name) or "") for name in STATE}
    own = dict(parse_qsl(module.address.partition("?")[2]))
    return {**own, **{name: value for name, value in asked.items() if value}}


def _node_of(view: SavedView | None, preset: Preset | None, module: Module) -> Node:
    criteria = view.criteria if view else preset.criteria if preset else {"all": []}
    try:
        return conditions.parse(criteria or {"all": []}, module.entity)
    except InvalidCriteria:  # a field of it is no more
        return conditions.EVERYTHING


def _sort(asked: str, known: Mapping[str, Column]) -> str:
    column = known.get(asked.removeprefix("-"))
    return asked if column and column.order else ""


def _owner(asked: str) -> str:
    is_key = asked.isascii() and asked.isdigit() and len(asked) < 19
    return asked if is_key or asked in ("me", "team") else ""
