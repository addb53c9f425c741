"""The sender's own words, her signature, and what she quotes: told apart, never losing a word.

Clients of both languages: Gmail, Outlook, Thunderbird, Apple Mail, Zimbra, phones.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from relance.lib.text import shorten, squeeze

# "Le mar. 3 nov. 2026 à 10:02, X <x@y> a écrit :"  "On Tue, 3 Nov 2026 at 10:02, X wrote:"
_ATTRIBUTION = re.compile(
    r"^(?:>\s?)*(?:(?:Le|El|Il|Em)\b.{4,300}(?:a écrit|escribió|ha scritto|escreveu)\s*:"
    r"|On\b.{4,300}\bwrote\s*:|Am\b.{4,300}\bschrieb\b.{0,200}:|Op\b.{4,300}\bschreef\b.{0,200}:"
    r"|.{3,200}<[^<>\s]+@[^<>\s]+>\s*(?:a écrit|wrote)\s*:)\s*$",
    re.IGNORECASE,
)
_HALF = re.compile(r"^(?:Le|On|Am|El|Il)\b.{4,200}$", re.IGNORECASE)
_SEPARATOR = re.compile(
    r"^\s*(?:-{2,}\s*(?:Message d['’]origine|Original Message|Message transféré|Forwarded message"
    r"|Ursprüngliche Nachricht|Mensaje original|Messaggio originale|Mail original"
    r"|Début du message réexpédié|Begin forwarded message)\s*-{0,}|_{20,}"
    r"|(?:Début du message réexpédié|Begin forwarded message)\s*:)\s*$",
    re.IGNORECASE,
)
_FROM_LINE = re.compile(r"^\s*\*?(?:De|From|Von|Da)\s?:\*?\s?\S", re.IGNORECASE)
_SENT_LINE = re.compile(
    r"^\s*\*?(?:Envoyé(?: le)?|Sent|Date|Gesendet|Enviado|À|A|To|Objet|Subject)\s?:",
    re.IGNORECASE,
)
_PHONE_LINE = re.compile(
    r"^\s*(?:Envoyé de(?:puis)? (?:mon|ma)\b.{0,60}|Sent from (?:my|a)\b.{0,60}"
    r"|Sent from Outlook.{0,40}|Télécharge[rz] Outlook.{0,60}|Get Outlook for.{0,60}"
    r"|Obtenir Outlook pour.{0,60})\s*$",
    re.IGNORECASE,
)
_LONGEST_LINE = 600


@dataclass(frozen=True, slots=True)
class Block:
    """A run of lines: kind "own", "quote" or "signature". Joined, the blocks give the text."""

    kind: str
    text: str


def split_quotes(text: str) -> list[Block]:
    """Cut `text` into blocks whose texts, joined, are `text` again, to the character."""
    lines = text.splitlines(keepends=True)
    kinds = _kinds(lines)
    blocks: list[Block] = []
    start = 0
    for n in range(1, len(lines) + 1):
        if n == len(lines) or kinds[n] != kinds[start]:
            blocks.append(Block(kinds[start], "".join(lines[start:n])))
            start = n
    return blocks


def own_words(text: str, *, limit: int = 200) -> str:
    """The first words the sender wrote herself, on one line, at most `limit` characters; the
    first words of the whole when she wrote none."""
    head = text[: limit * 20]
    own = "".join(b.text for b in split_quotes(head) if b.kind == "own")
    words = squeeze(own) or squeeze(head.replace(">", " "))
    return shorten(words[: limit * 2], limit)


def _kinds(lines: list[str]) -> list[str]:
    kinds = ["own"] * len(lines)
    n = 0
    while n < len(lines):
        line = lines[n].rstrip("\r\n")[:_LONGEST_LINE]
        if _starts_history(lines, n, line):
            for k in range(n, len(lines)):
                kinds[k] = "quote"
            break
        if _is_attribution(lines, n, line):
            taken = 1 if _ATTRIBUTION.match(line) else 2
            for k in range(n, n + taken):
                kinds[k] = "quote"
            n += taken
            continue
        if line.startswith(">"):
            kinds[n] = "quote"
        elif line in ("-- ", "--") or _PHONE_LINE.match(line):
            n = _signature(lines, n, kinds)
            continue
        n += 1
    _close_gaps(lines, kinds)
    return kinds


def _signature(lines: list[str], n: int, kinds: list[str]) -> int:
    """Mark the signature that starts at line `n`; it ends where a quote begins."""
    while n < len(lines):
        line = lines[n].rstrip("\r\n")[:_LONGEST_LINE]
        quoting = line.startswith(">") or _is_attribution(lines, n, line)
        if quoting or _starts_history(lines, n, line):
            break
        kinds[n] = "signature"
        n += 1
    return n


def _is_attribution(lines: list[str], n: int, line: str) -> bool:
    """An attribution line, also one wrapped over two lines, followed by a quote or nothing own."""
    if _ATTRIBUTION.match(line):
        return True
    if n + 1 < len(lines) and _HALF.match(line):
        both = line.rstrip() + " " + lines[n + 1].strip()[:_LONGEST_LINE]
        return bool(_ATTRIBUTION.match(both))
    return False


def _starts_history(lines: list[str], n: int, line: str) -> bool:
    """Outlook's way: a separator or a block of headers, and all that follows is old."""
    if _SEPARATOR.match(line) and not line.startswith("_"):
        return True
    at = n
    if line.startswith("____"):
        at = n + 1
        while at < len(lines) and not lines[at].strip():
            at += 1
    if at >= len(lines) or not _FROM_LINE.match(lines[at][:_LONGEST_LINE]):
        return False
    following = [x for x in lines[at + 1 : at + 5] if _SENT_LINE.match(x[:_LONGEST_LINE])]
    return len(following) >= 2


