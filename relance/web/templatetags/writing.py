"""`{% write_to record %}`: the button that writes an e-mail from a record's page."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context

from relance.crm.models.records import Record
from relance.inbox import recipients
from relance.users.models import User

register = template.Library()


@register.inclusion_tag("components/write_to.html", takes_context=True)
def write_to(context: Context, record: Record, size: str = "") -> dict[str, Any]:
    """`size`: "s" for the small one of a card, "m" for one that is not the page's main act. Nothing
    where nobody can be written to, or the reader may not send."""
    user = context["request"].user
    if not isinstance(user, User) or not user.may_send:
        return {}
    return {"writing": recipients.of_record(user, record), "size": size}
