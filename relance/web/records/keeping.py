"""Saved views made, changed and deleted; each by its owner alone."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from relance import journal
from relance.criteria import conditions
from relance.criteria.conditions import EVERYTHING
from relance.criteria.models import SavedView
from relance.crm.modules import Module
from relance.users.models import User
from relance.web.records.state import State, state_of
from relance.web.records.views import dialog, goes_to, module_of
from relance.web.requests import posted, user_of
from relance.web.shell import toasts

_AS_KEPT = {"c": "", "cols": "", "sort": "", "owner": ""}


class ViewForm(forms.ModelForm[SavedView]):
    """Its name, who sees it, and whether the list opens with it."""

    class Meta:
        model = SavedView
        fields = ("name", "is_shared", "is_default")


def create(request: HttpRequest, key: str) -> HttpResponse:
    """Keep the list as it is asked, under a name."""
    viewer = user_of(request)
    state = state_of(viewer, module_of(key), request.GET)
    form = ViewForm(posted(request), instance=SavedView(owner=viewer, module=key))
    if not form.is_valid():
        return dialog(request, state, "records/_view.html", {"form": form})
    view = form.save(commit=False)
    _keep(view, kept(viewer, state))
    toasts.leave(request, _("The view “%(name)s” was saved") % {"name": view.name})
    return goes_to(request, state.url(**{**_AS_KEPT, "view": str(view.pk)}))


def edit(request: HttpRequest, key: str, view_id: int) -> HttpResponse:
    """Its name, who sees it, whether it opens first."""
    viewer = user_of(request)
    module = module_of(key)
    view = _own(viewer, module, view_id)
    state = state_of(viewer, module, request.GET)
    form = ViewForm(posted(request), instance=view)
    if not form.is_valid():
        return dialog(request, state, "records/_view.html", {"form": form, "view": view})
    _keep(form.save(commit=False), {})
    toasts.leave(request, _("The view “%(name)s” was saved") % {"name": view.name})
    return goes_to(request, state.url(view=str(view.pk)))


@require_POST
def update(request: HttpRequest, key: str, view_id: int) -> HttpResponse:
    """Keep what the list adds to the view: criteria, columns, order."""
    viewer = user_of(request)
    module = module_of(key)
    view = _own(viewer, module, view_id)
    state = state_of(viewer, module, request.GET)
    _keep(view, kept(viewer, state))
    toasts.leave(request, _("The view “%(name)s” was saved") % {"name": view.name})
    return goes_to(request, state.url(**{**_AS_KEPT, "view": str(view.pk)}))


@require_POST
def delete(request: HttpRequest, key: str, view_id: int) -> HttpResponse:
    """Delete a view; its records stay, and it can come back."""
    viewer = user_of(request)
    module = module_of(key)
    view = _own(viewer, module, view_id)
    with transaction.atomic():
        entry = journal.record(viewer, "criteria.view.delete", {"name": view.name}, _dumped(view))
        view.delete()
    toasts.leave(request, _("The view “%(name)s” was deleted") % {"name": view.name}, undo=entry.pk)
    return goes_to(request, module.address)


def kept(viewer: User, state: State) -> dict[str, Any]:
    """What a view keeps of a list: its criteria (whose records, among them), columns and order.

    "My team's" are kept as its members of today; words one looks for are not kept.
    """
    nodes = [conditions.dump(n) for n in state.parts if n != EVERYTHING]
    if state.owner:
        nodes.append(_owner(viewer, state.owner))
    return {
        "criteria": {"all": nodes},
        "columns": [column.name for column in state.columns],
        "sort": state.sort,
    }


def _owner(viewer: User, owner: str) -> dict[str, Any]:
    me = {"field": "owner", "op": "me"}
    if owner == "me":
        return me
    if owner != "team":
        return {"field": "owner", "op": "is", "value": owner}
    mates = User.objects.filter(teams__members=viewer).distinct().values_list("pk", flat=True)
    return {"any": [me, {"field": "owner", "op": "in", "value": [str(pk) for pk in mates]}]}


@transaction.atomic
def _keep(view: SavedView, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(view, name, value)
    view.save()
    if view.is_default:
        others = SavedView.objects.filter(owner=view.owner_id, module=view.module)
        others.exclude(pk=view.pk).update(is_default=False)


def _own(viewer: User, module: Module, view_id: int) -> SavedView:
    return get_object_or_404(SavedView, pk=view_id, owner=viewer, module=module.key)


def _dumped(view: SavedView) -> dict[str, Any]:
    names = ("module", "name", "criteria", "columns", "sort", "is_shared", "is_default", "position")
    return {name: getattr(view, name) for name in names}


def _restore(entry: Any) -> None:
    SavedView.objects.create(owner=entry.user, **entry.payload)


def declare() -> None:
    """Tell the journal how a deleted view comes back."""
    journal.register_undo("criteria.view.delete", _restore)
