"""Saved views of a list: one's own, those others share, and the one that opens first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet
from django.utils.functional import Promise

from relance.criteria.models import SavedView
from relance.crm.modules import Module, Preset
from relance.users.models import User

if TYPE_CHECKING:
    from relance.web.records.state import State


@dataclass(frozen=True, slots=True)
class Choice:
    """A view to choose; `pk` is that of a saved one."""

    label: str | Promise
    url: str
    is_current: bool
    pk: int = 0
    by: str = ""


@dataclass(frozen=True, slots=True)
class Menu:
    """The views of a list: those it comes with, one's own, those of others; and what can be done
    with the present one where it is one's own (`owned`)."""

    presets: list[Choice]
    mine: list[Choice]
    shared: list[Choice]
    current: str | Promise
    owned: bool
    state: State

    @property
    def create_url(self) -> str:
        return self.state.beside("create_view")

    @property
    def update_url(self) -> str:
        return self._of_view("update_view")

    @property
    def edit_url(self) -> str:
        return self._of_view("edit_view")

    @property
    def delete_url(self) -> str:
        return self._of_view("delete_view")

    def _of_view(self, name: str) -> str:
        return self.state.beside(name, self.state.view.pk) if self.state.view else ""


def views_for(viewer: User, module: Module) -> QuerySet[SavedView]:
    """The views of that module's list which `viewer` may open: hers, then what others share."""
    mine = Q(owner=viewer)
    shared = Q(is_shared=True, owner__is_active=True)
    found = SavedView.objects.filter(mine | shared, module=module.key)
    return found.select_related("owner").order_by("position", "name", "pk")


def asked(
    views: Sequence[SavedView], viewer: User, module: Module, key: str
) -> tuple[SavedView | None, Preset | None]:
    """Of `views`, the one of that key, or the preset of it; without one, what opens first."""
    presets = {preset.key: preset for preset in module.presets}
    if key in presets:
        return None, presets[key]
    named = (v for v in views if str(v.pk) == key)
    default = (v for v in views if v.is_default and v.owner_id == viewer.pk)
    view = next(named, None) or next(default, None)
    return view, None if view else next(iter(presets.values()), None)


def menu(viewer: User, state: State) -> Menu:
    """The views there are to choose from, with the present one marked."""
    module = state.module
    presets = [
        Choice(p.label, _url(state, p.key), state.preset is p and state.view is None)
        for p in module.presets
    ]
    choices = [
        Choice(
            v.name,
            _url(state, str(v.pk)),
            state.view is not None and state.view.pk == v.pk,
            v.pk,
            "" if v.owner_id == viewer.pk else v.owner.name,
        )
        for v in state.views
    ]
    named = [c.label for c in [*presets, *choices] if c.is_current]
    return Menu(
        presets,
        [c for c in choices if not c.by],
        [c for c in choices if c.by],
        next(iter(named), module.plural),
        owned=state.view is not None and state.view.owner_id == viewer.pk,
        state=state,
    )


def _url(state: State, key: str) -> str:
    """That view as it was kept: what the address adds is left behind."""
    return state.url(view=key, c="", cols="", sort="", q="", owner="")
