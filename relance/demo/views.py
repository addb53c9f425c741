"""What only the demo world can do: let a mail arrive, and see it as somebody else."""

from __future__ import annotations

from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from relance.demo import arrivals
from relance.mail import accounts
from relance.mail.models import MailAccount
from relance.users.models import Organisation, User
from relance.web.requests import user_of
from relance.web.shell import toasts


@require_POST
def mail(request: HttpRequest) -> HttpResponse:
    """A mail of the story arrives now, by the road every mail takes."""
    _only_in_the_demo()
    viewer = user_of(request)
    account = MailAccount.objects.filter(owner=viewer, address=viewer.email).first()
    if account is None:
        raise Http404
    arrivals.deliver_now(account.address)
    accounts.ask_sync(account)
    return toasts.attach(HttpResponse(status=204), _("A mail is on its way"))


@require_POST
def become(request: HttpRequest) -> HttpResponse:
    """See the demo as a colleague."""
    _only_in_the_demo()
    email = request.POST.get("email", "")
    user = User.objects.filter(email=email, is_active=True).first()
    if user is None:
        raise Http404
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    return redirect("inbox:columns")


def _only_in_the_demo() -> None:
    organisation = Organisation.current()
    if organisation is None or not organisation.is_demo:
        raise Http404
