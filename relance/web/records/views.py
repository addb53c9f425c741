"""What one does beside a list: its criteria and its columns chosen."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from relance.criteria import conditions
from relance.criteria.conditions import InvalidCriteria, Node
from relance.criteria.sentences import sentence
from relance.crm import modules
from relance.crm.modules import Module
from relance.users.models import User
from relance.web.records import columns, editing, finding
from relance.web.records.drawing import Drawing
from relance.web.records.editing import Sent
from relance.web.records.state import State, state_of, written
from relance.web.requests import is_fragment, user_of
from relance.web.shell.pages import fragment


def module_of(key: str) -> Module:
    """The module of that key. Raises Http404 for one there is not."""
    try:
        module = modules.get(key)
    except KeyError:
        raise Http404 from None
    if not module.address:
        raise Http404
    return module


def criteria(request: HttpRequest, key: str) -> HttpResponse:
    """The criteria editor. Each button and each other field draws the form again; "apply" goes to
    the list, once everything can be understood."""
    viewer = user_of(request)
    state = state_of(viewer, module_of(key), request.GET)
    entity = state.module.entity
    if request.method != "POST":
        tree = editing.as_group(state.criteria)
        if not editing.children_of(tree):
            editing.act(tree, entity, "add:0")
        return _editor(request, state, tree)
    tree = Sent(request.POST, entity).tree
    command = request.POST.get("act", "")
    editing.act(tree, entity, command)
    node, refusal = _parsed(tree, entity)
    if command == "apply" and node is not None:
        back = reverse("pipeline:board") if request.GET.get("board") else ""
        return goes_to(request, state.url(back, c=written(conditions.dump(node))))
    return _editor(request, state, tree, refusal if command == "apply" else None)


def choose_columns(request: HttpRequest, key: str) -> HttpResponse:
    """Which columns the list shows, in which order."""
    state = state_of(user_of(request), module_of(key), request.GET)
    known = columns.available(state.module)
    if request.method == "POST":
        names = [n for n in dict.fromkeys(request.POST.getlist("column")) if n in known]
        return goes_to(request, state.url(cols=",".join(names)))
    shown = [c.name for c in state.columns]
    others = [c for c in known.values() if c.name not in shown]
    lines = [*((c, True) for c in state.columns), *((c, False) for c in others)]
    return dialog(request, state, "records/_columns.html", {"lines": lines})


def goes_to(request: HttpRequest, url: str) -> HttpResponse:
    """To the list, from a dialog over it or from a page by itself."""
    if not is_fragment(request):
        return redirect(url)
    response = HttpResponse(status=204)
    response["HX-Redirect"] = url
    return response


def dialog(
    request: HttpRequest, state: State, body: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """A form over the list, or a page by itself without the script."""
    template = "records/_dialog.html" if is_fragment(request) else "records/form.html"
    shown = {
        "state": state,
        "module": state.module,
        "body": body,
        "here": request.get_full_path(),
        **context,
    }
    return fragment(request, template, shown, status=status)


def _editor(
    request: HttpRequest, state: State, tree: editing.Tree, refusal: InvalidCriteria | None = None
) -> HttpResponse:
    viewer = user_of(request)
    entity = state.module.entity
    context = {
        "node": Drawing(viewer, entity, refusal).draw(tree),
        "said": _said(viewer, state, tree),
        "is_refused": refusal is not None,
    }
    return dialog(request, state, "records/_criteria.html", context)


def _said(viewer: User, state: State, tree: editing.Tree) -> dict[str, Any]:
    """The sentence, and how many records it finds; no sentence while something is missing."""
    node, refusal = _parsed(tree, state.module.entity)
    if node is None:
        unfinished = refusal is not None and refusal.code == "bad_value"
        return {"text": _("Fill in the values to see what is found.") if unfinished else ""}
    text = sentence(node)
    rows = finding.found(viewer, state, node)
    count = len(rows.order_by().values_list("pk", flat=True)[: finding.MOST_COUNTED + 1])
    has_more = count > finding.MOST_COUNTED
    count = min(count, finding.MOST_COUNTED)
    return {"text": text[:1].upper() + text[1:], "count": count, "has_more": has_more}


def _parsed(tree: editing.Tree, entity: str) -> tuple[Node | None, InvalidCriteria | None]:
    try:
        return conditions.parse(tree, entity), None
    except InvalidCriteria as refusal:
        return None, refusal
