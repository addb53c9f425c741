"""What files hold and what cells say, whoever wrote them."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from decimal import Decimal

import pytest
from openpyxl import Workbook

from relance.crm import importing_files, importing_values
from relance.crm.importing_files import Unreadable, opened
from relance.crm.importing_values import BadValue

TEXT = "Nom;Prénom\nGarçon;Éloïse\n"


def rows(data: bytes) -> list[list[str]]:
    return [[str(cell) for cell in cells] for _n, cells in opened(data).rows()]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "mac_roman", "utf-16"])
def test_letters_survive_every_usual_encoding(encoding: str) -> None:
    table = opened(TEXT.encode(encoding))
    assert table.head == ("Nom", "Prénom")
    assert rows(TEXT.encode(encoding)) == [["Garçon", "Éloïse"]]


@pytest.mark.parametrize("sign", [";", ",", "\t", "|"])
def test_the_separator_is_found_though_cells_hold_others(sign: str) -> None:
    others = "".join(s for s in ";,|" if s != sign)
    data = (
        f'a{sign}b{sign}c\n1{sign}"x{sign}{others}"{sign}"y ""z""\nw"\n4{sign}5{sign}6\n'.encode()
    )
    assert opened(data).delimiter == sign
    assert rows(data) == [["1", f"x{sign}{others}", 'y "z"\nw'], ["4", "5", "6"]]


def test_excel_may_say_its_separator_itself() -> None:
    assert rows(b"sep=|\r\na|b\r\n1;2|3\r\n") == [["1;2", "3"]]


def test_rows_are_numbered_as_spreadsheets_do_and_blank_ones_left_out() -> None:
    data = b"Nom;Mail\n\nA;a@x.example\n;;\nB;b@x.example\n"
    assert [n for n, _cells in opened(data).rows()] == [3, 5]


def test_a_file_without_headings_loses_no_row() -> None:
    table = opened(b"Roche;m@x.example\nLam;p@x.example\n")
    assert not table.has_head
    assert len(list(table.rows())) == 2


def test_numbers_and_days_of_a_workbook_keep_their_kind() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["A", "B", "C", "D"])
    sheet.append([date(2026, 11, 14), 1234.567, True, "x"])
    stream = io.BytesIO()
    book.save(stream)
    found = [cells for _n, cells in opened(stream.getvalue()).rows()]
    assert found == [[date(2026, 11, 14), Decimal("1234.567"), True, "x"]]


def test_a_workbook_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing_files, "_LARGEST_UNPACKED", 1000)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "0" * 5000)
    with pytest.raises(Unreadable) as refusal:
        opened(stream.getvalue())
    assert refusal.value.code == "too_large"


def test_an_archive_that_is_no_workbook_is_refused() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("readme.txt", "nothing")
    with pytest.raises(Unreadable):
        opened(stream.getvalue())


@pytest.mark.parametrize(
    ("text", "order", "day"),
    [
        ("14/11/2026", "dmy", date(2026, 11, 14)),
        ("03/04/2026", "dmy", date(2026, 4, 3)),
        ("03/04/2026", "mdy", date(2026, 3, 4)),
        ("2026-11-14T10:00:00", "dmy", date(2026, 11, 14)),
        ("20261114", "mdy", date(2026, 11, 14)),
        ("14.11.26", "dmy", date(2026, 11, 14)),
        ("14 novembre 2026", "dmy", date(2026, 11, 14)),
        ("14-Aug-2026", "dmy", date(2026, 8, 14)),
    ],
)
def test_days_are_read_in_both_notations(text: str, order: str, day: date) -> None:
    assert importing_values.day(text, order) == day


@pytest.mark.parametrize("text", ["31/02/2026", "hier", "14/11", "99/99/9999", "١٤/١١/٢٠٢٦x"])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(BadValue):
        importing_values.day(text)


@pytest.mark.parametrize(
    ("text", "decimal", "number"),
    [
        ("12 500,50 €", ",", "12500.50"),
        ("12,500.50", ",", "12500.50"),
        ("1.234.567", ",", "1234567"),
        ("1,500", ",", "1.5"),
        ("1,500", ".", "1500"),
        ("1.500", ",", "1500"),
        ("EUR 12", ",", "12"),
        ("-3,5", ".", "-3.5"),
    ],
)
def test_numbers_are_read_in_both_notations(text: str, decimal: str, number: str) -> None:
    assert importing_values.number(text, decimal) == Decimal(number)


@pytest.mark.parametrize("text", ["douze", "1e9", "9" * 30, "1,2,3.4.5", "--1", "NaN"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(BadValue):
        importing_values.number(text)


def test_one_cell_decides_for_its_column() -> None:
    assert importing_values.order_of(["03/04/2026", "03/25/2026"]) == "mdy"
    assert importing_values.decimal_of(["1,500", "1,5"]) == ","
    assert importing_values.decimal_of(["1,500", "1,500.20"]) == "."


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("A@X.example", ["a@x.example"]),
        ("a@x.example; b@y.example", ["a@x.example", "b@y.example"]),
        ("a@x.example b@y.example,a@x.example", ["a@x.example", "b@y.example"]),
        ("Jean Dupont <jean@x.example>", ["jean@x.example"]),
        ("mailto:a@x.example", ["a@x.example"]),
    ],
)
def test_a_cell_may_hold_several_addresses(cell: str, found: list[str]) -> None:
    assert importing_values.addresses(cell) == found


@pytest.mark.parametrize(
    ("cell", "code", "proposal"),
    [
        ("m.roche@@atelier.example", "two_at", "m.roche@atelier.example"),
        ("p.lam@vallon,example", "bad_address", "p.lam@vallon.example"),
        ("jean dupuis", "no_at", ""),
        ("contact@", "no_domain", ""),
        ("a@localhost", "bad_address", ""),
    ],
)
def test_a_bad_address_says_what_is_wrong(cell: str, code: str, proposal: str) -> None:
    with pytest.raises(BadValue) as refusal:
        importing_values.addresses(cell)
    assert (refusal.value.code, refusal.value.proposal) == (code, proposal)


@pytest.mark.parametrize(
    ("name", "code"), [("France", "FR"), ("allemagne", "DE"), ("GERMANY", "DE"), ("ch", "CH")]
)
def test_countries_are_known_by_code_and_by_name(name: str, code: str) -> None:
    assert importing_values.country(name) == code
