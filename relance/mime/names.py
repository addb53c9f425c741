"""Names of people and companies, read from a display name or an address."""

import re

from relance.lib.text import squeeze

_MAX = 100
_BRACKETS = re.compile(r"[(\[][^()\[\]]{0,100}[)\]]")
_AFTER = re.compile(
    r"\s(?:via|de la part de|on behalf of|\||-|–|—|@|chez|c/o)\s.{0,200}$", re.IGNORECASE
)
_CIVILITY = re.compile(
    r"^(?:M\.|M(?=\s)|Mr\.?|Mrs\.?|Ms\.?|Mme\.?|Mlle\.?|Dr\.?|Me\.?|Maître|Monsieur|Madame"
    r"|Herr|Frau|Sr\.|Sra\.)\s+(?=\S)",
    re.IGNORECASE,
)
_SEPARATORS = re.compile(r"[._\-+]+")
_PARTICLES = {
    "de",
    "du",
    "des",
    "le",
    "la",
    "van",
    "von",
    "der",
    "den",
    "di",
    "da",
    "del",
    "el",
    "ter",
}
_WORD = re.compile(r"[^\W\d_]+")
_ROLES = {
    *("contact", "info", "infos", "information", "sales", "commercial", "admin", "office", "hello"),
    *("bonjour", "support", "service", "compta", "comptabilite", "facturation", "billing", "rh"),
    *("noreply", "no", "accueil", "reception", "direction", "secretariat", "webmaster", "team"),
    *("achats", "achat", "reservation", "reservations", "newsletter", "news", "mail", "postmaster"),
}
_SECOND_LEVEL = {"co", "com", "gouv", "gov", "ac", "org", "net", "asso", "edu"}


def person_name(display_name: str, address: str) -> tuple[str, str]:
    """(first name, last name).

    "Petit, Marion", "DUPONT Jean", "Jean Dupont (ACME)" and "M. Jean Dupont" all work; without a
    usable name the address tells ("marie.dupont@…" gives Marie Dupont). A single word is a last
    name. Either may be "".
    """
    name = _BRACKETS.sub(" ", squeeze(display_name[:300]))
    name = squeeze(_AFTER.sub("", name)).strip("\"'‘’“” ,;")
    name = _CIVILITY.sub("", name)
    if not _WORD.search(name) or "@" in name:
        return _from_address(address)
    last, comma, first = (piece.strip() for piece in name.partition(","))
    if comma and first and last:
        return _case(first)[:_MAX], _case(last)[:_MAX]
    first, last = _split(name.split())
    return first[:_MAX], last[:_MAX]


def _split(words: list[str]) -> tuple[str, str]:
    """First and last name of words without a comma; capitals alone mark the last name."""
    if len(words) == 1:
        return "", _case(words[0])
    loud = [_is_loud(word) for word in words]
    if any(loud) and not all(loud):
        start = 0
        while not loud[start]:
            start += 1
        stop = len(words)
        if start == 0:
            stop = next(n for n, is_loud in enumerate(loud) if not is_loud)
        while start > 0 and words[start - 1].lower() in _PARTICLES:
            start -= 1
        first, last = words[:start] + words[stop:], words[start:stop]
        return _case(" ".join(first)), _case(" ".join(last))
    return _case(words[0]), _case(" ".join(words[1:]))


def _is_loud(word: str) -> bool:
    return word.isupper() and len(word) > 1 and not word.endswith(".")


def _from_address(address: str) -> tuple[str, str]:
    local = address.partition("@")[0].partition("+")[0].strip("\"' ")
    words = [word for piece in _SEPARATORS.split(local) if (word := piece.strip("0123456789"))]
    if not words:
        return "", local[:_MAX]
    if len(words) == 1 or words[0].lower() in _ROLES:
        return "", " ".join(words).capitalize()[:_MAX]
    first, *rest = words
    first = f"{first.upper()}." if len(first) == 1 else first.capitalize()
    return first[:_MAX], " ".join(word.capitalize() for word in rest)[:_MAX]


def _case(name: str) -> str:
    """Words all in one case are given capitals; "McKay" and a particle stay as written."""
    return " ".join(_case_word(word) for word in name.split())


def _case_word(word: str) -> str:
    if word.lower() in _PARTICLES:
        return word.lower() if word.isupper() else word
    if (word.isupper() and len(word) > 2) or word.islower():
        return _WORD.sub(lambda m: m[0].capitalize(), word)
    return word


def company_from_domain(domain: str) -> str:
    """ "belle-rive.example" gives "Belle Rive": a guess to start from, "" when there is none."""
    labels = [label for label in domain.lower().strip(".").split(".") if label]
    if len(labels) < 2:
        return ""
    while len(labels) > 2 and labels[-2] in _SECOND_LEVEL:
        labels.pop(-2)
    return " ".join(word.capitalize() for word in labels[-2].split("-") if word)[:_MAX]
