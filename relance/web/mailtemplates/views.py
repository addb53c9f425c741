"""The list of templates, and the editor of one."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from relance.files.names import kind_of
from relance.files.quota import QuotaReached
from relance.lib.text import fold, squeeze
from relance.web.components.writing import IMAGE, TOOLS, Editor, posted_html
from relance.web.mailtemplates import access, pictures, previewing
from relance.web.mailtemplates.forms import TemplateForm, cut_words, unknown_words
from relance.web.requests import is_fragment, user_of, words
from relance.web.shell import toasts
from relance.web.shell.wording import filesize
from relance.writing import cleaning, merge, templates
from relance.writing.models import Template


@require_safe
def list_templates(request: HttpRequest) -> HttpResponse:
    """Those one sees, by category, narrowed by ?q=."""
    user = user_of(request)
    query = squeeze(words(request))
    parts = fold(query).split()[:8]
    found = [t for t in templates.visible(user) if all(part in _searched(t) for part in parts)]
    found.sort(key=lambda t: (not t.category, fold(t.category), fold(t.name)))
    groups = [
        (name, [(template, merge.named(template.subject)) for template in rows])
        for name, rows in groupby(found, lambda t: t.category)
    ]
    context = {
        "groups": groups,
        "query": query,
        "total": templates.visible(user).count(),
        "editable": set(templates.editable(user).values_list("pk", flat=True)),
    }
    page = "mailtemplates/_records.html" if is_fragment(request) else "mailtemplates/list.html"
    return render(request, page, context)


@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """A new template of one's own."""
    return _edit(request, None)


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, template_id: int) -> HttpResponse:
    """Show a template, and save it for whoever may change it."""
    template = access.seen_or_404(request, template_id)
    if request.method == "POST" and not access.may_edit(request, template):
        raise PermissionDenied
    return _edit(request, template)


def _edit(request: HttpRequest, template: Template | None) -> HttpResponse:
    user = user_of(request)
    may_share = template is None or template.owner_id == user.pk
    data = request.POST if request.method == "POST" else None
    instance = Template.objects.get(pk=template.pk) if template else Template(owner=user)
    form = TemplateForm(data, instance=instance, may_share=may_share)
    if data is None:
        return _page(request, template, form, html=template.html if template else "")
    html = pictures.to_kept(posted_html(data, template.html if template else ""), template)
    error = ""
    if form.is_valid():
        error = _save(request, template, form, html)
        if not error:
            return redirect(request.session.pop("template_saved"))
    return _page(request, template, form, html=html, error=error, status=422)


def _save(request: HttpRequest, template: Template | None, form: TemplateForm, html: str) -> str:
    """Saves it with its files; returns what is wrong, "" when nothing is."""
    user = user_of(request)
    version = request.POST.get("version", "")
    try:
        saved = templates.save(user, form.content(html), template=template, version=version)
        kept = saved.template
        if remove := request.POST.get("remove", ""):
            templates.detach(kept, int(remove) if remove.isascii() and remove.isdigit() else 0)
    except templates.BadPlaceholders as bad:
        return unknown_words(bad.unknown) if bad.unknown else cut_words(bad.cut)
    except cleaning.TooLong:
        return _("This text is too long for a mail. Attach it as a file instead.")
    except templates.Changed:
        return _("Somebody saved this template meanwhile. Copy your text, then open it again.")
    except (templates.TooLarge, QuotaReached) as refused:
        return _room_words(refused)
    problem = _add_files(request, kept)
    request.session["template_saved"] = reverse("templates:edit", args=[kept.pk])
    words = _("Template saved")
    if saved.had_style_sheet:
        words = _("Template saved. Its style sheet was written onto the elements.")
    toasts.leave(request, problem or words)
    return ""


def _add_files(request: HttpRequest, template: Template) -> str:
    for file in request.FILES.getlist("file"):
        if (file.size or 0) > templates.limit():
            return _room_words(templates.TooLarge(total=file.size or 0, limit=templates.limit()))
        try:
            templates.attach(template, name=file.name or "", data=file.read())
        except (templates.TooLarge, QuotaReached) as refused:
            return _room_words(refused)
    return ""


def _room_words(refused: templates.TooLarge | QuotaReached) -> str:
    if isinstance(refused, QuotaReached):
        return _("The storage is full. Ask an administrator for more room.")
    return _("The files would be %(total)s. One mail holds %(limit)s at most.") % {
        "total": filesize(refused.total),
        "limit": filesize(refused.limit),
    }


def _page(  # noqa: PLR0913 (what the page shows)
    request: HttpRequest,
    template: Template | None,
    form: TemplateForm,
    *,
    html: str,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    user = user_of(request)
    editor = Editor(
        html,
        label=_("Text of the template"),
        fields=reverse("templates:fields"),
        files=pictures.folder(template),
        error=error,
        tools=(*TOOLS, IMAGE),
        address_of=pictures.addresses(template),
    )
    subject = form["subject"].value() or ""
    context = {
        "template": template,
        "form": form,
        "editor": editor,
        "version": templates.version_of(template) if template else "",
        "may_edit": template is None or access.may_edit(request, template),
        "is_owner": template is None or template.owner_id == user.pk,
        "categories": templates.categories(user),
        "files": _files(template),
        "limit": filesize(templates.limit()),
        **previewing.context(request, template, subject=subject, html=html),
    }
    return render(request, "mailtemplates/edit.html", context, status=status)


def _files(template: Template | None) -> list[dict[str, Any]]:
    if template is None:
        return []
    rows = template.attachments.filter(is_inline=False).select_related("blob").order_by("pk")
    return [{"row": row, "badge": kind_of(row.filename), "size": row.blob.size} for row in rows]


def _searched(template: Template) -> str:
    return fold(f"{template.name} {template.category} {template.subject} {template.owner.name}")
