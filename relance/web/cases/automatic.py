"""Which of one's mailboxes open cases by themselves."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from relance.addresses import book
from relance.inbox import columns
from relance.inbox.models import CaseSource
from relance.mail.models import MailAccount
from relance.users.models import User
from relance.web.requests import user_of
from relance.web.shell import toasts

_MOST_ADDRESSES = 50


class SourceForm(forms.ModelForm[CaseSource]):
    """Whether, for mail to which addresses, and who settles them."""

    addresses = forms.CharField(
        label=gettext_lazy("Only mail to these addresses"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
    )

    class Meta:
        model = CaseSource
        fields = ("is_on", "addresses", "assignee")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["addresses"] = "\n".join(self.instance.addresses)
        users = User.objects.filter(is_active=True).order_by("first_name", "last_name")
        owner = self.instance.account.owner
        self.fields["assignee"] = forms.ModelChoiceField(
            users,
            label=gettext_lazy("Assigned to"),
            required=False,
            empty_label=_("%(name)s, whose mailbox it is") % {"name": owner.name},
        )

    def clean_addresses(self) -> list[str]:
        """One address a line, normalised. Raises ValidationError naming the wrong one."""
        found = []
        for text in self.cleaned_data["addresses"].replace(",", "\n").split():
            address = book.normalise(text)
            if not address:
                raise ValidationError(_("“%(text)s” is no e-mail address.") % {"text": text})
            found.append(address)
        if len(found) > _MOST_ADDRESSES:
            raise ValidationError(_("That is too many."))
        return list(dict.fromkeys(found))


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Her mailboxes, each with what it does."""
    return _page(request)


@require_POST
def save(request: HttpRequest, account_id: int) -> HttpResponse:
    """Keep what was chosen for one of them."""
    accounts = columns.accounts_of(user_of(request))
    account = next((a for a in accounts if a.pk == account_id), None)
    if account is None:
        raise Http404
    form = _form(account, request)
    if not form.is_valid():
        return _page(request, form)
    form.save()
    toasts.leave(request, _("Saved"))
    return redirect("cases:automatic")


def _form(account: MailAccount, request: HttpRequest | None = None) -> SourceForm:
    source = CaseSource.objects.filter(account=account).first() or CaseSource(account=account)
    data = request.POST if request is not None else None
    return SourceForm(data, instance=source, auto_id=f"id_{account.pk}_%s")


def _page(request: HttpRequest, wrong: SourceForm | None = None) -> HttpResponse:
    accounts = columns.accounts_of(user_of(request))
    forms_ = [
        wrong if wrong and wrong.instance.account == account else _form(account)
        for account in accounts
    ]
    return render(request, "cases/automatic.html", {"forms": forms_})
