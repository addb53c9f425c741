"""A workbook of one sheet, written while it is read: rows go in, bytes come out, none is kept.

Office Open XML, ECMA-376: texts stand in the cells themselves, so that no table of texts is needed.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, cast
from xml.sax.saxutils import escape

from relance.lib.streaming import Sink

MOST_ROWS = 1_048_576
_LONGEST = 32_767
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 (cells have no zone)
_DAY_STYLE, _MOMENT_STYLE, _HEAD_STYLE = 1, 2, 3
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"

Row = Sequence[str | int | float | Decimal | date | None]


def pieces(name: str, head: Sequence[str], several: Iterable[Iterable[Row]]) -> Iterator[bytes]:
    """The bytes of a workbook with one sheet: its headings, then the rows, some at a time.

    Moments are written as they stand, without their zone; rows beyond `MOST_ROWS` are left out.
    """
    sink = Sink()
    with zipfile.ZipFile(cast(Any, sink), "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in _parts(name).items():
            archive.writestr(path, _XML + text)
        with archive.open("xl/worksheets/sheet1.xml", "w") as sheet:
            sheet.write((_XML + _opening(len(head)) + _row(head, _HEAD_STYLE)).encode())
            left = MOST_ROWS - 1
            for rows in several:
                written = [_row(row) for _n, row in zip(range(left), rows, strict=False)]
                left -= len(written)
                sheet.write("".join(written).encode())
                if data := sink.take():
                    yield data
            sheet.write(b"</sheetData></worksheet>")
    yield sink.take()


def _row(cells: Row, style: int = 0) -> str:
    return f"<row>{''.join(_cell(value, style) for value in cells)}</row>"


def _cell(value: Any, style: int) -> str:
    if value is None or value == "":
        return "<c/>"
    if isinstance(value, datetime):
        return f'<c s="{_MOMENT_STYLE}"><v>{_serial(value)}</v></c>'
    if isinstance(value, date):
        day = datetime(value.year, value.month, value.day)  # noqa: DTZ001 (cells have no zone)
        return f'<c s="{_DAY_STYLE}"><v>{(day - _EPOCH).days}</v></c>'
    if isinstance(value, int | float | Decimal):
        return f"<c><v>{value}</v></c>"
    text = escape(_ILLEGAL.sub("", str(value))[:_LONGEST])
    shown = f' s="{style}"' if style else ""
    return f'<c t="inlineStr"{shown}><is><t xml:space="preserve">{text}</t></is></c>'


def _serial(value: datetime) -> str:
    return f"{(value.replace(tzinfo=None) - _EPOCH).total_seconds() / 86400:.9f}"


def _opening(columns: int) -> str:
    return (
        f'<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
        f'</sheetView></sheetViews><cols><col min="1" max="{max(columns, 1)}" width="22"'
        ' customWidth="1"/></cols><sheetData>'
    )


def _parts(name: str) -> dict[str, str]:
    """Everything but the sheet: what is in the workbook, and how cells look."""
    title = escape(re.sub(r"[\[\]:*?/\\]", " ", _ILLEGAL.sub("", name))[:31].strip(" '") or "1")
    title = title.replace('"', "&quot;")
    styles = "".join(f'<xf xfId="0" {how}/>' for how in _STYLES)
    return {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels"'
        ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/></Types>',
        "_rels/.rels": _relations({"officeDocument": "xl/workbook.xml"}),
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets>'
        f'<sheet name="{title}" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": _relations(
            {"worksheet": "worksheets/sheet1.xml", "styles": "styles.xml"}
        ),
        "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><fonts count="2">'
        '<font><sz val="11"/><name val="Calibri"/></font>'
        '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill></fills>'
        "<borders><border><left/><right/><top/><bottom/><diagonal/></border></borders>"
        '<cellStyleXfs><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        f'<cellXfs count="{len(_STYLES)}">{styles}</cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
        "</styleSheet>",
    }


#: The looks of cells, by number: plain, a day, a moment, a heading (formats 14 and 22 are the
#: reader's own way to write a date).
_STYLES = (
    'numFmtId="0" fontId="0" fillId="0" borderId="0"',
    'numFmtId="14" fontId="0" fillId="0" borderId="0" applyNumberFormat="1"',
    'numFmtId="22" fontId="0" fillId="0" borderId="0" applyNumberFormat="1"',
    'numFmtId="0" fontId="1" fillId="0" borderId="0" applyFont="1"',
)


def _relations(targets: dict[str, str]) -> str:
    lines = "".join(
        f'<Relationship Id="rId{n}" Type="{_RELATIONS}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(targets.items(), 1)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{lines}</Relationships>'
