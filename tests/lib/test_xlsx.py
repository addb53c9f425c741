"""Workbooks written while they are read."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from xml.etree import ElementTree

import pytest

from relance.lib import xlsx
from relance.lib.xlsx import Row

NAMES = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


def book(rows: list[Row], name: str = "Sheet") -> zipfile.ZipFile:
    data = b"".join(xlsx.pieces(name, ["One", "Two"], [rows]))
    return zipfile.ZipFile(io.BytesIO(data))


def cells(archive: zipfile.ZipFile) -> list[list[str]]:
    tree = ElementTree.fromstring(archive.read("xl/worksheets/sheet1.xml"))
    return [
        ["".join(cell.itertext()) for cell in row.findall("m:c", NAMES)]
        for row in tree.iterfind(".//m:row", NAMES)
    ]


def test_every_part_is_well_formed_and_named() -> None:
    archive = book([["a", 1]], name="Contacts & <others>: [1/2]")
    assert archive.testzip() is None
    for part in archive.namelist():
        ElementTree.fromstring(archive.read(part))
    assert "xl/worksheets/sheet1.xml" in archive.namelist()
    assert b'name="Contacts &amp; &lt;others&gt;   1 2"' in archive.read("xl/workbook.xml")


def test_texts_numbers_and_days_stand_in_their_cells() -> None:
    row: Row = ["=1+1", Decimal("48000.50")]
    when: Row = [date(2026, 11, 24), datetime(2026, 11, 24, 12, tzinfo=UTC)]
    assert cells(book([row, when, [None, ""]])) == [
        ["One", "Two"],
        ["=1+1", "48000.50"],
        ["46350", "46350.500000000"],
        ["", ""],
    ]


@pytest.mark.parametrize(
    ("text", "kept"),
    [("<b>&\"'</b>", "<b>&\"'</b>"), ("a\x00\x1b\ufffeb", "ab"), (" x ", " x "), ("\ud800", "")],
)
def test_hostile_texts_do_not_break_it(text: str, kept: str) -> None:
    assert cells(book([[text, 1]]))[1][0] == kept


def test_a_formula_is_a_text() -> None:
    sheet = book([['=HYPERLINK("http://evil.example")', "@x"]]).read("xl/worksheets/sheet1.xml")
    assert b"<f" not in sheet
    assert sheet.count(b'<c t="inlineStr"><is>') == 2


def test_nothing_is_read_before_it_is_asked_for() -> None:
    asked = []

    def several() -> Iterator[list[Row]]:
        for n in range(3):
            asked.append(n)
            yield [[f"row {n} {m}", m] for m in range(5000)]

    made = xlsx.pieces("S", ["A", "B"], several())
    next(made)
    assert asked == [0]
    assert b"".join(made)


def test_a_sheet_has_no_more_rows_than_readers_take(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "MOST_ROWS", 4)
    assert len(cells(book([[n, n] for n in range(9)]))) == 4
