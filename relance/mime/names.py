"""Names of people and companies, read from a display name or an address."""

from __future__ import annotations

import re

from relance.lib.text import squeeze

_BRACKETS = re.compile(r"[(\[][^()\[\]]{0,100}[)\]]")
_VIA = re.compile(r"\s+(?:via|de la part de|on behalf of)\s.{0,100}$", re.IGNORECASE)
_CIVILITY = re.compile(r"^(?:M\.|Mr\.?|Mrs\.?|Ms\.?|Mme\.?|Mlle\.?|Dr\.?|Me)\s+", re.IGNORECASE)
_SEPARATORS = re.compile(r"[._\-+]+")


def person_name(display_name: str, address: str) -> tuple[str, str]:
    """(first name, last name): "Petit, Marion", "DUPONT Jean", "Jean Dupont (ACME)" all work;
    without a name, what the address says ("marie.dupont@…" gives Marie Dupont)."""
    name = squeeze(_VIA.sub("", _BRACKETS.sub(" ", display_name)).strip("\"'"))
    name = _CIVILITY.sub("", name)
    if not name or "@" in name:
        return _from_address(address)
    last, comma, first = name.partition(",")
    if comma and first.strip():
        return _case(first.strip()), _case(last.strip())
    words = name.split()
    if len(words) == 1:
        return "", _case(words[0])
    capitals = [w for w in words if len(w) > 1 and w.isupper()]
    if capitals and len(capitals) < len(words) and words[0].isupper():
        rest = [w for w in words if w not in capitals]
        return " ".join(rest), _case(" ".join(capitals))
    return _case(words[0]), _case(" ".join(words[1:]))


def _from_address(address: str) -> tuple[str, str]:
    local = address.partition("@")[0]
    words = [w for w in _SEPARATORS.split(local) if w and not w.isdigit()]
    if len(words) < 2:
        return "", (words[0].capitalize() if words else local)
    return words[0].capitalize(), " ".join(w.capitalize() for w in words[1:])


def _case(name: str) -> str:
    """Names all in one case are given capitals; "d'Alembert" or "McKay" stay as written."""
    if name.isupper() and len(name) > 2 or name.islower():
        return re.sub(r"[^\W\d_]+", lambda m: m[0].capitalize(), name)
    return name


def company_from_domain(domain: str) -> str:
    """ "belle-rive.example" gives "Belle Rive": a guess to start from."""
    labels = [x for x in domain.lower().split(".") if x]
    known = {"co", "com", "gouv", "gov", "ac", "org", "net", "asso"}
    while len(labels) > 2 and labels[-2] in known:
        labels.pop(-2)
    stem = labels[-2] if len(labels) > 1 else (labels[0] if labels else "")
    return " ".join(w.capitalize() for w in stem.split("-") if w)
