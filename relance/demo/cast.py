"""Who lives in the demo world: Clarté, its customers, and strangers. All domains are .example."""

from __future__ import annotations

from dataclasses import dataclass

from relance.demo.scenes import rows

_LANGUAGES = {"GB": "en", "DE": "de", "ES": "es"}
_DIALLING = {
    "GB": "+44 113 496 0",
    "DE": "+49 721 555 ",
    "ES": "+34 941 00 0",
    "CH": "+41 21 555 0",
}


@dataclass(frozen=True, slots=True)
class Firm:
    """A company: name, domain, city, country (ISO 3166), and the language it writes in."""

    name: str
    domain: str
    city: str = ""
    country: str = "FR"
    language: str = "fr"
    places: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Character:
    """Somebody who writes. `kind` is contact, lead, or "" for whom the CRM does not know."""

    first: str
    last: str
    local: str
    firm: Firm
    title: str = ""
    phone: str = ""
    kind: str = ""

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}".strip()

    @property
    def address(self) -> str:
        return f"{self.local}@{self.firm.domain}"


def _read(name: str, kind: str, *, start: int) -> list[Character]:
    found = []
    for number, row in enumerate(rows(name), start):
        firm_name, domain, city, country, person, local, title, places = row
        language = _LANGUAGES.get(country, "fr")
        firm = Firm(firm_name, domain, city, country, language, tuple(places.split(";")))
        first, _, last = person.partition(" ")
        phone = f"04 00 00 00 {41 + number % 58}"
        if country in _DIALLING:
            phone = f"{_DIALLING[country]}{100 + number}"
        found.append(Character(first, last, local, firm, title, phone, kind))
    return found


CLARTE = Firm("Clarté", "clarte.example", "Lyon")


def _staff(first: str, last: str, title: str, *, local: str = "", phone: str = "") -> Character:
    return Character(first, last, local or first.lower(), CLARTE, title, phone)


CAMILLE = _staff("Camille", "Laurent", "Ingénieure commerciale", phone="04 00 00 00 12")
SOPHIE = _staff("Sophie", "Girard", "Directrice commerciale", phone="04 00 00 00 10")
HUGO = _staff("Hugo", "Marchand", "Responsable logistique", phone="04 00 00 00 15")
INES_BENALI = _staff("Inès", "Benali", "Support", local="ines")
TOM = _staff("Tom", "Whitfield", "Ventes Royaume-Uni")
BILLING = _staff("Facturation", "", "Comptabilité")
#: Companies that Sophie looks after; Camille has the others.
SOPHIES = {
    "Textiles Baudry",
    "Papeterie Lutèce",
    "Clinique des Tilleuls",
    "Ville de Corbas",
    "Ashdown Print",
    "Fonderie Rochat",
    "Brauhaus Lindner",
}

CUSTOMERS = _read("accounts", "contact", start=0)
LEADS = _read("leads", "lead", start=len(CUSTOMERS))
_firm = {c.firm.name: c.firm for c in (*CUSTOMERS, *LEADS)}


def _second(name: str, local: str, firm: str, title: str, phone: str) -> Character:
    first, _, last = name.partition(" ")
    return Character(first, last, local, _firm[firm], title, phone, "contact")


SECOND_CONTACTS = (
    _second("Bruno Astier", "b.astier", "Meunier Logistique", "Chef de site", "04 00 00 00 42"),
    _second("Emma Pike", "emma.pike", "Harlow & Pike", "Finance Manager", "+44 113 496 0188"),
    _second("Luc Ferrand", "l.ferrand", "Laiterie du Vercors", "Maintenance", "04 00 00 00 46"),
)
PEOPLE = (*CUSTOMERS, *SECOND_CONTACTS, *LEADS)


def _stranger(row: list[str]) -> tuple[str, Character]:
    key, name, address, firm, title, phone, language = row
    local, _, domain = address.partition("@")
    first, _, last = name.partition(" ")
    return key, Character(first, last, local, Firm(firm, domain, language=language), title, phone)


STRANGERS = dict(map(_stranger, rows("strangers_cast")))
BY_KEY = {
    **STRANGERS,
    "camille": CAMILLE,
    "sophie": SOPHIE,
    "hugo": HUGO,
    "ines": INES_BENALI,
    "tom": TOM,
    "billing": BILLING,
}
BY_NAME = {c.name: c for c in (*PEOPLE, *BY_KEY.values())}
BY_ADDRESS = {c.address: c for c in BY_NAME.values()}
