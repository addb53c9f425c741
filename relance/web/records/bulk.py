"""What is done to chosen records, or to every record of a list, at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from relance.crm import bulk, modules
from relance.crm.models import Tag
from relance.journal.models import Entry
from relance.lib.text import squeeze
from relance.users.models import Team, User
from relance.web.records import finding
from relance.web.records.state import State, state_of
from relance.web.records.views import dialog, goes_to, module_of
from relance.web.requests import posted, user_of
from relance.web.shell import toasts, wording

_MOST_CHOSEN = 1000


class OwnerForm(forms.Form):
    owner = forms.ModelChoiceField(
        User.objects.filter(is_active=True).order_by("first_name", "last_name", "pk"),
        label=gettext_lazy("Owner"),
        empty_label=None,
    )


class TeamForm(forms.Form):
    team = forms.ModelChoiceField(
        Team.objects.all(),
        label=gettext_lazy("Team"),
        required=False,
        empty_label=gettext_lazy("No team"),
    )


class TagForm(forms.Form):
    tag = forms.CharField(label=gettext_lazy("Tag"), max_length=60)

    def clean_tag(self) -> str:
        return squeeze(self.cleaned_data["tag"])


class UntagForm(forms.Form):
    tag = forms.ModelChoiceField(Tag.objects.all(), label=gettext_lazy("Tag"), empty_label=None)


Act = Callable[[User, QuerySet[Any], Any], Entry]
_ACTS: dict[str, tuple[type[forms.Form], Act]] = {
    "owner": (OwnerForm, lambda user, rows, given: bulk.assign(user, rows, given["owner"])),
    "team": (TeamForm, lambda user, rows, given: bulk.set_team(user, rows, given["team"])),
    "tag": (TagForm, lambda user, rows, given: bulk.tag(user, rows, given["tag"])),
    "untag": (UntagForm, lambda user, rows, given: bulk.untag(user, rows, given["tag"])),
    "delete": (forms.Form, lambda user, rows, _given: bulk.delete(user, rows)),
}


def act(request: HttpRequest, key: str, name: str) -> HttpResponse:
    """Ask for what the act needs, then do it and go back to the list, with a way back."""
    viewer = user_of(request)
    state = state_of(viewer, module_of(key), request.GET)
    if name not in _ACTS:
        raise Http404
    chosen = Chosen(viewer, state, request.GET)
    form_class, do = _ACTS[name]
    form = form_class(posted(request))
    context: dict[str, Any] = {"form": form, "chosen": chosen, "name": name}
    if not form.is_valid():
        return dialog(request, state, "records/_bulk.html", context | _offered(name))
    try:
        entry = do(viewer, chosen.rows, form.cleaned_data)
    except bulk.TooMany as refusal:
        context["problem"] = too_many(refusal)
        return dialog(request, state, "records/_bulk.html", context | _offered(name))
    toasts.leave(request, _done(name, entry), undo=entry.pk)
    return goes_to(request, state.url())


def chosen_ids(query: QueryDict) -> list[int]:
    """The keys that an address chooses, ?id=…&id=…; none when it means the whole list."""
    if query.get("whole") == "1":
        return []
    ids = [int(i) for i in query.getlist("id")[:_MOST_CHOSEN] if i.isascii() and i.isdigit()]
    return [i for i in ids if i < 2**63]


class Chosen:
    """The records meant: ?id=…&id=…, or ?whole=1 for every record of the list."""

    def __init__(self, viewer: User, state: State, query: QueryDict) -> None:
        self.ids = chosen_ids(query)
        self.is_whole = query.get("whole") == "1" or not query.getlist("id")
        if self.is_whole:
            self.rows = finding.found(viewer, state)
        else:
            self.rows = modules.rows(viewer, state.module).filter(pk__in=self.ids)

    @property
    def count(self) -> int:
        return int(self.rows.count())


def too_many(refusal: bulk.TooMany) -> str:
    return _(
        "These are %(count)s records; %(most)s at most are changed at once."
        " Narrow the list, and do it in parts."
    ) % {"count": wording.number(refusal.count), "most": wording.number(bulk.MOST)}


def _offered(name: str) -> dict[str, Any]:
    return {"tags": list(Tag.objects.all()[:200])} if name == "tag" else {}


def _done(name: str, entry: Entry) -> str:
    count = entry.params["count"]
    form = {
        "owner": ngettext(
            "%(n)s record belongs to %(name)s now", "%(n)s records belong to %(name)s now", count
        ),
        "team": ngettext("%(n)s record changed team", "%(n)s records changed team", count),
        "tag": ngettext(
            "%(n)s record has the tag “%(name)s”", "%(n)s records have the tag “%(name)s”", count
        ),
        "untag": ngettext(
            "The tag “%(name)s” was taken from %(n)s record",
            "The tag “%(name)s” was taken from %(n)s records",
            count,
        ),
        "delete": ngettext("%(n)s record was deleted", "%(n)s records were deleted", count),
    }[name]
    return form % {"n": wording.number(count), "name": entry.params["name"]}
