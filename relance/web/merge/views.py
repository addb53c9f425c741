"""Duplicates as pairs, one pair field by field, and what one decides of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from relance.crm import access, duplicate_pairs, merging
from relance.crm.duplicate_pairs import Pair
from relance.crm.merging import Choice
from relance.crm.models import Company, Person
from relance.inbox import uniting
from relance.journal.models import Entry
from relance.journal.undo import UNDONE_WITHIN
from relance.web.merge import effects, rows
from relance.web.merge.wording import reason, reasons
from relance.web.requests import user_of
from relance.web.shell import toasts
from relance.web.shell.pages import page

_ENTITIES = {"people": "person", "accounts": "company"}


@require_safe
def pairs(request: HttpRequest) -> HttpResponse:
    """Who may be in the CRM twice; ?kind=accounts for accounts."""
    user = user_of(request)
    kind = "accounts" if request.GET.get("kind") == "accounts" else "people"
    find = duplicate_pairs.of_companies if kind == "accounts" else duplicate_pairs.of_people
    found = [(pair, reason(pair.reason), _url(kind, pair)) for pair in find(user)]
    is_full = len(found) >= duplicate_pairs.MOST
    return page(request, "merge/list.html", {"kind": kind, "pairs": found, "is_full": is_full})


@require_http_methods(["GET", "HEAD", "POST"])
def people(request: HttpRequest, keep_id: int, drop_id: int) -> HttpResponse:
    """Two people beside each other; a POST makes one of them."""
    user = user_of(request)
    readable = access.people_for(user).filter(converted_at=None)
    readable = readable.select_related("company", "owner", "team", "created_by")
    keep, drop = _two(readable, keep_id, drop_id)
    if request.method == "POST":
        choice = _choice(request, rows.people(keep, drop).rows, _left(request, keep, drop))
        return _merge(request, partial(uniting.unite, user, keep, drop, choice), keep, drop)
    context = {
        "compared": rows.people(keep, drop),
        "sums": effects.sums_of_people(user, keep, drop),
        "moving": effects.moving_to_potentials(user, keep, drop),
        "reasons": reasons(user, keep, drop),
        "swapped": reverse("merge:preview", args=[drop.pk, keep.pk]),
        "becomes_contact": keep.kind != drop.kind,
    }
    return _preview(request, "people", keep, drop, context)


@require_http_methods(["GET", "HEAD", "POST"])
def accounts(request: HttpRequest, keep_id: int, drop_id: int) -> HttpResponse:
    """The same for two accounts."""
    user = user_of(request)
    readable = access.companies_for(user).select_related("owner", "team", "created_by")
    keep, drop = _two(readable, keep_id, drop_id)
    if request.method == "POST":
        choice = _choice(request, rows.companies(keep, drop).rows, frozenset())
        return _merge(
            request, partial(uniting.unite_companies, user, keep, drop, choice), keep, drop
        )
    context = {
        "compared": rows.companies(keep, drop),
        "sums": effects.sums_of_companies(user, keep, drop),
        "swapped": reverse("merge:accounts", args=[drop.pk, keep.pk]),
    }
    return _preview(request, "accounts", keep, drop, context)


@require_POST
def aside(request: HttpRequest, kind: str, one: int, other: int) -> HttpResponse:
    """They are not the same."""
    user = user_of(request)
    if kind not in _ENTITIES or one == other:
        raise Http404
    readable: Any = access.people_for(user) if kind == "people" else access.companies_for(user)
    if readable.filter(pk__in=(one, other)).count() != 2:
        raise Http404
    duplicate_pairs.set_aside(user, _ENTITIES[kind], one, other)
    toasts.leave(request, _("These two are not proposed again"))
    return redirect(f"{reverse('merge:list')}?kind={kind}")


def _two(readable: Any, keep_id: int, drop_id: int) -> tuple[Any, Any]:
    if keep_id == drop_id:
        raise Http404
    return get_object_or_404(readable, pk=keep_id), get_object_or_404(readable, pk=drop_id)


def _choice(request: HttpRequest, known: list[rows.Row], left: frozenset[int]) -> Choice:
    """Only rows that were offered count."""
    offered = {row.key for row in known if row.is_choice}
    return Choice(
        taken=frozenset(key for key in offered if request.POST.get(f"row.{key}") == "drop"),
        left=left,
    )


def _left(request: HttpRequest, keep: Person, drop: Person) -> frozenset[int]:
    """The addresses that were unticked; with none ticked, none is left out."""
    ticked = {int(text) for text in request.POST.getlist("address") if text.isdecimal()}
    every = {link.address_id for person in (keep, drop) for link in person.address_links.all()}
    return frozenset(every - ticked) if ticked & every else frozenset()


def _merge(
    request: HttpRequest,
    act: Callable[[], Entry],
    keep: Person | Company,
    drop: Person | Company,
) -> HttpResponse:
    """Do it, unless somebody was quicker."""
    try:
        entry = act()
    except merging.Gone:
        raise Http404 from None
    text = _("%(name)s was merged here") % {"name": drop.name}
    toasts.leave(request, text, undo=entry.pk)
    return redirect(keep)


def _preview(
    request: HttpRequest,
    kind: str,
    keep: Person | Company,
    drop: Person | Company,
    context: dict[str, Any],
) -> HttpResponse:
    until = timezone.localtime() + UNDONE_WITHIN - timedelta(days=1)
    shown = {"kind": kind, "keep": keep, "drop": drop, "until": until.date(), **context}
    return page(request, "merge/preview.html", shown)


def _url(kind: str, pair: Pair) -> str:
    name = "merge:accounts" if kind == "accounts" else "merge:preview"
    return reverse(name, args=[pair.keep.pk, pair.drop.pk])
