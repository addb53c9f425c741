"""Tables in files: CSV as programs write it, and workbooks (Office Open XML, ECMA-376).

Files come from strangers: what is read is bounded, and what cannot be read says why.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from itertools import islice
from typing import Any

from relance.lib.text import squeeze

Cell = str | Decimal | date | bool
Row = tuple[int, list[Cell]]  # its number as spreadsheets count (the headings are 1), its cells

LARGEST = 20_000_000  # bytes
MOST_ROWS = 200_000
MOST_COLUMNS = 150
_LARGEST_UNPACKED = 400_000_000
_LONGEST_CELL = 100_000
_SAMPLE_ROWS = 40
_SAMPLE = 64_000  # characters
_DELIMITERS = ";,\t|"
_FRENCH = "éèêëàâäçôöîïùûüÉÈÊÀÂÇÔÎœŒ’«»€°"
_NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_SEP = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
_LOOKS_LIKE_AN_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")


class Unreadable(ValueError):
    """Nothing can be imported from the file. `code`: "empty", "too_large", "too_many_rows",
    "old_excel", "no_table" (no text, no workbook), "broken" (a workbook that cannot be opened)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Table:
    """A file opened: its headings, and how it was read.

    `encoding` and `delimiter` are "" for a workbook.
    """

    head: tuple[str, ...]
    encoding: str
    delimiter: str
    has_head: bool
    _source: str | bytes

    def rows(self) -> Iterator[Row]:
        """Every row below the headings that is not blank. Raises `Unreadable`."""
        several = _numbered(self._source, self.delimiter)
        if self.has_head:
            next(several, None)
        for count, (number, cells) in enumerate(several, 1):
            if count > MOST_ROWS:
                raise Unreadable("too_many_rows")
            yield number, cells


def opened(data: bytes) -> Table:
    """The table in `data`; what it is, is asked of its content, not of its name.

    Raises `Unreadable`.
    """
    if len(data) > LARGEST:
        raise Unreadable("too_large")
    if not data.strip(b"\x00\r\n\t ;,"):
        raise Unreadable("empty")
    if data[:4] == b"PK\x03\x04":
        return _table(data, "", "")
    if data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise Unreadable("old_excel")
    text, encoding = _decoded(data)
    return _table(text, encoding, _delimiter_of(text))


def _table(source: str | bytes, encoding: str, delimiter: str) -> Table:
    first = next(_numbered(source, delimiter), None)
    if first is None:
        raise Unreadable("empty")
    texts = [text_of(cell) for cell in first[1]]
    has_head = not any(_LOOKS_LIKE_AN_ADDRESS.fullmatch(text) for text in texts)
    head = [squeeze(text)[:100] if has_head else "" for text in texts]
    while len(head) > 1 and not head[-1] and has_head:
        head.pop()
    return Table(tuple(head[:MOST_COLUMNS]), encoding, delimiter, has_head, source)


def text_of(cell: Cell) -> str:
    """A cell as a text; a day as ISO 8601, a number with a point and no needless zeros."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, Decimal):
        text = f"{cell:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return cell.isoformat()


def _numbered(source: str | bytes, delimiter: str) -> Iterator[Row]:
    rows = _rows_of_text(source, delimiter) if isinstance(source, str) else _rows_of_book(source)
    for number, cells in enumerate(rows, 1):
        if any(cell not in ("", None) for cell in cells):
            yield number, cells


def _decoded(data: bytes) -> tuple[str, str]:
    """The text, and the encoding's name. UTF-8 when it can be; else the one of Windows or of old
    Macs, whichever gives more letters that French has."""
    for mark, encoding in (
        (b"\xef\xbb\xbf", "utf-8"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    ):
        if data.startswith(mark):
            text = data.decode("utf-8-sig" if encoding == "utf-8" else encoding, "replace")
            return _cleaned(text), encoding
    if b"\x00" in data[:2000]:
        raise Unreadable("no_table")
    try:
        return _cleaned(data.decode("utf-8")), "utf-8"
    except UnicodeDecodeError:
        pass
    options = [(data.decode(name, "replace"), name) for name in ("cp1252", "mac_roman")]
    text, encoding = max(options, key=lambda option: _frenchness(option[0]))
    return _cleaned(text), encoding


def _frenchness(text: str) -> int:
    return sum(text.count(letter) for letter in _FRENCH)


def _cleaned(text: str) -> str:
    return _NO_TEXT.sub("", text)


def _delimiter_of(text: str) -> str:
    """The sign between cells: said by the file's first line, or the one by which the first rows
    have the same number of cells, more than one."""
    if said := _SEP.match(text):
        return said[1]
    best, found = (0.0, 0), ","
    for delimiter in _DELIMITERS:
        sample = islice(_rows_of_text(text[:_SAMPLE], delimiter), _SAMPLE_ROWS)
        widths = Counter(len(cells) for cells in sample if any(cells))
        if not widths:
            continue
        width, times = widths.most_common(1)[0]
        score = (times / widths.total(), width)
        if width > 1 and score > best:
            best, found = score, delimiter
    return found


def _rows_of_text(text: str, delimiter: str) -> Iterator[list[Any]]:
    if said := _SEP.match(text):
        text = text[said.end() :]
    csv.field_size_limit(max(csv.field_size_limit(), LARGEST))
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)


def _rows_of_book(data: bytes) -> Iterator[list[Any]]:
    """The rows of the first sheet that is shown."""
    from openpyxl import load_workbook  # slow to load, and only wanted here
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(part.file_size for part in archive.infolist()) > _LARGEST_UNPACKED:
                raise Unreadable("too_large")
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        sheets = [s for s in book.worksheets if s.sheet_state == "visible"] or book.worksheets
        sheet = sheets[0]
        sheet.reset_dimensions()  # some programs write wrong ones
        for row in sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS):
            yield _without_end([_cell(value) for value in row])
    except Unreadable:
        raise
    except (zipfile.BadZipFile, InvalidFileException, OSError, LookupError, ValueError) as error:
        raise Unreadable("broken") from error
    except (
        TypeError,
        AttributeError,
        SyntaxError,
    ) as error:  # XML that is none, or of another kind
        raise Unreadable("broken") from error


def _without_end(cells: list[Cell]) -> list[Cell]:
    """A sheet's rows are as wide as one asks for."""
    while cells and cells[-1] == "":
        cells.pop()
    return cells


def _cell(value: Any) -> Cell:
    if value is None:
        return ""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return Decimal(repr(value)) if value == value and abs(value) < 1e18 else ""  # noqa: PLR0124
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, time):
        return value.isoformat()
    return _cleaned(str(value))[:_LONGEST_CELL]


def padded(cells: Sequence[Cell], width: int) -> list[Cell] | None:
    """A row as wide as the headings; None when it has more cells than there are headings."""
    if len(cells) > width:
        return list(cells[:width]) if not any(cells[width:]) else None
    return [*cells, *[""] * (width - len(cells))]
