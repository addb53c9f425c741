"""Today in the demo: the conversations one finds on opening it, as a story.

A large deal waits for a date, another went quiet, somebody promised a signed order for Tuesday, a
stranger asks for a quote, a mail came back, a newsletter arrived, and one mail is private.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from relance.demo.cast import (
    AURELIE,
    BILLING,
    BRUNO,
    BY_NAME,
    CAMILLE,
    HUGO,
    INES_BENALI,
    LETTER,
    MARION,
    SOPHIE,
    TENDERS,
    TOBIAS,
    TOM,
    VICTOR,
    Character,
    Firm,
)
from relance.demo.letters import Letter

_H, _D = 60, 1440  # minutes in an hour, in a day
_DAEMON = Character("Mail Delivery", "System", "mailer-daemon", Firm("", "relais.example"))

Said = tuple[Character, int, str]  # who, minutes ago, what


def _thread(subject: str, said: Sequence[Said], now: datetime, **last: object) -> Iterator[Letter]:
    """A conversation, oldest first. `last` completes its newest letter."""
    first = said[0][0]
    other = first if first.firm != CAMILLE.firm or first != CAMILLE else said[-1][0]
    previous: Letter | None = None
    for position, (who, minutes, text) in enumerate(said):
        is_last = position == len(said) - 1
        to = other if who == CAMILLE else CAMILLE
        shown = subject if previous is None or subject.startswith("Re") else f"Re: {subject}"
        previous = Letter(
            sender=who,
            to=(to,),
            subject=shown,
            text=text,
            at=now - timedelta(minutes=minutes),
            answers=previous,
            html=position % 2 == 1,
            **(last if is_last else {}),  # type: ignore[arg-type]
        )
        yield previous


def unread_subjects() -> set[tuple[str, str]]:
    """(sender's address, end of the subject) of the eleven mails nobody has read yet."""
    return {
        (_p("Éloïse Garnier").address, "entrepôt de Saint-Priest"),
        (_p("Marc Vasseur").address, "Visite du site jeudi prochain"),
        (_p("Thomas Leclerc").address, "Demande de catalogue après le salon"),
        (_p("Inès Roy").address, "Nouvelle adresse de facturation"),
        (_p("Oliver Grant").address, "Follow-up from our call"),
        (SOPHIE.address, "Point pipeline de vendredi"),
        (HUGO.address, "Stock des réglettes 4\u202f000 K"),
        (MARION.address, "Éclairage du hall et des couloirs"),
        (TOBIAS.address, "Anfrage LED-Beleuchtung"),
        (AURELIE.address, "Copie du contrat de maintenance"),
        (TENDERS.address, "Consultation : éclairage du gymnase"),
    }


def _p(name: str) -> Character:
    return BY_NAME[name]


def today(now: datetime) -> Iterator[Letter]:
    """Every letter of the story, in no order."""
    yield from _customers(now)
    yield from _people(now)
    yield from _colleagues(now)
    yield from _strangers(now)


def _customers(now: datetime) -> Iterator[Letter]:
    eloise, marc, anais = _p("Éloïse Garnier"), _p("Marc Vasseur"), _p("Anaïs Delmas")
    daniel, nadia = _p("Daniel Harlow"), _p("Nadia Ferhat")
    yield from _thread(
        "Re: Devis 2026-118, entrepôt de Saint-Priest",
        [
            (
                eloise,
                22 * _D,
                "Bonjour Camille,\n\nNous reprenons l’entrepôt de Saint-Priest : 6 200 m², douze mètres sous plafond. Pouvez-vous nous proposer un éclairage LED complet ?",
            ),
            (
                CAMILLE,
                21 * _D,
                "Bonjour Éloïse,\n\nMerci pour votre confiance. Je passe mardi relever les hauteurs, et le devis suit dans la semaine.",
            ),
            (
                eloise,
                15 * _D,
                "Bonjour Camille,\n\nBien reçu le devis 2026-118. Le montant dépasse notre enveloppe, est-il possible de traiter les quais à part ?",
            ),
            (
                CAMILLE,
                12 * _D,
                "Bonjour Éloïse,\n\nJe sépare les quais 1 à 6 : ils feront l’objet d’une seconde commande, quand vous voudrez.",
            ),
            (
                CAMILLE,
                2 * _D,
                "Bonjour Éloïse,\n\nVoici le devis révisé avec les détecteurs de présence en option. La garantie de sept ans est comprise.",
            ),
            (
                eloise,
                11,
                "Bonjour Camille,\n\nMerci pour la version révisée. Notre directeur technique valide les luminaires, il reste à caler la date de pose, avant les fêtes et sans interrompre les expéditions du matin. Je joins le plan des quais ; Bruno ouvre le site dès 6 h.",
            ),
        ],
        now,
        cc=(BRUNO,),
        files=("plan-quais-v4.pdf", "horaires-expeditions.xlsx"),
    )
    yield from _thread(
        "Visite du site jeudi prochain",
        [
            (
                CAMILLE,
                1 * _D + 90,
                "Bonjour Marc,\n\nPour chiffrer le quai 3, une visite d’une heure suffit. Jeudi vous conviendrait-il ?",
            ),
            (
                marc,
                44,
                "Bonjour Camille, le quai 3 sera libre jeudi à partir de 14 h. Pouvez-vous venir avec le technicien ? Notre cariste vous montrera le tableau électrique.",
            ),
        ],
        now,
    )
    yield from _thread(
        "Questions sur la garantie 7 ans",
        [
            (
                anais,
                3 * _D,
                "Bonjour,\n\nAvant de signer, j’aimerais comprendre ce que couvre la garantie de sept ans.",
            ),
            (
                CAMILLE,
                2 * _D,
                "Bonjour Anaïs,\n\nElle couvre les luminaires et leurs alimentations, pièces et déplacement.",
            ),
            (
                anais,
                90,
                "La garantie couvre-t-elle les alimentations, et qui intervient en cas de panne sur une presse ? Nous tournons la nuit, un arrêt nous coûte cher.",
            ),
        ],
        now,
    )
    yield from _thread(
        "Re: Lighting retrofit, phase two",
        [
            (
                daniel,
                40 * _D,
                "Hello Camille,\n\nPhase one is finished and the floor is very pleased. We would now like to look at the mezzanine and the packing hall.",
            ),
            (
                CAMILLE,
                39 * _D,
                "Hello Daniel,\n\nGreat news. May I come over in the second week of November to measure?",
            ),
            (daniel, 38 * _D, "Tuesday the 10th works. Ask for Emma at the gate."),
            (
                CAMILLE,
                13 * _D,
                "Thank you both for the visit. I will send a first budget by Friday.",
            ),
            (
                CAMILLE,
                10 * _D,
                "Hello Daniel,\n\nPlease find the budget for both areas. The mezzanine needs emergency lighting as well.",
            ),
            (
                daniel,
                1 * _D + 120,
                "We are happy with phase one. Could you send a firm price for the mezzanine before Friday? Our board meets on Monday and I would like to get it through.",
            ),
        ],
        now,
        files=("mezzanine-survey.pdf",),
    )
    yield from _thread(
        "Bon pour accord à venir",
        [
            (
                CAMILLE,
                9 * _D,
                "Bonjour Nadia,\n\nVoici la dernière version pour les caves d’affinage, avec les luminaires étanches que vous aviez choisis.",
            ),
            (
                nadia,
                2 * _D,
                "Bonjour Camille,\n\nLe comité a donné son feu vert. Je vous fais suivre le document signé dès mon retour mardi, promis.",
            ),
        ],
        now,
    )
    yield from _quiet_ones(now)


def _quiet_ones(now: datetime) -> Iterator[Letter]:
    paul, julie = _p("Paul Kerouan"), _p("Julie Sorel")
    yield from _thread(
        "Report du projet à janvier ?",
        [
            (
                CAMILLE,
                8 * _D,
                "Bonjour Paul,\n\nAvez-vous pu regarder la proposition pour la salle de brassage ?",
            ),
            (
                paul,
                3 * _D,
                "Bonjour,\n\nNous préférons attendre la fin de l’inventaire. Est-ce que votre prix tient jusqu’au 31 janvier ?",
            ),
        ],
        now,
    )
    yield from _thread(
        "Échantillons bien reçus",
        [
            (
                julie,
                4 * _D,
                "Bonjour Camille,\n\nLes deux spots sont montés dans la salle d’exposition. Le rendu sur les bois clairs est superbe ; il me manque juste la version à 3 000 K pour comparer.",
            ),
        ],
        now,
    )


def _people(now: datetime) -> Iterator[Letter]:
    thomas, ines, oliver = _p("Thomas Leclerc"), _p("Inès Roy"), _p("Oliver Grant")
    sabine, karim = _p("Sabine Mercier"), _p("Karim Haddad")
    lucie, remi = _p("Lucie Fontaine"), _p("Rémi Blanchet")
    yield from _thread(
        "Demande de catalogue après le salon",
        [
            (
                thomas,
                30,
                "Bonjour,\n\nNous avons échangé sur votre stand à Lyon. Je cherche une solution pour 4 000 m² de stockage, livrée avant mars. Pouvez-vous m’envoyer votre catalogue et un ordre de prix ?",
            )
        ],
        now,
    )
    yield from _thread(
        "Nouvelle adresse de facturation",
        [
            (
                ines,
                62,
                "Bonjour,\n\nÀ partir du 1er décembre, merci d’adresser vos factures à notre service central. Vous trouverez le détail en pièce jointe.",
            )
        ],
        now,
        files=("adresses-facturation.pdf",),
    )
    yield from _thread(
        "Follow-up from our call",
        [
            (
                CAMILLE,
                6 * _D,
                "Hello Oliver,\n\nThank you for the call. As agreed, here is our reference list for food sites.",
            ),
            (
                oliver,
                1 * _D + 60,
                "Thanks for your time on Tuesday. Our facilities manager would like to see a reference site, ideally a cold store. Is there one within two hours of York?",
            ),
        ],
        now,
    )
    yield from _thread(
        "Compte rendu de la réunion du 12",
        [
            (
                CAMILLE,
                5 * _D,
                "Bonjour Sabine,\n\nMerci pour la réunion. J’attends vos remarques sur les circulations du bâtiment B.",
            ),
            (
                sabine,
                1 * _D + 200,
                "Bonjour,\n\nVous trouverez ci-joint le relevé de décisions et le plan des circulations. Le point 4 reste à trancher avec l’architecte.",
            ),
        ],
        now,
        files=("releve-decisions.pdf", "plan-circulations.png"),
    )
    yield from _thread(
        "Pouvez-vous me rappeler ?",
        [
            (
                karim,
                3 * _D,
                "Bonjour,\n\nJe suis joignable tous les matins avant 10 h. C’est au sujet des spots de la vitrine, deux ne s’allument plus.",
            )
        ],
        now,
    )
    yield from _thread(
        "Merci pour la documentation",
        [
            (
                lucie,
                4 * _D,
                "Bonjour Camille,\n\nC’est exactement ce qu’il me fallait pour le dossier de subvention. Réponse de la région attendue début janvier.",
            )
        ],
        now,
    )
    yield from _thread(
        "Coordonnées de l’installateur",
        [
            (
                CAMILLE,
                6 * _D,
                "Bonjour Rémi,\n\nQui posera les luminaires du chai ? J’aimerais lui envoyer le plan de câblage.",
            ),
            (
                remi,
                4 * _D + 60,
                "Notre électricien s’appelle Denis, voici son numéro : 04 00 00 00 31. Il préfère les appels aux mails.",
            ),
        ],
        now,
    )


def _colleagues(now: datetime) -> Iterator[Letter]:
    yield from _thread(
        "Point pipeline de vendredi",
        [
            (
                CAMILLE,
                1 * _D,
                "Sophie, je termine les relances Harlow et Vercors avant notre point.",
            ),
            (
                SOPHIE,
                22,
                "Peux-tu mettre à jour les dates de clôture de novembre avant demain midi ? J’ai besoin du chiffre pour le comité.",
            ),
        ],
        now,
    )
    yield from _thread(
        "Stock des réglettes 4\u202f000 K",
        [
            (
                CAMILLE,
                1 * _D + 30,
                "Hugo, combien de réglettes 4 000 K nous reste-t-il pour Saint-Priest ?",
            ),
            (
                HUGO,
                71,
                "On tient 320 pièces pour Saint-Priest, la suite arrive le 2 décembre. Ne promets rien au-delà sans me prévenir.",
            ),
        ],
        now,
    )
    yield from _thread(
        "Ticket 482 : clignotement chez Delmas",
        [
            (
                INES_BENALI,
                1 * _D + 180,
                "Remplacement de l’alimentation planifié lundi, la cliente est prévenue. Je te tiens au courant.",
            )
        ],
        now,
    )
    yield from _thread(
        "UK price list for Q1",
        [
            (
                TOM,
                1 * _D + 240,
                "New list attached, valid from 4 January. The two track spots go up by four per cent, everything else stays.",
            )
        ],
        now,
        files=("uk-prices-q1.xlsx",),
    )
    yield from _thread(
        "Avoir Transports Vasseur",
        [(BILLING, 3 * _D + 60, "L’avoir de 420 € est parti ce matin.")],
        now,
        files=("avoir-420.pdf",),
    )
    yield from _thread(
        "Entre nous : mon entretien annuel",
        [
            (
                SOPHIE,
                5 * _D,
                "Camille, ceci reste entre nous : je propose de te confier les grands comptes en janvier. Réfléchis-y, on en parle vendredi.",
            )
        ],
        now,
    )


def _strangers(now: datetime) -> Iterator[Letter]:
    yield from _thread(
        "Éclairage du hall et des couloirs",
        [
            (
                MARION,
                6,
                "Bonjour,\n\nNous rénovons notre hôtel de 62 chambres à Annecy et cherchons un partenaire pour l’éclairage du hall, du restaurant et des couloirs. Les travaux démarrent en février.\n\nPourriez-vous nous présenter vos gammes et un ordre de prix au mètre carré ?",
            )
        ],
        now,
        files=("plan-rdc-belle-rive.pdf",),
    )
    yield from _thread(
        "Anfrage LED-Beleuchtung",
        [
            (
                TOBIAS,
                55,
                "Guten Tag,\n\nwir suchen einen Lieferanten für zwei Hallen in Freiburg, je 1.800 m². Liefern Sie auch nach Deutschland?\n\nMit freundlichen Grüßen",
            )
        ],
        now,
    )
    yield from _thread(
        "Copie du contrat de maintenance",
        [
            (
                AURELIE,
                1 * _D + 100,
                "Bonjour,\n\nInès m’a transmis vos coordonnées. Pourriez-vous m’envoyer le contrat de maintenance signé l’an dernier ?",
            )
        ],
        now,
    )
    yield from _thread(
        "Consultation : éclairage du gymnase",
        [
            (
                TENDERS,
                1 * _D + 160,
                "Madame, Monsieur,\n\nVous êtes invités à présenter une offre. Date limite de remise des offres le 11 décembre à 12 h.",
            )
        ],
        now,
        files=("reglement-consultation.pdf",),
    )
    yield from _thread(
        "La lettre du mois",
        [
            (
                LETTER,
                3 * _D,
                "Normes 2027, retours de chantier et agenda.\n\nAu sommaire : ce que change la nouvelle norme pour les entrepôts, trois chantiers expliqués, les salons du printemps.",
            )
        ],
        now,
        headers={
            "List-Id": "<lettre.batir-eclairer.example>",
            "List-Unsubscribe": "<https://batir-eclairer.example/stop>",
            "Precedence": "bulk",
        },
        signed=False,
    )
    yield from _thread(
        "Candidature : technico-commercial",
        [
            (
                VICTOR,
                4 * _D,
                "Madame, Monsieur,\n\nVeuillez trouver mon CV et ma lettre. Je suis disponible à partir de janvier.",
            )
        ],
        now,
        files=("cv-victor-renard.pdf",),
    )
    yield from _thread(
        "Undelivered Mail Returned to Sender",
        [
            (
                _DAEMON,
                2 * _D,
                "This is the mail system at host relais.example.\n\nYour message could not be delivered to one or more recipients:\n\n<accueil@hotel-des-pins.example>: host mx.hotel-des-pins.example said: 550 5.1.1 user unknown",
            )
        ],
        now,
        headers={"Auto-Submitted": "auto-replied"},
        signed=False,
    )
