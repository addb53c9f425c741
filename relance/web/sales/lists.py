"""What the lists of documents work out themselves: links, a status, the totals, their words."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, QuerySet, Sum
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from relance.crm.models import SalesDocument
from relance.crm.sales_fields import ENTITY, MODULES
from relance.lib.money import Money
from relance.web.records import summaries
from relance.web.records.cells import link
from relance.web.records.columns import Column, register
from relance.web.records.summaries import Figure
from relance.web.records.wording import Words
from relance.web.records.wording import register as say
from relance.web.shell import wording


def figures(documents: QuerySet[SalesDocument]) -> list[Figure]:
    """The total of all, by currency."""
    sums = documents.order_by().values_list("currency").annotate(n=Count("pk"), s=Sum("total"))
    rows = list(sums)
    count = sum(n for _currency, n, _sum in rows)
    amounts = sorted((Money(total, currency) for currency, _n, total in rows), reverse=True)
    form = ngettext("%(counter)s document", "%(counter)s documents", count)
    return [Figure(_("Total"), amounts, form % {"counter": wording.number(count)}, is_money=True)]


def _status(document: SalesDocument, _fact: Any, _labels: Any) -> str:
    css = {"draft": "", "sent": " pill--accent"}.get(document.status, "")
    return format_html('<span class="pill{}">{}</span>', css, document.get_status_display())


COLUMNS = (
    Column(
        "accountName",
        _("account"),
        lambda d, _fact, _labels: link(d.company) if d.company else "",
        lambda d, _fact, _labels: d.company.name if d.company else "",
        order=("company__name",),
        related=("company",),
        css="hide-s",
    ),
    Column(
        "person",
        _("contact"),
        lambda d, _fact, _labels: link(d.person) if d.person else "",
        lambda d, _fact, _labels: d.person.name if d.person else "",
        order=("person__last_name",),
        related=("person",),
        css="hide-s",
    ),
    Column(
        "status",
        _("status"),
        _status,
        lambda d, _fact, _labels: d.get_status_display(),
        order=("status",),
        css="nowrap",
    ),
)
_SEARCH = _("Number, subject or account")
_WORDS = {
    "quotes": (
        *(_("No quote matches"), _("No quote yet")),
        _("What you offer, at which price, until when. It leaves by mail as a PDF."),
        _("New quote"),
    ),
    "orders": (
        *(_("No order matches"), _("No sales order yet")),
        _("What a customer ordered. Make one of an accepted quote, or here."),
        _("New sales order"),
    ),
    "purchases": (
        *(_("No purchase order matches"), _("No purchase order yet")),
        _("What you order from a supplier. It leaves by mail to the supplier."),
        _("New purchase order"),
    ),
    "invoices": (
        *(_("No invoice matches"), _("No invoice yet")),
        _("What a customer owes. Make one of an order, or here."),
        _("New invoice"),
    ),
}


def declare() -> None:
    """Make them known; called where the pages have their addresses."""
    register(ENTITY, *COLUMNS)
    for module in MODULES:
        summaries.register(module.key, figures)
        say(module.key, Words(*_WORDS[module.key], _SEARCH))
