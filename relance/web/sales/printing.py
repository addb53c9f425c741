"""A sales document as a PDF, in its own language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from babel.dates import format_date
from babel.numbers import format_currency, format_decimal
from django.utils import translation
from django.utils.translation import gettext as _
from font_roboto import font_files
from fpdf import FPDF
from fpdf.enums import TableBordersLayout, XPos, YPos
from fpdf.fonts import FontFace

from relance.crm import sales, sales_totals
from relance.crm.models import DocumentLine, SalesDocument
from relance.users.models import Organisation
from relance.web.shell import wording

_FONT = "Roboto"
_GREY, _INK, _PALE = (95, 95, 90), (28, 27, 25), (244, 243, 239)
_MARGIN = 18  # millimetres
_WIDTHS = (78, 20, 28, 18, 30)


@dataclass(frozen=True, slots=True)
class Printed:
    """What is printed: `document` with its `lines`, from `sender`."""

    document: SalesDocument
    lines: Sequence[DocumentLine]
    sender: str

    def money(self, amount: Decimal) -> str:
        """Always with its cents: columns of amounts stand below one another."""
        return format_currency(
            amount, self.document.currency, locale=wording.locale_of(wording.language())
        )


class _Page(FPDF):
    foot = ""

    def footer(self) -> None:
        self.set_y(-14)
        self.set_font(_FONT, size=8)
        self.set_text_color(*_GREY)
        self.cell(0, 5, self.foot)
        self.set_x(_MARGIN)
        self.cell(0, 5, f"{self.page_no()} / {{nb}}", align="R")


def pdf_of(document: SalesDocument) -> bytes:
    """The bytes of the PDF."""
    organisation = Organisation.current()
    lines = list(document.lines.all())
    with translation.override(document.language):
        printed = Printed(document, lines, organisation.name if organisation else "")
        return bytes(_drawn(printed).output())


def title_of(document: SalesDocument) -> str:
    """ "Quote D2026-001", in the language that is active."""
    return f"{document.get_kind_display()} {document.number}"


def _drawn(printed: Printed) -> FPDF:
    page = _Page(format="A4")
    page.add_font(_FONT, "", font_files["Roboto"])
    page.add_font(_FONT, "B", font_files["RobotoBold"])
    page.set_margins(_MARGIN, _MARGIN)
    page.set_auto_page_break(True, margin=20)
    page.set_title(title_of(printed.document))
    page.set_author(printed.sender)
    page.foot = f"{printed.sender} · {title_of(printed.document)}"
    page.add_page()
    _head(page, printed)
    _parties(page, printed)
    _table(page, printed)
    _sums(page, printed)
    _text(page, _("Terms"), printed.document.terms)
    _text(page, "", printed.document.description)
    return page


def _head(page: FPDF, printed: Printed) -> None:
    document = printed.document
    _write(page, printed.sender, size=11, bold=True)
    page.ln(4)
    _write(page, title_of(document), size=20, bold=True)
    _write(page, document.name, size=11, grey=True)
    page.ln(3)
    facts = [(_("Date"), document.issued_on), (_due_words(document), document.due_on)]
    locale = wording.locale_of(wording.language())
    for label, on in facts:
        if on is not None:
            said = {"label": label, "day": format_date(on, "long", locale=locale)}
            _write(page, _("%(label)s: %(day)s") % said, size=9)
    if document.source is not None:
        _write(page, _("From: %(document)s") % {"document": title_of(document.source)}, size=9)
    page.ln(4)


def _due_words(document: SalesDocument) -> str:
    return {
        SalesDocument.Kind.QUOTE: _("Valid until"),
        SalesDocument.Kind.INVOICE: _("Due on"),
        SalesDocument.Kind.SALES_ORDER: _("Delivery on"),
        SalesDocument.Kind.PURCHASE_ORDER: _("Wanted by"),
    }[SalesDocument.Kind(document.kind)]


def _parties(page: FPDF, printed: Printed) -> None:
    document = printed.document
    named = [document.company.name if document.company else ""]
    named.append(document.person.name if document.person else "")
    to = document.billing_address or "\n".join(name for name in named if name)
    is_purchase = document.kind == SalesDocument.Kind.PURCHASE_ORDER
    _text(page, _("Supplier") if is_purchase else _("Bill to"), to)
    _text(page, _("Deliver to"), document.shipping_address)


def _table(page: FPDF, printed: Printed) -> None:
    page.set_text_color(*_INK)
    page.set_draw_color(215, 213, 206)
    page.set_font(_FONT, size=9)
    heads = (_("Description"), _("Quantity"), _("Unit price"), _("Tax"), _("Total before tax"))
    with page.table(
        col_widths=_WIDTHS,
        text_align=("LEFT", "RIGHT", "RIGHT", "RIGHT", "RIGHT"),
        borders_layout=TableBordersLayout.HORIZONTAL_LINES,
        headings_style=FontFace(emphasis="BOLD", color=_INK, fill_color=_PALE),
        line_height=5,
        padding=1.2,
        v_align="TOP",
    ) as table:
        table.row(heads)
        for line in printed.lines:
            if line.unit_price is None:
                row = table.row()
                row.cell(line.description, colspan=len(heads), style=FontFace(emphasis="BOLD"))
            else:
                table.row(_cells(printed, line))
    page.ln(3)


def _cells(printed: Printed, line: DocumentLine) -> tuple[str, ...]:
    assert line.unit_price is not None
    text = line.description
    if line.discount_percent:
        text += "\n" + _("Discount %(percent)s") % {"percent": _percent(line.discount_percent)}
    amount = sales_totals.of_line(line, printed.document.currency)
    unit = f" {line.unit}" if line.unit else ""
    price = line.unit_price
    written = printed.money(price) if price == round(price, 2) else _number(price)
    taxed = _percent(line.tax_percent)
    return text, _number(line.quantity) + unit, written, taxed, printed.money(amount)


def _sums(page: FPDF, printed: Printed) -> None:
    totals = sales.totals(printed.document, printed.lines)
    rows: list[tuple[str, Decimal]] = []
    if totals.discount:
        percent = _percent(printed.document.discount_percent)
        rows.append((_("Discount %(percent)s") % {"percent": percent}, -totals.discount))
    rows.append((_("Total before tax"), totals.subtotal))
    rows += [
        (_("Tax %(percent)s") % {"percent": _percent(tax.percent)}, tax.amount)
        for tax in totals.taxes
    ]
    if page.will_page_break(6 * len(rows) + 8):
        page.add_page()
    for label, amount in rows:
        _sum(page, label, printed.money(amount))
    _sum(page, _("Total with tax"), printed.money(totals.total), bold=True)
    page.ln(6)


def _sum(page: FPDF, label: str, amount: str, *, bold: bool = False) -> None:
    page.set_font(_FONT, style="B" if bold else "", size=11 if bold else 9)
    page.set_x(-_MARGIN - 90)
    page.cell(50, 6, label)
    page.cell(40, 6, amount, align="R", new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _text(page: FPDF, label: str, text: str) -> None:
    if not text.strip():
        return
    if label:
        _write(page, label, size=8, grey=True)
    _write(page, text.strip(), size=9)
    page.ln(3)


def _write(page: FPDF, text: str, *, size: float, bold: bool = False, grey: bool = False) -> None:
    page.set_font(_FONT, style="B" if bold else "", size=size)
    page.set_text_color(*(_GREY if grey else _INK))
    page.multi_cell(0, size * 0.5, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _number(value: Decimal) -> str:
    return format_decimal(value, "#,##0.####", locale=wording.locale_of(wording.language()))


def _percent(value: Decimal) -> str:
    return f"{_number(value)}\u00a0%" if wording.language() == "fr" else f"{_number(value)}%"
