"""Subjects without what clients put in front of them."""

from __future__ import annotations

import re

from relance.lib.text import fold, squeeze

_PREFIX = re.compile(
    r"^(?:re|ré|réf|rép|tr|fw|fwd|aw|wg|sv|vs|vb|antw|antwoord|rv|res|enc|rif|odp|pd|ynt|ilt|bls"
    r"|doorst|vl|回复|答复|转发|返信|r|i|tx)"
    r"(?:\s?\[\d{1,3}\]|\s?\(\d{1,3}\)|\^\d{1,3})?\s?[:：]\s*",
    re.IGNORECASE,
)
_FORWARDED = re.compile(r"\s*\((?:fwd|tr)\)\s*$", re.IGNORECASE)
_LONE_LETTER = re.compile(r"^[ri]\s?[:：]\s*\S", re.IGNORECASE)
_MOST = 20


def base_subject(subject: str) -> tuple[str, bool]:
    """(the subject folded, without reply and forward prefixes; whether it had any).

    "RE : Tr: [Salon] Devis" gives ("[salon] devis", True). A lone "R:" or "I:" (Italian) counts
    only in front of another prefix or a capital, so that "r: drive full" keeps its drive.
    """
    text = squeeze(subject)
    had = False
    for _ in range(_MOST):
        found = _PREFIX.match(text)
        if not found or (_LONE_LETTER.match(text) and not text[found.end() :][:1].isupper()):
            break
        text, had = text[found.end() :], True
    shorter = _FORWARDED.sub("", text)
    had = had or shorter != text
    return fold(shorter)[:255], had
