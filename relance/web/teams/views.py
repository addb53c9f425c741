"""Teams listed with their members, made, changed, deleted."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from relance.lib.text import squeeze
from relance.users.models import Team, User
from relance.web.components.dialogs import form_dialog, form_done
from relance.web.organisation.access import admins_only
from relance.web.requests import posted
from relance.web.shell import toasts

_both = require_http_methods(["GET", "POST"])


class TeamForm(forms.ModelForm[Team]):
    """Its name and its members; those who left stay members, unseen."""

    class Meta:
        model = Team
        fields = ["name"]
        labels = {"name": gettext_lazy("Name")}

    members = forms.ModelMultipleChoiceField(
        User.objects.none(),
        label=gettext_lazy("Members"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["members"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        field.queryset = _users()
        if self.instance.pk:
            self.initial["members"] = list(self.instance.members.values_list("pk", flat=True))

    def clean_name(self) -> str:
        """A name no other team has, whatever its case."""
        name = squeeze(self.cleaned_data["name"])
        if Team.objects.filter(name__iexact=name).exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("There is a team of this name already."))
        return name

    @transaction.atomic
    def save(self, commit: bool = True) -> Team:
        team = super().save(commit)
        left = team.members.filter(is_active=False)
        team.members.set([*self.cleaned_data["members"], *left])
        return team


@admins_only
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    teams = Team.objects.prefetch_related(Prefetch("members", queryset=_users()))
    return render(request, "teams/list.html", {"teams": teams})


@admins_only
@_both
def create(request: HttpRequest) -> HttpResponse:
    return _form(request, TeamForm(posted(request)), _("New team"))


@admins_only
@_both
def edit(request: HttpRequest, team_id: int) -> HttpResponse:
    found = get_object_or_404(Team, pk=team_id)
    return _form(request, TeamForm(posted(request), instance=found), found.name)


@admins_only
@_both
def delete(request: HttpRequest, team_id: int) -> HttpResponse:
    """Its records stay, in no team."""
    found = get_object_or_404(Team, pk=team_id)
    form = forms.Form(posted(request))
    if request.method == "POST":
        name = found.name
        found.delete()
        toasts.leave(request, _("The team “%(name)s” was deleted") % {"name": name})
        return form_done(request, "teams:list")
    return form_dialog(request, "teams/delete.html", form, back="teams:list", team=found)


def _users() -> Any:
    return User.objects.filter(is_active=True).order_by("first_name", "last_name", "pk")


def _form(request: HttpRequest, form: TeamForm, heading: str) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        form.save()
        toasts.leave(request, _("Changes saved"))
        return form_done(request, "teams:list")
    return form_dialog(request, "teams/form.html", form, back="teams:list", heading=heading)