def _close_gaps(lines: list[str], kinds: list[str]) -> None:
    """Blank lines between two quoted ones belong to the quote."""
    last = -1
    for n, kind in enumerate(kinds):
        if lines[n].strip():
            if last >= 0 and n - last > 1 and kind == "quote" and kinds[last] == "quote":
                for k in range(last + 1, n):
                    kinds[k] = "quote"
            last = n


_PHONE = re.compile(r"(?:\+\d{1,3}[\s.]?)?(?:\(0\))?\d(?:[\s.\-]?\d){7,13}")
_CLOSING = re.compile(
    r"^\s*(?:bien à vous|cordialement|bien cordialement|sincères salutations|à bientôt|merci"
    r"|best regards|kind regards|regards|best|sincerely|thanks|cheers|mit freundlichen grüßen"
    r"|saludos)\b.{0,60}$",
    re.IGNORECASE,
)
_ADDRESS_LIKE = re.compile(r"@|https?:|www\.|\d{5}")


def signature_fields(text: str) -> dict[str, str]:
    """ "title", "company", "phone" as read in the sender's own signature; absent when unsure."""
    lines = [x.strip() for x in _last_lines(text)]
    fields: dict[str, str] = {}
    for line in lines:
        phone = _PHONE.search(line)
        if phone and "phone" not in fields:
            fields["phone"] = phone[0].strip()
    role = next((x for x in lines[1:] if _looks_like_role(x)), "")
    if role:
        title, separator, company = _cut_role(role)
        fields["title"] = title
        if separator and company:
            fields["company"] = company
    return fields if len(lines) > 1 else {}


def _cut_role(line: str) -> tuple[str, str, str]:
    for separator in (", ", " | ", " – ", " — ", " - ", " · ", " chez ", " at "):
        title, found, company = line.partition(separator)
        if found:
            return title.strip()[:150], found, company.strip(" ,|")[:200]
    return line[:150], "", ""


def _looks_like_role(line: str) -> bool:
    words = line.split()
    return (
        1 <= len(words) <= 10
        and not _ADDRESS_LIKE.search(line)
        and not _PHONE.search(line)
        and not line.endswith((".", "!", "?", ",", ":"))
        and line[0].isupper()
    )


def _last_lines(text: str) -> list[str]:
    """The lines of the signature: after "-- ", after a closing formula, or the last few."""
    blocks = split_quotes(text[:100_000])
    marked = [b.text for b in blocks if b.kind == "signature"]
    if marked:
        lines = [x for x in marked[0].splitlines() if x.strip() and x.strip() != "--"]
        return lines[:6]
    own = [x for x in "".join(b.text for b in blocks if b.kind == "own").splitlines()]
    while own and not own[-1].strip():
        own.pop()
    start = len(own)
    while start > 0 and own[start - 1].strip() and len(own) - start < 6:
        start -= 1
    lines = own[start:]
    if lines and _CLOSING.match(lines[0]):
        lines = lines[1:]
    return lines if 2 <= len(lines) <= 5 and len(lines[0].split()) <= 4 else []
