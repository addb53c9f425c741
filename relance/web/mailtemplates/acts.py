"""A template copied, deleted; its pictures and files given out."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from relance.files import blobs, names
from relance.web.mailtemplates import access
from relance.web.requests import is_fragment, user_of
from relance.web.shell import toasts
from relance.writing import templates

_POLICY = "default-src 'none'; sandbox"
_PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")


@require_POST
def copy(request: HttpRequest, template_id: int) -> HttpResponse:
    """A copy of one's own, opened."""
    made = templates.copy(user_of(request), access.seen_or_404(request, template_id))
    toasts.leave(request, _("Template copied. The copy is yours alone."))
    return redirect("templates:edit", template_id=made.pk)


@require_http_methods(["GET", "POST"])
def delete(request: HttpRequest, template_id: int) -> HttpResponse:
    """Ask, then delete."""
    template = access.owned_or_404(request, template_id)
    if request.method == "GET":
        page = "_delete_dialog" if is_fragment(request) else "delete"
        return render(request, f"mailtemplates/{page}.html", {"template": template})
    templates.delete(template)
    toasts.leave(request, _("Template deleted"))
    if not is_fragment(request):
        return redirect("templates:list")
    response = HttpResponse(status=204)
    response["HX-Redirect"] = reverse("templates:list")
    return response


@require_safe
def file(request: HttpRequest, template_id: int, attachment_id: int) -> HttpResponse:
    """A picture of the text to show, any other file to save."""
    template = access.seen_or_404(request, template_id)
    found = get_object_or_404(template.attachments, pk=attachment_id)
    try:
        data = blobs.get(found.blob_id)
    except FileNotFoundError:
        raise Http404 from None
    is_picture = found.is_inline and found.content_type in _PICTURES
    response = HttpResponse(data, content_type=found.content_type if is_picture else names.OCTETS)
    if not is_picture:
        response["Content-Disposition"] = names.disposition(found.filename)
    response["Content-Security-Policy"] = _POLICY
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, max-age=3600"
    return response
