"""Text that people compare: folding, initials, ellipses."""

import functools
import re
import unicodedata
import zlib

_SPACES = re.compile(r"\s+")
_LIGATURES = {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "’": "'"}
_LIGATURE = re.compile("[œæøł’]")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")
_SHORT_RUN = 16
_COMBINING = re.compile(r"[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u064b-\u065f\u20d0-\u20f0]+")


def fold(text: str) -> str:
    """`text` without accents or case, for comparing: "Éloïse" and "eloise" fold alike.

    SQLite folds ASCII only, so folded columns are written beside the readable ones.
    """
    if text.isascii():
        return text.lower()
    return _BEYOND_ASCII.sub(_fold_found, text.casefold())


def _fold_found(found: re.Match[str]) -> str:
    run = found[0]
    return _fold_run(run) if len(run) <= _SHORT_RUN else _fold_run.__wrapped__(run)


@functools.lru_cache(maxsize=4096)
def _fold_run(run: str) -> str:
    """Western text has few such runs, the same again and again: remembered, half the time."""
    plain = _LIGATURE.sub(lambda found: _LIGATURES[found[0]], run)
    return _COMBINING.sub("", unicodedata.normalize("NFKD", plain))


def squeeze(text: str) -> str:
    """`text` on one line, runs of white space made one space, ends trimmed."""
    return _SPACES.sub(" ", text).strip()


def shorten(text: str, length: int) -> str:
    """At most `length` characters, cut at a word where possible, with an ellipsis if cut."""
    if len(text) <= length:
        return text
    head = text[: length - 1]
    space = head.rfind(" ")
    return (head[:space] if space > length // 2 else head).rstrip(" ,;:.") + "…"


def initials(name: str) -> str:
    """One or two capitals for an avatar: "Éloïse Garnier" gives "ÉG"; "" gives "?"."""
    words = [w for w in re.split(r"[^\w]+", name) if w and w[0].isalpha()]
    if not words:
        return "?"
    letters = words[0][0] + (words[-1][0] if len(words) > 1 else words[0][1:2])
    return letters.upper()


def hue(key: str) -> int:
    """One of the eight avatar hues (1–8), always the same for one address."""
    return zlib.crc32(key.encode("utf-8", "replace")) % 8 + 1
