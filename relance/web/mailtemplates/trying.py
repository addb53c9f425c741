"""A template tried out: a draft to oneself, with the values of the person the preview shows."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from relance.inbox import merging, writing
from relance.mail import identities
from relance.mail.drafts import NoSender
from relance.users.models import User
from relance.web.compose.helping import attach_files
from relance.web.mailtemplates import access, previewing
from relance.web.requests import user_of
from relance.web.shell import toasts
from relance.writing import merge, signatures
from relance.writing.merge import Values
from relance.writing.models import Template


@require_POST
def try_out(request: HttpRequest, template_id: int) -> HttpResponse:
    """Open the composer on it; nothing is sent by itself, and it does not count as a use."""
    user = user_of(request)
    template = access.seen_or_404(request, template_id)
    try:
        sender = identities.default_of(user)
    except NoSender:
        toasts.leave(request, _("Connect a mailbox first: mails leave from there."))
        return redirect("templates:edit", template_id=template.pk)
    signature = signatures.html_for(user, sender.address, is_reply=False)
    values = merging.with_signature(_named_when_empty(request, user, template), signature)
    draft = writing.begin(
        user,
        people={"to": [{"name": user.name, "address": sender.address, "record": ""}]},
        subject=merge.render_text(template.subject, values, one_line=True).text,
        html=merge.render_html(template.html, values).text,
    )
    problems = attach_files(draft, template)
    if problems:
        toasts.leave(request, " ".join(problems))
    return redirect("compose:show", draft_id=draft.pk)


def _named_when_empty(request: HttpRequest, user: User, template: Template) -> Values:
    """The values of the person shown; what is empty is its name in brackets."""
    person = previewing.person_shown(request)
    given = merging.values(user, person=person, language=template.language)
    fallbacks = {(p.entity, p.name) for p in _with_fallback(template)}

    def value(entity: str, name: str) -> str | None:
        found = given(entity, name)
        if found or (entity, name) in fallbacks:
            return found
        return f"[{merge.Placeholder(entity, name, None, '').label}]"

    return value


def _with_fallback(template: Template) -> list[merge.Placeholder]:
    both = [*merge.placeholders(template.subject), *merge.placeholders(template.html)]
    return [p for p in both if p.fallback is not None]
