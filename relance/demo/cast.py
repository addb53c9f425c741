"""Who lives in the demo world: Clarté, its customers, and strangers. All domains are .example."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Firm:
    """A company: name, domain, city, country (ISO 3166), and the language it writes in."""

    name: str
    domain: str
    city: str = ""
    country: str = "FR"
    language: str = "fr"


@dataclass(frozen=True, slots=True)
class Character:
    """Somebody who writes. `kind` is contact, lead, or "" for whom the CRM does not know."""

    first: str
    last: str
    local: str
    firm: Firm
    title: str = ""
    phone: str = ""
    kind: str = "contact"

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}".strip()

    @property
    def address(self) -> str:
        return f"{self.local}@{self.firm.domain}"


CLARTE = Firm("Clarté", "clarte.example", "Lyon")


def _staff(first: str, last: str, title: str, local: str = "") -> Character:
    return Character(first, last, local or first.lower(), CLARTE, title, kind="")


CAMILLE = _staff("Camille", "Laurent", "Ingénieure commerciale")
SOPHIE = _staff("Sophie", "Girard", "Directrice commerciale")
HUGO = _staff("Hugo", "Marchand", "Responsable logistique")
INES_BENALI = _staff("Inès", "Benali", "Support", "ines")
TOM = _staff("Tom", "Whitfield", "Ventes Royaume-Uni")
BILLING = _staff("Facturation", "", "Comptabilité", "facturation")
COLLEAGUES = (SOPHIE, HUGO, INES_BENALI, TOM, BILLING)

_ROWS = """
Meunier Logistique|meunier-logistique.example|Saint-Priest|FR|Éloïse Garnier|e.garnier|Directrice des achats
Transports Vasseur|transports-vasseur.example|Vénissieux|FR|Marc Vasseur|marc.vasseur|Gérant
Imprimerie Delmas|imprimerie-delmas.example|Villeurbanne|FR|Anaïs Delmas|anais|Directrice
Harlow & Pike|harlow-pike.example|Leeds|GB|Daniel Harlow|daniel.harlow|Facilities Director
Laiterie du Vercors|laiterie-vercors.example|Villard-de-Lans|FR|Nadia Ferhat|n.ferhat|Responsable travaux
Brasserie Kerouan|brasserie-kerouan.example|Quimper|FR|Paul Kerouan|paul|Gérant
Ateliers Sorel|ateliers-sorel.example|Annecy|FR|Julie Sorel|julie.sorel|Architecte d’intérieur
Logis Ouest|logis-ouest.example|Nantes|FR|Thomas Leclerc|t.leclerc|Responsable maintenance
Coopérative des Alpes|coop-alpes.example|Chambéry|FR|Inès Roy|ines.roy|Comptable
Northfield Foods|northfield-foods.example|York|GB|Oliver Grant|oliver.grant|Operations Manager
Pôle Santé Aubrac|sante-aubrac.example|Rodez|FR|Sabine Mercier|s.mercier|Directrice des services techniques
Maison Haddad|maison-haddad.example|Marseille|FR|Karim Haddad|karim|Gérant
Fontaine & Fils|fontaine-fils.example|Dijon|FR|Lucie Fontaine|lucie|Associée
Cave des Sept Vents|sept-vents.example|Tain-l’Hermitage|FR|Rémi Blanchet|remi.blanchet|Maître de chai
Menuiserie Armand|menuiserie-armand.example|Grenoble|FR|Claire Armand|claire|Gérante
Hôtel du Lac Noir|lac-noir.example|Annecy|FR|Victor Lambert|direction|Directeur
Garage Pontier|garage-pontier.example|Valence|FR|Samir Pontier|samir|Gérant
Collège Jean-Moulin|college-moulin.example|Oullins|FR|Brigitte Faure|intendance|Gestionnaire
Pharmacie Centrale|pharmacie-centrale.example|Bourg-en-Bresse|FR|Denis Royer|d.royer|Titulaire
Textiles Baudry|textiles-baudry.example|Roanne|FR|Florence Baudry|f.baudry|Directrice industrielle
Scierie Morel|scierie-morel.example|Oyonnax|FR|Yann Morel|yann|Responsable d’exploitation
Papeterie Lutèce|papeterie-lutece.example|Paris|FR|Hélène Carpentier|h.carpentier|Acheteuse
Domaine de Berzé|domaine-berze.example|Mâcon|FR|Antoine Berzé|antoine|Propriétaire
Clinique des Tilleuls|clinique-tilleuls.example|Vienne|FR|Pauline Girodet|p.girodet|Responsable technique
Ville d’Aubigny|aubigny.example|Aubigny|FR|Serge Millot|s.millot|Services techniques
Ashdown Print|ashdown-print.example|Brighton|GB|Rachel Moore|rachel|Production Manager
Calder Timber|calder-timber.example|Halifax|GB|James Booth|james.booth|Site Manager
Orchard Dental|orchard-dental.example|Bristol|GB|Priya Shah|priya|Practice Manager
Weir & Sons|weir-sons.example|Glasgow|GB|Alan Weir|alan|Director
Brightwater School|brightwater.example|Exeter|GB|Helen Marsh|bursar|Bursar
Van Aken Interieur|vanaken.example|Gand|BE|Lotte Van Aken|lotte|Zaakvoerder
Ateliers Lejeune|lejeune.example|Namur|BE|Benoît Lejeune|benoit|Gérant
Fonderie Rochat|rochat.example|Lausanne|CH|Nicolas Rochat|n.rochat|Directeur technique
Chalets Berthod|berthod.example|Sion|CH|Mélanie Berthod|melanie|Associée
Librairie Soleil|librairie-soleil.example|Montpellier|FR|Aude Vidal|aude|Gérante
Restaurant Le Phare|le-phare.example|Saint-Malo|FR|Gwenaël Riou|gwenael|Chef
Cartonnages Prost|prost.example|Lons-le-Saunier|FR|Étienne Prost|e.prost|Responsable des achats
Serres de Provence|serres-provence.example|Cavaillon|FR|Magali Estève|magali|Exploitante
Gymnase Atlas|gymnase-atlas.example|Saint-Étienne|FR|Rachid Mansouri|rachid|Directeur
Blanchisserie Neige|blanchisserie-neige.example|Chamonix|FR|Odile Perrin|odile|Gérante
"""
_LEADS = {"Thomas Leclerc", "Oliver Grant", "Lucie Fontaine", "Lotte Van Aken", "Gwenaël Riou"}


def _parse() -> tuple[list[Firm], list[Character]]:
    firms, people = [], []
    for number, row in enumerate(_ROWS.strip().splitlines()):
        name, domain, city, country, person, local, title = row.split("|")
        firm = Firm(name, domain, city, country, "en" if country == "GB" else "fr")
        first, _, last = person.partition(" ")
        phone = f"04 00 00 {number // 10:02} {41 + number % 50:02}"
        if country == "GB":
            phone = f"+44 113 496 0{100 + number}"
        kind = "lead" if person in _LEADS else "contact"
        firms.append(firm)
        people.append(Character(first, last, local, firm, title, phone, kind))
    return firms, people


FIRMS, CUSTOMERS = _parse()
BY_NAME = {c.name: c for c in CUSTOMERS}
_firm = {f.name: f for f in FIRMS}

BRUNO = Character(
    "Bruno", "Astier", "b.astier", _firm["Meunier Logistique"], "Chef de site", "04 00 00 00 42"
)
SECOND_CONTACTS = (
    BRUNO,
    Character("Emma", "Pike", "emma.pike", _firm["Harlow & Pike"], "Finance", "+44 113 496 0188"),
    Character("Luc", "Ferrand", "l.ferrand", _firm["Laiterie du Vercors"], "Maintenance"),
)


def _stranger(first: str, last: str, local: str, domain: str, **more: str) -> Character:
    firm = Firm(more.get("firm", ""), domain, "", language=more.get("language", "fr"))
    return Character(
        first, last, local, firm, more.get("title", ""), more.get("phone", ""), kind=""
    )


MARION = _stranger(
    "Marion",
    "Petit",
    "marion.petit",
    "belle-rive.example",
    firm="Hôtel Belle-Rive",
    title="Directrice technique",
    phone="04 00 00 00 77",
)
TOBIAS = _stranger("Tobias", "Keller", "t.keller", "keller-bau.example", language="de")
AURELIE = _stranger("Aurélie", "Caron", "a.caron", "coop-alpes.example")
TENDERS = _stranger("Marchés", "publics", "marches", "marches-aubigny.example")
LETTER = _stranger("Bâtir &", "Éclairer", "lettre", "batir-eclairer.example")
VICTOR = _stranger("Victor", "Renard", "victor.renard", "renard.example")

#: (name, amount or None, currency, stage position 0–5, days until closing, people, firm)
DEALS: tuple[tuple[str, int | None, str, int, int, tuple[str, ...]], ...] = (
    ("Entrepôt de Saint-Priest, LED", 48000, "EUR", 3, 3, ("Éloïse Garnier", "Bruno Astier")),
    ("Détecteurs, quais 1 à 6", 12500, "EUR", 2, 24, ("Éloïse Garnier",)),
    ("Quai 3, éclairage de chargement", 18200, "EUR", 2, 3, ("Marc Vasseur",)),
    ("Garantie étendue et alimentations", 9800, "EUR", 1, 21, ("Anaïs Delmas",)),
    ("Lighting retrofit, phase two", 64000, "EUR", 3, 6, ("Daniel Harlow", "Emma Pike")),
    ("Rénovation des caves d’affinage", 31400, "EUR", 3, 0, ("Nadia Ferhat", "Luc Ferrand")),
    ("Salle de brassage", 22400, "EUR", 2, 66, ("Paul Kerouan",)),
    ("Salle d’exposition, spots", 8000, "EUR", 1, 24, ("Julie Sorel",)),
    ("Hall et réception", 15600, "EUR", 4, -40, ("Victor Lambert",)),
    ("Pont de levage, fosses", 7200, "EUR", 4, -95, ("Samir Pontier",)),
    ("Cour et préau", 26800, "EUR", 4, -150, ("Brigitte Faure",)),
    ("Press hall", 33500, "GBP", 4, -70, ("Rachel Moore",)),
    ("Atelier de tissage", 41000, "EUR", 5, -20, ("Florence Baudry",)),
    ("Parc à grumes", 18900, "EUR", 5, -120, ("Yann Morel",)),
    ("Surgery rooms", 12200, "GBP", 4, -210, ("Priya Shah",)),
    ("Chai et salle de dégustation", 11400, "EUR", 5, -60, ("Rémi Blanchet",)),
    ("Couloirs du bâtiment B", 52300, "EUR", 4, -30, ("Sabine Mercier",)),
    ("Fonderie, hall 2", 38700, "CHF", 4, -180, ("Nicolas Rochat",)),
)
