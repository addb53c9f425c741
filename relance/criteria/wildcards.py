"""`*` in a text that is looked for stands for any characters, none too; all else is literal."""

from __future__ import annotations

import re
from typing import Any

from django.db.models import Lookup, TextField

_ENDS = {
    "contains": ("%", "%"),
    "is": ("", ""),
    "starts": ("", "%"),
    "ends": ("%", ""),
}
_SPECIAL = re.compile(r"([%_!])")


@TextField.register_lookup
class Like(Lookup[Any]):
    """`LIKE` with a pattern of our own making: on folded text, case does not matter."""

    lookup_name = "relance_like"

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        left, left_values = self.process_lhs(compiler, connection)
        right, right_values = self.process_rhs(compiler, connection)
        return f"{left} LIKE {right} ESCAPE '!'", [*left_values, *right_values]


def pattern(wanted: str, operator: str) -> str:
    """The pattern of `LIKE` for a text with wildcards under that operator; "" without any."""
    if "*" not in wanted:
        return ""
    pieces = [_SPECIAL.sub(r"!\1", piece) for piece in re.split(r"\*+", wanted)]
    start, end = _ENDS[operator]
    return f"{start}{'%'.join(pieces)}{end}"


def meets(text: str, wanted: str, operator: str) -> bool:
    """Does `text` meet it? Linear."""
    first, *inner, last = re.split(r"\*+", wanted)
    if operator in ("is", "starts") and not text.startswith(first):
        return False
    at = len(first) if operator in ("is", "starts") else _after(text, first, 0)
    for piece in inner:
        if at < 0:
            return False
        at = _after(text, piece, at)
    if at < 0:
        return False
    if operator in ("is", "ends"):
        return text.endswith(last) and len(text) - len(last) >= at
    return text.find(last, at) >= 0


def _after(text: str, piece: str, at: int) -> int:
    """Where the text goes on after the first `piece` from `at` on; -1 when it is not there."""
    found = text.find(piece, at)
    return -1 if found < 0 else found + len(piece)
