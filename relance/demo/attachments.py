"""Small files that open: a page of PDF, a plan as PNG, a sheet of a workbook."""

from __future__ import annotations

import io
import struct
import zlib
from html import escape
from zipfile import ZIP_DEFLATED, ZipFile

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_WIDE, _HIGH, _MARGIN = 360, 240, 14  # pixels of a plan


def file_named(name: str, title: str) -> tuple[str, bytes]:
    """(content type, bytes) of a small but valid file of that name, showing `title`."""
    if name.endswith(".png"):
        return "image/png", _png(name)
    if name.endswith(".xlsx"):
        return f"{_XLSX}.sheet", _xlsx(title)
    return "application/pdf", _pdf([title, name.removesuffix(".pdf"), "Exemple sans valeur"])


def _pdf(lines: list[str]) -> bytes:
    """One page (ISO 32000-1): a title, and the other lines below it."""
    shown = [_pdf_string(line) for line in lines]
    stream = b"BT /F1 20 Tf 60 760 Td (%b) Tj /F1 11 Tf" % shown[0]
    stream += b"".join(b" 0 -28 Td (%b) Tj" % line for line in shown[1:])
    stream += b" ET 60 690 475 0.6 re f 60 660 475 0.6 re f 60 630 475 0.6 re f"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
        b"/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%b\nendstream" % (len(stream), stream),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
    ]
    out, offsets = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)


def _pdf_string(text: str) -> bytes:
    """A literal string in WinAnsi, its brackets escaped (7.3.4.2)."""
    plain = text.replace("\u202f", "\u00a0").encode("cp1252", "replace")
    return plain.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


def _png(name: str) -> bytes:
    """A floor plan: outer walls and three inner ones, placed by the name (RFC 2083)."""
    seed = zlib.crc32(name.encode())
    inner = {100 + seed % 60, 220 + seed // 97 % 60}
    across = 80 + seed // 31 % 80
    rooms = bytes(1 if x in inner or _is_wall(x, _WIDE) else 0 for x in range(_WIDE))
    doors = bytes(int(_is_wall(x, _WIDE)) for x in range(_WIDE))
    lamps = bytes(2 if x % 40 == 20 and 20 < x < _WIDE - 20 else v for x, v in enumerate(rooms))
    wall = bytes(int(_MARGIN <= x < _WIDE - _MARGIN) for x in range(_WIDE))
    blank = bytes(_WIDE)
    drawn = bytearray()
    for y in range(_HIGH):
        if _is_wall(y, _HIGH) or y == across:
            row = wall
        elif not _MARGIN <= y < _HIGH - _MARGIN:
            row = blank
        else:
            row = lamps if y % 40 in (20, 21) else doors if y % 100 < 26 else rooms
        drawn += b"\0" + row
    header = struct.pack(">IIBBBBB", _WIDE, _HIGH, 8, 3, 0, 0, 0)
    palette = bytes((255, 255, 255, 60, 66, 82, 230, 160, 40))
    packed = zlib.compress(bytes(drawn))
    chunks = (b"IHDR", header), (b"PLTE", palette), (b"IDAT", packed), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _is_wall(at: int, size: int) -> bool:
    return _MARGIN <= at < _MARGIN + 3 or size - _MARGIN - 3 <= at < size - _MARGIN


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _xlsx(title: str) -> bytes:
    """One sheet with a heading and four lines (ECMA-376)."""
    lines: list[list[str | int]] = [[title], ["Référence", "Quantité"]]
    lines += [[f"R-{n}", n * 12] for n in range(1, 5)]
    cells = "".join(f"<row>{''.join(map(_cell, line))}</row>" for line in lines)
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_XLSX}.sheet.main+xml"/>'
        f'<Override PartName="/xl/sheet1.xml" ContentType="{_XLSX}.worksheet+xml"/></Types>',
        "_rels/.rels": _relation("officeDocument", "xl/workbook.xml"),
        "xl/_rels/workbook.xml.rels": _relation("worksheet", "sheet1.xml"),
        "xl/workbook.xml": f'<workbook xmlns="{_SHEET}" xmlns:r="{_RELATIONS}"><sheets>'
        '<sheet name="1" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/sheet1.xml": f'<worksheet xmlns="{_SHEET}"><sheetData>{cells}</sheetData></worksheet>',
    }
    out = io.BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, f'<?xml version="1.0" encoding="UTF-8"?>{text}')
    return out.getvalue()


def _relation(kind: str, target: str) -> str:
    return (
        f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" '
        f'Type="{_RELATIONS}/{kind}" Target="{target}"/></Relationships>'
    )


def _cell(value: str | int) -> str:
    if isinstance(value, int):
        return f"<c><v>{value}</v></c>"
    return f'<c t="inlineStr"><is><t>{escape(value)}</t></is></c>'
