"""The organisation's signature, for everybody who has none or for everybody without exception."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from relance.web.components.writing import Editor, posted_html
from relance.web.organisation.access import admins_only
from relance.web.requests import user_of
from relance.web.shell import toasts
from relance.web.signature.views import shown
from relance.web.signature.wording import STARTER, refusal
from relance.writing import signatures
from relance.writing.cleaning import TooLong


@require_http_methods(["GET", "POST"])
@admins_only
def edit(request: HttpRequest) -> HttpResponse:
    """Show and save it; an empty one is none."""
    if request.method == "GET":
        found = signatures.of_organisation()
        return _page(request, html=found.html if found else STARTER)
    found = signatures.of_organisation()
    html = posted_html(request.POST, found.html if found else STARTER)
    try:
        kept = signatures.save_for_all(
            html,
            on_replies="on_replies" in request.POST,
            locked="is_locked" in request.POST,
        )
    except (signatures.CannotBeNamed, TooLong) as refused:
        return _page(request, html=html, error=refusal(refused), status=422)
    toasts.leave(request, _("Signature saved") if kept else _("Signature removed"))
    return redirect("signature:common")


def _page(request: HttpRequest, *, html: str, error: str = "", status: int = 200) -> HttpResponse:
    user = user_of(request)
    found = signatures.of_organisation()
    context = {
        "found": found,
        "editor": Editor(
            html,
            label=_("Text of the signature"),
            fields=f"{reverse('templates:fields')}?of=signature",
            error=error,
        ),
        **shown(user, html, ""),
    }
    return render(request, "signature/common.html", context, status=status)
