"""Custom fields listed, made, changed, put in order, switched off. For administrators."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from relance.crm import custom_fields
from relance.crm.custom_fields import KIND
from relance.crm.models import CustomField
from relance.web.custom_fields.forms import KINDS, CustomFieldForm
from relance.web.organisation.access import admins_only
from relance.web.requests import is_fragment, posted
from relance.web.shell import toasts
from relance.web.shell.pages import fragment

_both = require_http_methods(["GET", "POST"])
_ICONS = {"Lead": "lead", "Person": "user", "Account": "building", "Deal": "euro", "Case": "case"}


@admins_only
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The fields of every module, in their order."""
    fields: dict[str, list[tuple[CustomField, Promise]]] = {}
    for one in CustomField.objects.all():
        fields.setdefault(one.entity, []).append((one, KINDS[KIND(one.kind)]))
    modules = [
        (entity, _ICONS[entity], label, fields.get(entity, ()))
        for entity, label in CustomField.Entity.choices
    ]
    return render(request, "custom_fields/list.html", {"modules": modules})


@admins_only
@_both
def create(request: HttpRequest, entity: str) -> HttpResponse:
    """A new field of that module."""
    if entity not in CustomField.Entity.values:
        raise Http404
    form = CustomFieldForm(posted(request), instance=CustomField(entity=entity))
    if request.method == "POST" and form.is_valid():
        made = custom_fields.create(form.save(commit=False))
        toasts.leave(request, _("The field “%(name)s” was added") % {"name": _label(made)})
        return _done(request)
    return _dialog(request, form, _("New field"))


@admins_only
@_both
def edit(request: HttpRequest, field_id: int) -> HttpResponse:
    """Its labels, its choices, whether it must be filled in."""
    found = get_object_or_404(CustomField, pk=field_id)
    heading = _label(found)
    form = CustomFieldForm(posted(request), instance=found)
    if request.method == "POST" and form.is_valid():
        changed = custom_fields.edit(form.save(commit=False))
        toasts.leave(request, _("The field “%(name)s” was saved") % {"name": _label(changed)})
        return _done(request)
    return _dialog(request, form, heading)


@admins_only
@require_POST
def move(request: HttpRequest, field_id: int) -> HttpResponse:
    """One place up or down."""
    found = get_object_or_404(CustomField, pk=field_id)
    custom_fields.move(found, up=request.POST.get("to") == "up")
    return redirect(reverse("custom_fields:list") + f"#field-{found.pk}")


@admins_only
@require_POST
def set_active(request: HttpRequest, field_id: int) -> HttpResponse:
    """Off: no form and no list shows it; what records say in it is kept. On again."""
    found = get_object_or_404(CustomField, pk=field_id)
    found.is_active = request.POST.get("active") == "1"
    custom_fields.edit(found)
    form = (
        _("The field “%(name)s” is in use again")
        if found.is_active
        else _("The field “%(name)s” is switched off; its values are kept")
    )
    toasts.leave(request, form % {"name": _label(found)})
    return redirect("custom_fields:list")


def _label(definition: CustomField) -> str:
    return custom_fields.label_of(definition)


def _dialog(request: HttpRequest, form: CustomFieldForm, heading: str) -> HttpResponse:
    """A dialog over the page, or a page of its own without script."""
    layout = "dialog" if is_fragment(request) else "page"
    context: dict[str, Any] = {
        "layout": f"components/form_{layout}.html",
        "action": request.path,
        "back": reverse("custom_fields:list"),
        "form": form,
        "heading": heading,
    }
    status = 422 if form.errors else 200
    return fragment(request, "custom_fields/form.html", context, status=status)


def _done(request: HttpRequest) -> HttpResponse:
    """Back to the list, out of a dialog too."""
    if not is_fragment(request):
        return redirect("custom_fields:list")
    response = HttpResponse(status=204)
    response["HX-Redirect"] = reverse("custom_fields:list")
    return response
