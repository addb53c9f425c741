"""The lines of a document as its page edits them, and what one may do with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from relance.crm import sales, sales_totals
from relance.crm.models import DocumentLine, SalesDocument
from relance.crm.sales_totals import TooLarge, Totals
from relance.web.sales.forms import LineForms, lines_of

_PREFIX = "lines"
_FIELDS = ("description", "quantity", "unit", "unit_price", "discount_percent", "tax_percent")


@dataclass
class Sheet:
    """The lines of a document in forms. `lines` are those that are valid; `left_out` the place of
    one to leave out."""

    document: SalesDocument
    forms: Any
    left_out: int | None = None
    problem: str = ""

    @cached_property
    def is_valid(self) -> bool:
        return not self.forms.is_bound or bool(self.forms.is_valid())

    @cached_property
    def lines(self) -> list[DocumentLine]:
        if not self.forms.is_bound:
            return list(self.document.lines.all())
        return lines_of(self._valid)

    @property
    def _valid(self) -> list[Any]:
        kept = [form for n, form in enumerate(self.forms) if n != self.left_out]
        return [form for form in kept if form.is_valid()]

    @property
    def rows(self) -> list[tuple[Any, Decimal | None]]:
        """Each form with the amount of its line, None where it says nothing yet."""
        return [(form, self._amount(form)) for form in self.forms]

    @property
    def kept(self) -> list[tuple[DocumentLine, Decimal]]:
        """The lines of a document that is no draft any more, each with its amount."""
        code = self.document.currency
        return [(line, sales_totals.of_line(line, code)) for line in self.lines]

    def _amount(self, form: Any) -> Decimal | None:
        try:
            if not form.is_bound:
                price = form.initial.get("unit_price")
                line = DocumentLine(**{k: form.initial[k] for k in _FIELDS}) if price else None
            else:
                line = form.instance if form.is_valid() and form.has_changed() else None
            if line is None or line.unit_price is None:
                return None
            return sales_totals.of_line(line, self.document.currency)
        except TooLarge:
            return None

    @cached_property
    def totals(self) -> Totals | None:
        """None when it is more than can be kept."""
        try:
            return sales.totals(self.document, self.lines)
        except TooLarge:
            return None


def sheet_of(document: SalesDocument) -> Sheet:
    """The lines as they are kept."""
    initial = [{name: getattr(line, name) for name in _FIELDS} for line in document.lines.all()]
    return Sheet(document, LineForms(initial=initial, prefix=_PREFIX))


def sent_sheet(document: SalesDocument, data: QueryDict) -> Sheet:
    """The lines as the page sent them."""
    act, _colon, place = data.get("act", "").partition(":")
    sheet = Sheet(document, LineForms(data, prefix=_PREFIX))
    if act == "remove" and place.isascii() and place.isdigit() and len(place) < 5:
        sheet.left_out = int(place)
    if sheet.left_out is None:
        if not sheet.is_valid and sheet.forms.non_form_errors():
            sheet.problem = " ".join(sheet.forms.non_form_errors())
    else:  # what is wrong with the line that goes does not matter
        others = [form for n, form in enumerate(sheet.forms) if n != sheet.left_out]
        sheet.__dict__["is_valid"] = all(form.is_valid() for form in others)
    return sheet


def too_large() -> str:
    return _("This amounts to more than can be kept. Look at the quantities and prices.")


@dataclass(frozen=True, slots=True)
class Act:
    """A button: what it posts, what it says."""

    value: str
    label: str
    icon: str = ""


def acts_of(document: SalesDocument) -> list[Act]:
    """How it may stand next."""
    words: Mapping[str, tuple[str, str]] = {
        "draft": (_("Make it a draft again"), "undo"),
        "sent": (_("Mark as sent"), "send"),
        "accepted": (_("Accepted"), "check"),
        "rejected": (_("Rejected"), "x"),
        "delivered": (_("Delivered"), "check"),
        "paid": (_("Paid"), "check"),
        "cancelled": (_("Cancel this document"), "ban"),
    }
    return [Act(value, *words[value]) for value in sales.following(document)]


def followers_of(document: SalesDocument) -> Sequence[Act]:
    """What may be made of it."""
    words = {
        "order": _("Make a sales order"),
        "invoice": _("Make an invoice"),
        "purchase": _("Make a purchase order"),
    }
    if document.status in ("cancelled", "rejected"):
        return ()
    return [Act(kind, words[kind], "quote") for kind in sales.FOLLOWERS.get(document.kind, ())]
