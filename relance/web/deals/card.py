"""The card of a deal: its lines, and what edits each of them in place."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.http import QueryDict
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from relance.crm.models import Deal, Stage
from relance.users.models import User
from relance.web.deals.forms import DealForm
from relance.web.records import fields_in_place
from relance.web.records.cells import link
from relance.web.records.fields_in_place import AUTO_ID, Editor, FormEditor, Line, TagsEditor, only
from relance.web.shell import wording
from relance.web.templatetags.relance import day, icon

_GROUPS = {
    "name": ("name",),
    "amount": ("amount", "currency"),
    "closes_on": ("closes_on",),
    "organisation": ("organisation",),
    "lost_reason": ("lost_reason",),
    "owner": ("owner",),
    "team": ("team",),
    "description": ("description",),
}


def lines(_viewer: User, deal: Deal) -> list[Line]:
    """What the card says, in its order."""
    kind = deal.stage.kind
    company = link(deal.company) if deal.company else ""
    found = [Line(_("Amount"), _amount(deal), "amount", is_rare=False)]
    if kind == Stage.Kind.OPEN:
        found += _chances(deal)
    if kind == Stage.Kind.LOST:
        found.append(Line(_("Reason"), deal.lost_reason, "lost_reason", is_rare=False))
    return [
        *found,
        Line(_("Closing"), _closing(deal), "closes_on", is_rare=False),
        Line(_("Account"), company, "organisation", is_rare=False),
        *fields_in_place.common_lines(deal),
        *fields_in_place.last_lines(deal),
    ]


def _amount(deal: Deal) -> SafeString:
    if deal.amount is None:
        return format_html('<span class="muted">{}</span>', _("to be set"))
    return format_html('<span class="money">{}</span>', wording.money(deal.amount, deal.currency))


def _chances(deal: Deal) -> list[Line]:
    percent = deal.stage.probability
    meter = (
        '{}<progress class="meter meter--money" max="100" value="{}" aria-hidden="true"></progress>'
    )
    words = _("%(percent)s%%") % {"percent": percent}
    found = [Line(_("Probability"), format_html(meter, words, percent))]
    if deal.amount is not None:
        weighted = (deal.amount * percent / 100).quantize(Decimal("0.01"))
        amount = wording.money(weighted, deal.currency)
        found.append(Line(_("Weighted"), format_html('<span class="num">{}</span>', amount)))
    return found


def _closing(deal: Deal) -> SafeString | str:
    """The date; of an open deal also how far away it is."""
    on = day(deal.closes_on)
    if deal.stage.kind != Stage.Kind.OPEN:
        return on
    left = _days_left(deal.closes_on)
    if left < 0:
        late = '{} <span class="state state--time">{}{}</span>'
        return format_html(late, on, icon("hourglass"), _("late"))
    if left == 0:
        return format_html('<span class="time">{}, {}</span>', on, _("today"))
    words = ngettext("in %(counter)s day", "in %(counter)s days", left) % {"counter": left}
    css = "time" if left <= _SOON else ""
    return format_html('<span class="{}">{}, {}</span>', css, on, words)


_SOON = 10  # days


def _days_left(closes_on: date) -> int:
    return (closes_on - timezone.localdate()).days


def editor(viewer: User, deal: Deal, name: str, data: QueryDict | None) -> Editor:
    """What edits a line. Raises KeyError for a name that has no editor."""
    if name == "tags":
        return TagsEditor(deal, data)
    form = DealForm(data, instance=deal, viewer=viewer, auto_id=AUTO_ID)
    names = (name,) if name.startswith("custom_") else _GROUPS[name]
    return FormEditor(only(form, names))


def declare() -> None:
    """Make it known; called where the pages have their addresses."""
    kind = fields_in_place.Kind(
        "deal",
        Deal,
        lines,
        editor,
        edit_url="deals:edit",
        related=("stage", "company", "owner", "team", "created_by"),
    )
    fields_in_place.register(kind)
