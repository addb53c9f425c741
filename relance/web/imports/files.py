"""Files that go with an import: an example to fill in, and the rows that were refused."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_GET

from relance.crm import importing, importing_fields
from relance.crm.importing_files import Unreadable, text_of
from relance.crm.models import ImportRun
from relance.files.names import disposition
from relance.web.imports import wording
from relance.web.requests import user_of
from relance.web.shell.wording import language

_BOM = "\ufeff"  # without it Excel takes UTF-8 for something else
_EXAMPLES: dict[str, dict[str, str]] = {
    "leads": {
        "last_name": "Roche",
        "first_name": "Marie",
        "company": "Atelier Roche",
        "email": "m.roche@atelier-roche.example",
        "phone": "+33 4 78 00 00 00",
        "source": "Salon",
        "tags": "salon, lyon",
    },
    "contacts": {
        "last_name": "Leclerc",
        "first_name": "Thomas",
        "title": "Directeur",
        "company": "Logis Ouest",
        "email": "t.leclerc@logis-ouest.example",
        "other_email": "thomas@home.example; t.l@logis.example",
        "phone": "+33 2 40 00 00 00",
        "mobile": "+33 6 00 00 00 41",
        "city": "Nantes",
        "country": "France",
    },
    "accounts": {
        "name": "Logis Ouest",
        "domain": "logis-ouest.example",
        "phone": "+33 2 40 00 00 00",
        "street": "1 quai de la Fosse",
        "postcode": "44000",
        "city": "Nantes",
        "country": "France",
    },
    "deals": {
        "name": "Vitrines 2027",
        "amount": "12500.50",
        "currency": "EUR",
        "closes_on": "2027-01-31",
        "company": "Logis Ouest",
        "contact": "t.leclerc@logis-ouest.example",
    },
}


@require_GET
def example(_request: HttpRequest, module: str) -> HttpResponse:
    """A file of one row, with headings in the reader's language that the import understands."""
    if module not in _EXAMPLES:
        raise Http404
    known = importing_fields.targets(module)
    row = _EXAMPLES[module]
    sign = ";" if language() == "fr" else ","
    text = _line([str(known[name].label) for name in row], sign) + _line(row.values(), sign)
    response = HttpResponse(_BOM + text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = disposition(f"{module}.csv")
    return response


@require_GET
def refused(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """The rows that were not imported, as they stood, each with its reason: to be put right and
    imported again."""
    run = importing.runs_of(user_of(request)).filter(pk=pk).first()
    if run is None or not run.refused_count:
        raise Http404
    response = StreamingHttpResponse(_refused(run, language()), content_type="text/csv")
    response["Content-Type"] = "text/csv; charset=utf-8"
    name = run.filename.rpartition(".")[0] or run.filename
    response["Content-Disposition"] = disposition(_("%(name)s, to correct.csv") % {"name": name})
    response["Cache-Control"] = "private, no-store"
    return response


def _refused(run: ImportRun, reader: str) -> Iterator[str]:
    with override(reader):
        reasons = {
            number: str(wording.problem(code))
            for number, code in run.refused.values_list("number", "code")
        }
        last = _("Problem")
    try:
        table = importing.table_of(run)
        sign = table.delimiter or (";" if reader == "fr" else ",")
        yield _BOM
        if table.has_head:
            yield _line([*table.head, last], sign)
        width = len(table.head)
        for number, cells in table.rows():
            if reason := reasons.get(number):
                texts = [text_of(cell) for cell in cells]
                yield _line([*texts, *[""] * (width - len(texts)), reason], sign)
    except Unreadable:
        return


def _line(cells: Any, sign: str) -> str:
    stream = io.StringIO()
    csv.writer(stream, delimiter=sign).writerow(list(cells))
    return stream.getvalue()
