"""What a customer's mails are about, and how each of them writes: places, numbers, manners."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from datetime import datetime

from relance.demo.cast import CLARTE, CUSTOMERS, Character

_PRODUCTS = {
    "fr": (
        *(
            "réglettes étanches",
            "suspensions",
            "spots sur rail",
            "projecteurs",
            "dalles lumineuses",
        ),
        *("bornes extérieures", "hublots", "profilés encastrés", "blocs de secours", "appliques"),
    ),
    "en": (
        *("linear battens", "pendants", "track spots", "flood lights", "ceiling panels"),
        *("bollards", "emergency units", "recessed profiles", "wall lights"),
    ),
    "de": ("Lichtleisten", "Pendelleuchten", "Stromschienenstrahler", "Fluter", "Wandleuchten"),
    "es": ("regletas estancas", "luminarias colgantes", "focos de carril", "apliques"),
}
_TECHNICIANS = ("Yves", "Karine", "Mehdi", "Bastien")
_ARTICLE = re.compile(r"(?:les? |la |l’)", re.IGNORECASE)
_FRENCH = (
    (re.compile(r"\b(d)e les\b", re.I), r"\1es"),
    (re.compile(r"\b(d)e le\b", re.I), r"\1u"),
    (re.compile(r" (?=[?!;»])"), "\u202f"),
    (re.compile(r"(?<=«) "), "\u202f"),
    (re.compile(r"(?<=\w) (?=:)"), "\u00a0"),
    (re.compile(r"(?<=\d) (?=[\d%€°])"), "\u202f"),
)
_SPANISH = ((re.compile(r"\bde el\b"), "del"),)
_CLOSINGS = {
    "fr": ("Cordialement,", "Bien à vous,", "Bonne journée,", "Bien cordialement,", "À bientôt,"),
    "en": ("Best regards,", "Kind regards,", "Many thanks,", "Best wishes,"),
    "de": ("Mit freundlichen Grüßen", "Viele Grüße"),
    "es": ("Un saludo,", "Saludos cordiales,"),
}
_BRITISH = [c.firm.name for c in CUSTOMERS if c.firm.country == "GB"]


@dataclass(frozen=True, slots=True)
class Capital:
    """The same word as another, begun with a capital: `{Weekday:4}`."""

    word: object

    def __format__(self, spec: str) -> str:
        return capital(format(self.word, spec))


def facts(person: Character, number: int, at: datetime, *, is_second: bool) -> dict[str, str]:
    """What the texts of one customer name, the same in all mails of one project."""
    firm, language = person.firm, person.firm.language
    seed = zlib.crc32(f"{firm.name}{is_second}".encode())
    places = firm.places[1:] if is_second else firm.places
    quantity = 8 + seed % 80
    products = _PRODUCTS[language]
    return {
        "firm": firm.name,
        "firm_gb": _BRITISH[number % len(_BRITISH)],
        "city": firm.city,
        "p": places[0],
        "P": capital(places[0]),
        "dp": f"de {places[0]}",
        "ap": f"côté {_ARTICLE.sub('', places[0], count=1)}",
        "p2": places[1],
        "P2": capital(places[1]),
        "slug": firm.domain.partition(".")[0],
        "xs": products[seed // 7 % len(products)],
        "n": str(quantity),
        "m2": str(quantity * 12),
        "amount": f"{quantity * (140 + seed % 90):,}".replace(",", "\u202f"),
        "q": f"{at.year}-{10 + seed % 90:03}",
        "o": f"C{2000 + seed % 7000}",
        "f": f"F{at.year % 100}-{300 + seed % 600}",
        "r": str(3 + seed % 6),
        "t": str(100 + seed % 370),
        "pc": str(38 + seed % 27),
        "lux": str(90 + seed % 60),
        "lux2": str(300 if seed % 2 else 500),
        "temp": str(34 + seed % 7),
        "tech": _TECHNICIANS[seed % len(_TECHNICIANS)],
    }


def dressed(text: str, pair: tuple[Character, Character], turn: int, language: str) -> str:
    """`text` with the greeting and the closing its writer uses; colleagues use none."""
    writer, reader = pair
    if writer.firm == reader.firm or not writer.title:
        return text
    habit = zlib.crc32(f"{writer.name}{turn}".encode())
    closings = _CLOSINGS[language]
    body = f"{_greeting(writer, reader, turn, language)}{text}"
    if turn > 1 and habit % 3:
        return body
    return f"{body}\n\n{closings[habit % len(closings)]}\n{writer.first}"


def _greeting(writer: Character, reader: Character, turn: int, language: str) -> str:
    """Everybody has her own way to begin, and few do so in a third mail."""
    habit = zlib.crc32(writer.name.encode())
    if turn > 1 and habit % 4:
        return ""
    knows = writer.firm == CLARTE or habit % 2
    names = {
        "fr": f"Bonjour {reader.first}," if knows else "Bonjour,",
        "en": f"{'Hi' if habit % 3 else 'Hello'} {reader.first},",
        "de": "Guten Tag,",
        "es": f"Buenos días, {reader.first}:" if knows else "Buenos días:",
    }
    return f"{names[language]}\n\n"


def polish(text: str, language: str) -> str:
    """Contractions, the thin spaces of French, and a capital where a paragraph begins."""
    for pattern, instead in {"fr": _FRENCH, "es": _SPANISH}.get(language, ()):
        text = pattern.sub(instead, text)
    if language == "de":
        return text
    return "\n\n".join(capital(paragraph) for paragraph in text.split("\n\n"))


def capital(text: str) -> str:
    """`text`, its first letter a capital."""
    return text[:1].upper() + text[1:]
