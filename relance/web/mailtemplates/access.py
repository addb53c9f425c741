"""Which template a request is about, for whoever may see or change it."""

from __future__ import annotations

from django.http import Http404, HttpRequest

from relance.web.requests import user_of
from relance.writing import templates
from relance.writing.models import Template


def seen_or_404(request: HttpRequest, template_id: int) -> Template:
    """The template, when the user sees it."""
    return _one(templates.visible(user_of(request)).filter(pk=template_id).first())


def owned_or_404(request: HttpRequest, template_id: int) -> Template:
    """The template, when it is the user's own."""
    return _one(templates.owned(user_of(request)).filter(pk=template_id).first())


def may_edit(request: HttpRequest, template: Template) -> bool:
    """May the user change it?"""
    return templates.editable(user_of(request)).filter(pk=template.pk).exists()


def _one(template: Template | None) -> Template:
    if template is None:
        raise Http404
    return template
