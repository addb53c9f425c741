"""Sending and limits: what one mail may carry, how much is kept, what an opt-out stops."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from relance.files import quota
from relance.users.models import Organisation
from relance.web.organisation.access import admins_only
from relance.web.shell import toasts
from relance.web.shell.wording import filesize


class LimitsForm(forms.ModelForm[Organisation]):
    """What holds for every mail, and for the store of files."""

    class Meta:
        model = Organisation
        fields = [
            "attachment_limit_mb",
            "library_documents_max",
            "recipients_max",
            "storage_quota_mb",
            "opt_out_blocks_all",
        ]
        labels = {
            "attachment_limit_mb": gettext_lazy("Attachments of one mail (MB)"),
            "library_documents_max": gettext_lazy("Library documents in one mail"),
            "recipients_max": gettext_lazy("Recipients of one mail"),
            "storage_quota_mb": gettext_lazy("Storage for files (MB)"),
            "opt_out_blocks_all": gettext_lazy("An opt-out stops personal mail too"),
        }


@admins_only
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest) -> HttpResponse:
    """Show and save the limits."""
    organisation = Organisation.current() or Organisation()
    form = LimitsForm(request.POST or None, instance=organisation)
    if request.method == "POST" and form.is_valid():
        form.save()
        toasts.leave(request, _("Settings saved"))
        return redirect("organisation:limits")
    usage = quota.usage()
    context = {"form": form, "usage": usage, "usage_words": _used(usage)}
    return render(request, "organisation/limits.html", context)


def _used(usage: quota.Usage) -> str:
    if usage.limit is None:
        return _("%(used)s used, no limit") % {"used": filesize(usage.used)}
    words = {"used": filesize(usage.used), "limit": filesize(usage.limit)}
    return _("%(used)s of %(limit)s") % words
