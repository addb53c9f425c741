"""Function, company and telephone read in a signature: proposed to the reader, never saved alone.

Only the sender's own block is read: what follows "-- ", else what follows a closing formula, else
a last paragraph that begins with a name.
"""

import re

_MOST_LINES = 8
_PHONE = re.compile(r"(?<![\w/])(?:\+|00)?\(?\d(?:[\s.\-/\u00a0\u202f()]{0,2}\d){7,14}(?!\w)")
_PHONE_DIGITS = range(9, 16)
_CLOSING = re.compile(
    r"(?:(?:bien |très |tr[eè]s )?(?:cordialement|à vous|sincèrement)|(?:avec )?mes salutations"
    r"|(?:sincères|meilleures|respectueuses) salutations|salutations|à bientôt|belle journée"
    r"|bonne (?:journée|soirée|réception)|amicalement|cdlt|bàv|merci d['’]avance"
    r"|(?:best|kind|warm|many)?\s?(?:regards|wishes|thanks)|best|sincerely|yours|cheers"
    r"|mit freundlichen grüßen|viele grüße|mfg|un saludo|saludos|cordiali saluti)\b.{0,40}$",
    re.IGNORECASE,
)
_ROLE = re.compile(
    r"\b(?:direct(?:eur|rice|or)|responsable|chargée?|gérante?|g[ée]rance|président[e]?|president"
    r"|associée?|fondat(?:eur|rice)|co-?fondat(?:eur|rice)|founder|co-?founder|manager|head|chief"
    r"|ceo|cto|cfo|coo|cmo|pdg|dg|daf|drh|dsi|officer|assistante?|assistant|secrétaire|comptable"
    r"|acheteu(?:r|se)|buyer|commerciale?|sales|account|consultante?|consultant|ingénieure?"
    r"|engineer|technicien(?:ne)?|architecte?|designer|développeu(?:r|se)|developer|chef|cheffe"
    r"|conseill(?:er|ère)|coordinat(?:eur|rice)|coordinator|adjointe?|attachée?|juriste|avocate?"
    r"|notaire|propriétaire|owner|partner|geschäftsführer(?:in)?|leiter(?:in)?|einkauf|vertrieb"
    r"|vice|vp|lead|stagiaire|intern|office|décorat(?:eur|rice)|intendante?)\b",
    re.IGNORECASE,
)
_LEGAL = re.compile(
    r"\b(?:SARL|SASU?|EURL|SCI|SCOP|GmbH|AG|Ltd|LLC|Inc|Corp|BV|NV|SpA|SRL|SL|S\.A\.?S?)\b"
)
_PLACE = re.compile(
    r"@|https?:|www\.|\b\d{4,5}\b|\b(?:rue|avenue|boulevard|place|chemin|route|quai|street|road"
    r"|straße|strasse|cedex|bp)\b|^\W*$",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"\b(?:t[ée]l(?:[ée]phone)?|phone|mobile|mob|port(?:able)?|fixe|fax|ligne)\b.{0,20}$", re.I
)
_SEPARATOR = re.compile(r",\s|\s[|/·–—•-]\s|\schez\s|\sat\s|\s@\s")


def fields_of(marked: str, own: str) -> dict[str, str]:
    """ "title", "company", "phone", each only when found, from the block marked as signature
    ("" if none was) or from the end of the sender's own words."""
    lines = _block(marked, own)[:_MOST_LINES]
    found: dict[str, str] = {}
    phone = next((p for p in map(_phone_of, lines) if p), "")
    if phone:
        found["phone"] = phone
    pieces = [piece for line in lines[1:] for piece in _pieces(line)]
    role = next((n for n, piece in enumerate(pieces) if _ROLE.search(piece)), -1)
    if role >= 0:
        found["title"] = pieces[role][:150]
    company = _company(pieces, role)
    if company:
        found["company"] = company[:200]
    return found


def _block(marked: str, own: str) -> list[str]:
    if marked:
        return [s for line in marked.splitlines()[:30] if (s := line.strip(" \t*_-—|"))]
    lines = [line.strip(" \t*_|") for line in own[-3_000:].rstrip().splitlines()]
    for number in range(len(lines) - 1, max(len(lines) - 12, -1), -1):
        if _CLOSING.match(lines[number]):
            return [line for line in lines[number + 1 :] if line]
    return _last_paragraph(lines)


def _last_paragraph(lines: list[str]) -> list[str]:
    start = len(lines)
    while start > 0 and lines[start - 1]:
        start -= 1
    paragraph = lines[start:]
    if not 2 <= len(paragraph) <= _MOST_LINES or not _is_name(paragraph[0]):
        return []
    return paragraph


def _is_name(line: str) -> bool:
    words = line.split()
    return 1 <= len(words) <= 4 and all(w[0].isupper() for w in words) and line[-1].isalpha()


def _phone_of(line: str) -> str:
    """The first telephone number of a line, a fax left out."""
    for match in _PHONE.finditer(line[:300]):
        label = _LABEL.search(line[: match.start()])
        if label and "fax" in label[0].lower():
            continue
        if sum(c.isdigit() for c in match[0]) in _PHONE_DIGITS:
            return match[0].strip(" .-/")
    return ""


def _pieces(line: str) -> list[str]:
    """The parts of a line that may be a function or a company."""
    found = [piece.strip(" ,|/·–—•-") for piece in _SEPARATOR.split(line[:300])]
    return [
        p for p in found if p and not _PLACE.search(p) and not _PHONE.search(p) and _is_label(p)
    ]


def _is_label(piece: str) -> bool:
    return len(piece.split()) <= 9 and piece[-1] not in ".!?:" and not piece[0].islower()


def _company(pieces: list[str], role: int) -> str:
    legal = next((piece for piece in pieces if _LEGAL.search(piece)), "")
    if legal:
        return legal
    after = pieces[role + 1 : role + 2] if role >= 0 else []
    if after and not _ROLE.search(after[0]):
        return after[0]
    return pieces[role - 1] if role > 0 else ""
