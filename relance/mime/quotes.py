"""The sender's own words, her signature, and what she quotes: told apart, never losing a word.

Clients of both languages and their neighbours: Gmail, Outlook, Thunderbird, Apple Mail, Zimbra,
Yahoo, phones. Every pattern is bounded and looks at one line (an attribution at four), so the
work grows with the length of the text and no faster.
"""

import re
from dataclasses import dataclass

from relance.lib.text import shorten
from relance.mime.signature import fields_of

_LONGEST_LINE = 600
_ATTRIBUTION_LINES = 4
_LONGEST_SIGNATURE = 30
_DELIMITERS = frozenset(("--", "—", "__"))
_SNIPPET_READS = 8  # characters looked at for each character of a snippet

_WROTE = re.compile(
    r"\b(?:(?:a|à|avez|as|ont) écrit|wrote|writes|schrieb|escribi[óo]|ha scritto|escreveu|schreef"
    r"|skrev|napisał(?:\(a\)|a)?|kirjoitti|написал(?:\(а\)|а)?)\b",
    re.IGNORECASE,
)
_OPENING = re.compile(r"(?:le|on|am|el|il|em|op|den|dnia|w dniu|mer|pe)\b", re.IGNORECASE)
_TIME = re.compile(r"\b\d{1,2}\s?(?:[:.]|h|\bh\s)\s?\d{2}\b|<[^<>\s]{1,200}@[^<>\s]{1,200}>")
_ADDRESSED = re.compile(r".{0,200}<[^<>\s]{1,200}@[^<>\s]{1,200}>")
_NAMES_OF_OLD = (
    "message d['’]origine|message original|message transf[ée]r[ée]|message r[ée]exp[ée]di[ée]"
    "|mail original|mail transf[ée]r[ée]|e-?mail d['’]origine|courriel original"
    "|original message|original mail|forwarded message|forwarded mail|reply message"
    "|urspr[üu]ngliche nachricht|weitergeleitete nachricht|mensaje original|mensaje reenviado"
    "|messaggio originale|messaggio inoltrato|mensagem original|oorspronkelijk bericht"
)
_SEPARATOR = re.compile(
    rf"(?:[-_=*]{{2,40}}\s{{0,5}}(?:{_NAMES_OF_OLD})\s{{0,5}}:?\s{{0,5}}[-_=*]{{0,40}}"
    r"|(?:d[ée]but du message (?:r[ée]exp[ée]di[ée]|transf[ée]r[ée])|begin forwarded message"
    r"|anfang der weitergeleiteten nachricht)\s{0,5}:)$",
    re.IGNORECASE,
)
_FROM_LINE = re.compile(r"\*?(?:de|from|von|da|van|från|fra|od|expéditeur)\s?:\s?\*?\s?\S", re.I)
_OTHER_LINE = re.compile(
    r"\*?(?:envoyé(?: le)?|sent|date|gesendet|enviado(?: el)?|inviato|verzonden|skickat|à|a|to|an"
    r"|para|aan|till|cc|objet|subject|betreff|asunto|oggetto|onderwerp|ämne|répondre à|reply-to)"
    r"\s?:",
    re.IGNORECASE,
)
_RULE = re.compile(r"[_\-=*]{10,200}$")
_PHONE_LINE = re.compile(
    r"(?:envoyé (?:de(?:puis)?|à partir d[e'’])\s?.{0,60}(?:iphone|ipad|mobile|smartphone|android"
    r"|téléphone|portable|samsung|galaxy|outlook|orange|sfr|yahoo|proton ?mail|mail pour windows"
    r"|appareil)"
    r"|sent (?:from|via|with) .{0,60}(?:iphone|ipad|mobile|smartphone|phone|android|samsung|galaxy"
    r"|blackberry|outlook|yahoo|proton ?mail|mail for windows|device)|télécharge[rz] outlook pour"
    r"|obtenir outlook pour|get outlook for|von meinem .{0,40} gesendet|gesendet von )"
    r".{0,80}$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Block:
    """A run of lines: kind "own", "quote" or "signature". Joined, the blocks give the text."""

    kind: str
    text: str


def split_quotes(text: str) -> list[Block]:
    """Cut `text` into blocks whose texts, joined, are `text` again, to the character."""
    lines = text.splitlines(keepends=True)
    kinds = _kinds([line[:_LONGEST_LINE].strip() for line in lines])
    blocks: list[Block] = []
    start = 0
    for number in range(1, len(lines) + 1):
        if number == len(lines) or kinds[number] != kinds[start]:
            blocks.append(Block(kinds[start], "".join(lines[start:number])))
            start = number
    return blocks


def own_words(text: str, *, limit: int = 200) -> str:
    """The first words the sender wrote herself, on one line, at most `limit` characters; the
    first words of the whole when she wrote none."""
    head = text[: limit * _SNIPPET_READS]
    own = "".join(block.text for block in split_quotes(head) if block.kind == "own")
    words = " ".join(own.split()) or " ".join(head.replace(">", " ").split())
    return shorten(words[: limit * 2], limit)


def signature_fields(text: str) -> dict[str, str]:
    """ "title", "company" and "phone" read in the sender's own signature; a key is absent when
    nothing sure was found."""
    blocks = split_quotes(text[:100_000])
    marked = [block.text for block in blocks if block.kind == "signature"]
    own = "".join(block.text for block in blocks if block.kind == "own")
    return fields_of(marked[0] if marked else "", own)


def _kinds(lines: list[str]) -> list[str]:
    """The kind of each (stripped) line."""
    kinds = ["own"] * len(lines)
    number = 0
    while number < len(lines):
        line = lines[number]
        if not line:
            kinds[number] = kinds[number - 1] if number else "own"
        elif line[0] == ">":
            kinds[number] = "quote"
        elif _starts_history(lines, number):
            _mark(kinds, number, len(lines))
            break
        elif line[-1] == ":" and _marked_attribution(lines, number, kinds):
            break
        elif len(line) < 160 and _PHONE_LINE.match(line):
            kinds[number] = "signature"
        number += 1
    _mark_signatures(lines, kinds)
    return kinds


def _mark(kinds: list[str], start: int, stop: int, kind: str = "quote") -> None:
    kinds[start:stop] = [kind] * (stop - start)


def _marked_attribution(lines: list[str], last: int, kinds: list[str]) -> bool:
    """Mark the attribution that ends on line `last`, if it is one; True when, no quote following
    it, all the rest is old."""
    first = _attribution_start(lines, last)
    if first < 0:
        return False
    following = next((line for line in lines[last + 1 : last + 4] if line), "")
    if following.startswith(">"):
        _mark(kinds, first, last + 1)
        return False
    sure = bool(_TIME.search(" ".join(lines[first : last + 1])))
    if sure:
        _mark(kinds, first, len(lines))
    return sure


def _attribution_start(lines: list[str], last: int) -> int:
    """The first line of the attribution ending on line `last`; -1 when there is none there.

    "Le mar. 3 nov. 2026 à 10:02, Jean <j@x> a écrit :", "On 3 Nov 2026, at 10:02, X wrote:",
    also folded over several lines; or, in front of a quote, a plain "X wrote:".
    """
    window = range(last, max(last - _ATTRIBUTION_LINES, -1), -1)
    if not _WROTE.search(f"{lines[last - 1]} {lines[last]}" if last else lines[last]):
        return -1
    for number in window:
        if not lines[number] or lines[number][0] == ">":
            break
        if _OPENING.match(lines[number]):
            return number
    following = next((line for line in lines[last + 1 : last + 3] if line), "")
    simple = following.startswith(">") or _ADDRESSED.match(lines[last])
    return last if simple and _WROTE.search(lines[last]) else -1


def _starts_history(lines: list[str], number: int) -> bool:
    """A separator, or a block of headers in Outlook's way: all that follows is old."""
    line = lines[number]
    if line[0] in "-_=*" or line[-1] == ":":
        if _SEPARATOR.match(line):
            return True
        if not _RULE.match(line):
            return line[0] == "*" and _is_header_block(lines, number)
        number = next(
            (n for n in range(number + 1, min(number + 3, len(lines))) if lines[n]), number
        )
    return _is_header_block(lines, number)


def _is_header_block(lines: list[str], number: int) -> bool:
    if ":" not in lines[number][:14] or not _FROM_LINE.match(lines[number]):
        return False
    following = lines[number + 1 : number + 9]
    return sum(bool(line) and bool(_OTHER_LINE.match(line)) for line in following) >= 2


def _mark_signatures(lines: list[str], kinds: list[str]) -> None:
    """In each run of own lines, what stands below the last "-- " is the signature."""
    if _DELIMITERS.isdisjoint(lines):
        return
    start = 0
    for number in range(1, len(lines) + 1):
        if number == len(lines) or kinds[number] != kinds[start]:
            if kinds[start] == "own":
                _mark_signature(lines, kinds, start, number)
            start = number


def _mark_signature(lines: list[str], kinds: list[str], start: int, stop: int) -> None:
    lowest = max(start, stop - _LONGEST_SIGNATURE * 2)
    for number in range(stop - 1, lowest - 1, -1):
        if lines[number] in _DELIMITERS and number > 0:
            if sum(bool(line) for line in lines[number:stop]) <= _LONGEST_SIGNATURE:
                _mark(kinds, number, stop, "signature")
            return


def is_attribution(text: str) -> bool:
    """Whether the last lines of `text` are an attribution ("Le … à 10:02, X a écrit :")."""
    lines = [line for raw in text.splitlines()[-6:] if (line := raw[:_LONGEST_LINE].strip())]
    if not lines or lines[-1][-1] != ":":
        return False
    first = _attribution_start([*lines, ">"], len(lines) - 1)
    return first >= 0


def is_header_block(text: str) -> bool:
    """Whether `text` begins with the headers of an older mail ("De : … Envoyé : …")."""
    lines = [line for raw in text.splitlines()[:40] if (line := raw[:_LONGEST_LINE].strip())]
    return bool(lines) and _is_header_block(lines, 0)
