"""A list as it is asked, or its chosen records, as a file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.utils import timezone, translation
from django.views.decorators.http import require_safe

from relance.files import names
from relance.lib import xlsx
from relance.lib.streaming import asynchronous
from relance.web.exports import csvfiles, tables
from relance.web.records import columns
from relance.web.records.bulk import chosen_ids
from relance.web.records.state import State, state_of
from relance.web.records.views import module_of
from relance.web.requests import user_of
from relance.web.shell.pages import uncached

_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@require_safe
def export(request: HttpRequest, key: str, kind: str) -> StreamingHttpResponse:
    """?every=1 takes every column there is; ?id=… those records alone; else the list as asked."""
    viewer, module = user_of(request), module_of(key)
    if kind not in _TYPES:
        raise Http404
    query = request.GET.copy()
    if query.get("every") == "1":
        query["cols"] = ",".join(columns.available(module))
    state = state_of(viewer, module, query)
    keys = tables.keys_of(viewer, state, chosen_ids(request.GET))
    table = tables.table_of(viewer, state, keys)
    name = f"{state.module.plural} {timezone.localdate().isoformat()}.{kind}"
    pieces: Any = _pieces(kind, state, table)
    if hasattr(request, "scope"):  # served by ASGI, which would read a plain iterator whole
        pieces = asynchronous(pieces)
    response = StreamingHttpResponse(pieces, content_type=_TYPES[kind])
    response["Content-Disposition"] = names.disposition(name)
    response["X-Content-Type-Options"] = "nosniff"
    uncached(response)  # type: ignore[arg-type]  # it sets headers alone
    return response


def _pieces(kind: str, state: State, table: tables.Table) -> Iterator[bytes]:
    if kind == "xlsx":
        return xlsx.pieces(str(state.module.plural), table.head, table.rows)
    is_french = (translation.get_language() or "").startswith("fr")
    return csvfiles.pieces(table.head, table.rows, is_french=is_french)
