"""Stages listed, made, changed, put in order, deleted."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from relance.crm import stages
from relance.crm.models import Deal, Stage
from relance.web.components.dialogs import form_dialog, form_done
from relance.web.organisation.access import admins_only
from relance.web.requests import posted, user_of
from relance.web.shell import toasts

_both = require_http_methods(["GET", "POST"])
KINDS = {
    Stage.Kind.OPEN.value: gettext_lazy("Under way"),
    Stage.Kind.WON.value: gettext_lazy("Won"),
    Stage.Kind.LOST.value: gettext_lazy("Lost"),
}


class StageForm(forms.ModelForm[Stage]):
    """Its names, its kind, how likely a deal in it is won."""

    class Meta:
        model = Stage
        fields = ["name", "name_fr", "kind", "probability"]
        labels = {
            "name": gettext_lazy("Name"),
            "name_fr": gettext_lazy("Name in French"),
            "probability": gettext_lazy("Probability (%)"),
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["kind"] = forms.ChoiceField(
            label=gettext_lazy("Kind"), choices=list(KINDS.items()), initial=Stage.Kind.OPEN
        )


class _StageField(forms.ModelChoiceField[Stage]):
    def label_from_instance(self, obj: Stage) -> str:
        return obj.label


class DeleteForm(forms.Form):
    """Where its deals go."""

    def __init__(self, *args: Any, stage: Stage, count: int, **options: Any) -> None:
        super().__init__(*args, **options)
        if count:
            others = Stage.objects.filter(kind=stage.kind).exclude(pk=stage.pk)
            self.fields["into"] = _StageField(
                others, label=gettext_lazy("Its deals go to"), empty_label=None
            )


@admins_only
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The stages in their order, with how many deals each has."""
    counts = Deal.objects.filter(deleted_at=None).order_by().values_list("stage")
    deals = dict(counts.annotate(n=Count("pk")))
    rows = [(stage, KINDS[stage.kind], deals.get(stage.pk, 0)) for stage in Stage.objects.all()]
    return render(request, "stages/list.html", {"rows": rows})


@admins_only
@_both
def create(request: HttpRequest) -> HttpResponse:
    form = StageForm(posted(request))
    if request.method == "POST" and form.is_valid():
        made = stages.create(form.save(commit=False))
        toasts.leave(request, _("The stage “%(name)s” was added") % {"name": made.label})
        return form_done(request, "stages:list")
    return form_dialog(
        request, "stages/form.html", form, back="stages:list", heading=_("New stage")
    )


@admins_only
@_both
def edit(request: HttpRequest, stage_id: int) -> HttpResponse:
    found = get_object_or_404(Stage, pk=stage_id)
    heading = found.label
    form = StageForm(posted(request), instance=found)
    if request.method == "POST" and form.is_valid():
        try:
            stages.edit(form.save(commit=False))
        except stages.Refused as refusal:
            form.add_error("kind", _refusal(refusal))
        else:
            toasts.leave(request, _("Changes saved"))
            return form_done(request, "stages:list")
    return form_dialog(request, "stages/form.html", form, back="stages:list", heading=heading)


@admins_only
@require_POST
def move(request: HttpRequest, stage_id: int) -> HttpResponse:
    """One place up or down."""
    found = get_object_or_404(Stage, pk=stage_id)
    stages.move(found, up=request.POST.get("to") == "up")
    return redirect(reverse("stages:list") + f"#stage-{found.pk}")


@admins_only
@_both
def delete(request: HttpRequest, stage_id: int) -> HttpResponse:
    """Delete it, once it is said where its deals go."""
    found = get_object_or_404(Stage, pk=stage_id)
    name, count = found.label, Deal.objects.filter(stage=found).count()
    form = DeleteForm(posted(request), stage=found, count=count)
    if request.method == "POST" and form.is_valid():
        try:
            stages.delete(user_of(request), found, into=form.cleaned_data.get("into"))
        except stages.Refused as refusal:
            form.add_error(None, _refusal(refusal))
        else:
            toasts.leave(request, _("The stage “%(name)s” was deleted") % {"name": name})
            return form_done(request, "stages:list")
    return form_dialog(
        *(request, "stages/delete.html", form), back="stages:list", stage=found, count=count
    )


def _refusal(refusal: stages.Refused) -> str:
    texts = {
        "last_of_kind": _("There must be one stage at least where deals are open, won and lost."),
        "has_deals": _("There are deals in this stage. Move them to another one first."),
        "other_kind": _("Choose a stage of the same kind."),
    }
    return texts[refusal.code]
