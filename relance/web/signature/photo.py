"""The photo of one's signature."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from relance.files import blobs
from relance.lib.text import squeeze
from relance.web.requests import user_of
from relance.web.shell import toasts
from relance.web.signature import views
from relance.writing import photos
from relance.writing.models import Photo

_POLICY = "default-src 'none'; sandbox"


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """One's own photo."""
    found = photos.of(user_of(request))
    try:
        data = blobs.get(found.blob_id) if found else b""
    except FileNotFoundError:
        data = b""
    if not data:
        raise Http404
    response = HttpResponse(data, content_type="image/jpeg")
    response["Content-Security-Policy"] = _POLICY
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-cache"
    return response


@require_POST
def keep(request: HttpRequest) -> HttpResponse:
    """Another photo, when one was chosen, and the words that stand for it."""
    user = user_of(request)
    file = request.FILES.get("photo")
    problem = ""
    if file is not None:
        try:
            if (file.size or 0) > photos.MAX_BYTES:
                raise photos.TooLarge
            photos.keep(user, file.read())
        except photos.TooLarge:
            problem = _("This picture is too large. Choose one of less than 8 MB.")
        except photos.NotAPhoto:
            problem = _("This is no picture we can read. Choose a JPEG, PNG, GIF or WebP file.")
    if problem:
        return views.page(request, photo_error=problem, status=422)
    words = squeeze(request.POST.get("alternative", ""))[:150]
    Photo.objects.filter(user=user).update(alternative=words)
    toasts.leave(request, _("Photo saved"))
    return redirect("signature:edit")


@require_POST
def remove(request: HttpRequest) -> HttpResponse:
    """No photo any more."""
    photos.remove(user_of(request))
    toasts.leave(request, _("Photo removed"))
    return redirect("signature:edit")
