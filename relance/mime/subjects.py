"""Subjects without what clients put in front of them."""

import re

from relance.lib.text import fold, squeeze

MAX_BASE = 255
_MOST_PREFIXES = 30
_READ = 1_000

_WORDS = (
    "re|ré|réf|rép|rep|tr|fw|fwd|aw|antw|antwort|wg|sv|svar|vs|vb|vl|vá|továbbítás|antwoord|doorst"
    "|rv|res|enc|rif|odp|pd|ynt|ilt|bls|trs|fs|att|reenv|転送|返信|回复|回覆|答复|答覆|转发|轉寄|r|i"
)
_PREFIX = re.compile(
    rf"(?:{_WORDS})\.?"
    r"(?:\s?\[\d{1,4}\]|\s?\(\d{1,4}\)|\^\d{1,4}|\s?\*\d{1,4})?\s{0,2}[:：]\s*",
    re.IGNORECASE,
)
_LONE_LETTER = re.compile(r"[ri]\s{0,2}[:：]", re.IGNORECASE)
_TAG = re.compile(r"\[[^\[\]]{1,80}\]\s*")
_TRAILING = re.compile(r"\s\((?:fwd|fw|tr|re)\)$", re.IGNORECASE)


def base_subject(subject: str) -> tuple[str, bool]:
    """(the subject folded, without reply and forward prefixes; whether it had any).

    "RE : Tr: [Salon] Devis" gives ("[salon] devis", True). Tags of lists stay, once, whichever
    side of the prefix they stand on. A lone "R:" or "I:" (Italian) counts only before a capital,
    a digit or another prefix, so that "r: drive full" keeps its drive.
    """
    text = squeeze(subject[:_READ])
    tags: list[str] = []
    had = False
    for _ in range(_MOST_PREFIXES):
        tag = _TAG.match(text)
        rest = text[tag.end() :] if tag else text
        length = _prefix_length(rest)
        if tag and (length or had):
            if tag[0].strip() not in tags:
                tags.append(tag[0].strip())
        elif not length:
            break
        had = had or bool(length)
        text = rest[length:]
    shorter = _TRAILING.sub("", text)
    base = " ".join([*tags, shorter])
    return fold(base)[:MAX_BASE].strip(), had or shorter != text


def _prefix_length(text: str) -> int:
    found = _PREFIX.match(text)
    if not found:
        return 0
    following = text[found.end() : found.end() + 1]
    if _LONE_LETTER.match(text) and not (following.isupper() or following.isdigit()):
        return found.end() if _PREFIX.match(text, found.end()) else 0
    return found.end()
