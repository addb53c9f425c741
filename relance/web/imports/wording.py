"""Imports in words."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from relance.crm.importing_writing import CREATE, FILL, SKIP, UPDATE
from relance.crm.models import ImportRun
from relance.web.shell.wording import number

Text = str | Promise
_State = ImportRun.State

TITLES: dict[str, Text] = {
    "leads": gettext_lazy("Import leads"),
    "contacts": gettext_lazy("Import contacts"),
    "accounts": gettext_lazy("Import accounts"),
    "deals": gettext_lazy("Import deals"),
}
NEW: dict[str, Text] = {
    "leads": gettext_lazy("Leads to create"),
    "contacts": gettext_lazy("Contacts to create"),
    "accounts": gettext_lazy("Accounts to create"),
    "deals": gettext_lazy("Deals to create"),
}
STATES: dict[str, Text] = {
    _State.DRAFT: gettext_lazy("Not started"),
    _State.CHECKING: gettext_lazy("Dry run"),
    _State.WAITING: gettext_lazy("Waiting"),
    _State.RUNNING: gettext_lazy("Under way"),
    _State.DONE: gettext_lazy("Done"),
    _State.FAILED: gettext_lazy("Broken off"),
    _State.UNDOING: gettext_lazy("Being undone"),
    _State.UNDONE: gettext_lazy("Undone"),
}
UNREADABLE: dict[str, Text] = {
    "empty": gettext_lazy("This file has no rows."),
    "too_large": gettext_lazy(
        "This file is too large: 20 MB at most. Split it, and import each part."
    ),
    "too_many_rows": gettext_lazy(
        "This file has too many rows: 200,000 at most. Split it, and import each part."
    ),
    "old_excel": gettext_lazy("This is a workbook of the old format. Save it as .xlsx or as CSV."),
    "no_table": gettext_lazy("This is neither a CSV file nor a workbook (.xlsx)."),
    "broken": gettext_lazy("This workbook cannot be opened. Save it again, or save it as CSV."),
    "unexpected": gettext_lazy(
        "The import could not go on. What was written so far can be undone."
    ),
}
PROBLEMS: dict[str, Text] = {
    "too_many_cells": gettext_lazy("More cells than there are columns"),
    "no_name": gettext_lazy("No name"),
    "no_date": gettext_lazy("No closing date"),
    "too_long": gettext_lazy("Too long for this field"),
    "two_at": gettext_lazy("Two “@”"),
    "no_at": gettext_lazy("No e-mail address"),
    "no_domain": gettext_lazy("Nothing after the “@”"),
    "bad_address": gettext_lazy("No valid e-mail address"),
    "bad_domain": gettext_lazy("No valid domain"),
    "bad_phone": gettext_lazy("No telephone number"),
    "bad_country": gettext_lazy("Unknown country"),
    "bad_date": gettext_lazy("No valid date"),
    "bad_number": gettext_lazy("No valid amount"),
    "bad_currency": gettext_lazy("Unknown currency"),
    "bad_yes_no": gettext_lazy("Neither yes nor no"),
    "bad_value": gettext_lazy("Not a value of this field"),
    "unknown_user": gettext_lazy("Nobody here has this address or name"),
    "unknown_team": gettext_lazy("Unknown team"),
    "unknown_stage": gettext_lazy("Unknown stage"),
    "unknown_status": gettext_lazy("Unknown status"),
    "unknown_choice": gettext_lazy("Not a choice of this list"),
}
ON_MATCH: dict[str, Text] = {
    FILL: gettext_lazy("Fill what is empty"),
    UPDATE: gettext_lazy("Replace with the file"),
    SKIP: gettext_lazy("Leave it as it is"),
    CREATE: gettext_lazy("Create another one"),
}
FOUND: dict[str, Text] = {
    FILL: gettext_lazy("Records to complete"),
    UPDATE: gettext_lazy("Records to change"),
    SKIP: gettext_lazy("Known already"),
    CREATE: gettext_lazy("Known already"),
}
FOUND_NOTES: dict[str, Text] = {
    FILL: gettext_lazy("known already, empty fields only"),
    UPDATE: gettext_lazy("known already, the file wins"),
    SKIP: gettext_lazy("left as they are"),
    CREATE: gettext_lazy("not looked for"),
}
MATCH: dict[str, Text] = {
    "address": gettext_lazy("E-mail address"),
    "address_name": gettext_lazy("E-mail address, or name and account"),
}
ORDERS: dict[str, Text] = {
    "dmy": gettext_lazy("day/month/year"),
    "mdy": gettext_lazy("month/day/year"),
}
DECIMALS: dict[str, Text] = {",": "1 234,56", ".": "1,234.56"}
_ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-16": "UTF-16",
    "cp1252": "Windows-1252",
    "mac_roman": "Mac Roman",
}


def format_of(encoding: str, delimiter: str) -> str:
    """How the file was read."""
    if not encoding:
        return _("workbook, first sheet")
    words = {"encoding": _ENCODINGS.get(encoding, encoding), "sign": delimiter}
    if delimiter == "\t":
        return _("%(encoding)s, separated by tabulators") % words
    return _("%(encoding)s, separator “%(sign)s”") % words


def problem(code: str) -> str:
    return str(PROBLEMS.get(code, code))


def rows(count: int) -> str:
    return ngettext("%(n)s row", "%(n)s rows", count) % {"n": number(count)}


def import_button(count: int) -> str:
    return ngettext("Import %(n)s row", "Import %(n)s rows", count) % {"n": number(count)}
