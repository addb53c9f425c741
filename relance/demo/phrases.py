"""What the year's mails are made of: subjects, and what each side says, in French and English.

`{x}` is a product, `{n}` a number, `{p}` a place, `{d}` a day. Each topic has an opening by the
customer, an answer, and a reply; several wordings of each, so that a year of mail does not repeat.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Topic:
    """One kind of exchange. Texts are tried in turn."""

    subject: str
    opening: tuple[str, ...]
    answer: tuple[str, ...]
    reply: tuple[str, ...]
    file: str = ""


PRODUCTS_FR = (
    "les réglettes étanches",
    "les spots sur rail",
    "les projecteurs de façade",
    "les suspensions",
    "les détecteurs de présence",
    "les blocs de secours",
    "les dalles 60 × 60",
    "les bornes extérieures",
    "les hublots",
    "les profilés encastrés",
)
PLACES_FR = (
    "l’atelier",
    "le parking",
    "la réserve",
    "l’accueil",
    "le quai de chargement",
    "la salle de réunion",
    "les bureaux du premier",
    "le hall",
    "la façade nord",
    "le réfectoire",
    "l’escalier de secours",
    "la cour",
)
DAYS_FR = (
    "lundi",
    "mardi",
    "mercredi",
    "jeudi",
    "vendredi",
    "en début de semaine",
    "à la fin du mois",
)
PRODUCTS_EN = (
    "the linear battens",
    "the track spots",
    "the flood lights",
    "the pendants",
    "the motion sensors",
    "the emergency units",
    "the ceiling panels",
    "the bollards",
)
PLACES_EN = (
    "the workshop",
    "the car park",
    "the stock room",
    "the reception",
    "the loading bay",
    "the meeting rooms",
    "the east wing",
    "the canteen",
)
DAYS_EN = (
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "early next week",
    "by the end of the month",
)

FRENCH = (
    Topic(
        "Demande de prix pour {p}",
        (
            "Bonjour,\n\nPouvez-vous nous faire un prix pour {x} dans {p} ? Il en faudrait {n}.",
            "Bonjour Camille,\n\nNous refaisons {p} et j’ai pensé à {x}. Que proposez-vous pour {n} pièces ?",
            "Bonjour,\n\nSuite à notre appel, voici le besoin : {n} unités pour {p}, pose comprise si possible.",
        ),
        (
            "Bonjour,\n\nMerci pour votre demande. Le devis est joint ; il comprend la livraison et reste valable trente jours.",
            "Bonjour,\n\nJe vous propose {x}, disponibles sous trois semaines. Le détail est dans le devis.",
            "Bonjour,\n\nVoici notre offre pour {p}. Je reste à votre écoute pour l’adapter.",
        ),
        (
            "Merci, c’est clair. Nous décidons {d}.",
            "Bien reçu. Le prix est un peu haut, mais la garantie nous intéresse.",
            "Parfait, je transmets à la direction.",
        ),
        "devis.pdf",
    ),
    Topic(
        "Livraison de la commande {n}",
        (
            "Bonjour,\n\nNotre commande {n} devait arriver {d}. Avez-vous des nouvelles du transporteur ?",
            "Bonjour,\n\nLe magasin me demande quand arrivent {x}. Pouvez-vous confirmer la date ?",
        ),
        (
            "Bonjour,\n\nLe colis est parti hier, il sera chez vous {d}. Désolée pour ce contretemps.",
            "Bonjour,\n\nJ’ai eu le dépôt : livraison {d} au matin, avec un appel une heure avant.",
        ),
        (
            "C’est noté, merci. Quelqu’un sera là pour réceptionner.",
            "Merci. Il manque juste le bon de livraison pour notre comptabilité.",
            "Bien arrivé, tout est complet.",
        ),
    ),
    Topic(
        "Facture {n}",
        (
            "Bonjour,\n\nSauf erreur, la facture {n} compte deux fois {x}. Pouvez-vous vérifier ?",
            "Bonjour,\n\nNous n’avons pas reçu la facture {n}. Pouvez-vous nous la renvoyer ?",
        ),
        (
            "Bonjour,\n\nVous avez raison, un avoir part aujourd’hui.",
            "Bonjour,\n\nVoici la facture, avec nos excuses pour ce retard.",
        ),
        ("Merci pour votre réactivité.", "Bien reçue, elle sera réglée à la fin du mois."),
        "facture.pdf",
    ),
    Topic(
        "Réglage des {n} détecteurs",
        (
            "Bonjour,\n\nDans {p}, la lumière s’éteint trop vite. Peut-on allonger la temporisation ?",
            "Bonjour,\n\nLes détecteurs se déclenchent la nuit, sans doute à cause des rideaux d’air.",
        ),
        (
            "Bonjour,\n\nOui, le réglage se fait par la molette sous le capot. Notice jointe.",
            "Bonjour,\n\nJ’envoie un technicien {d}, c’est compris dans le contrat.",
        ),
        (
            "C’est fait, cela marche très bien. Merci !",
            "D’accord pour {d}. Demandez l’accueil en arrivant.",
        ),
        "notice-detecteurs.pdf",
    ),
    Topic(
        "Visite pour {p}",
        (
            "Bonjour,\n\nSeriez-vous disponible {d} pour voir {p} ?",
            "Bonjour Camille,\n\nL’électricien passe {d} ; ce serait bien que vous soyez là pour {p}.",
        ),
        (
            "Bonjour,\n\n{d} me convient très bien, vers 10 h.",
            "Bonjour,\n\nJe peux venir {d}. Pensez-vous pouvoir me préparer les plans ?",
        ),
        (
            "Parfait, à bientôt. Je vous envoie le plan d’accès.",
            "Entendu. Garez-vous devant {p}, la barrière sera ouverte.",
        ),
    ),
    Topic(
        "Retour sur {x}",
        (
            "Bonjour,\n\nUn mot pour vous dire que {x} sont posés dans {p}. Le résultat plaît à toute l’équipe.",
            "Bonjour,\n\nAprès deux mois, nous sommes contents : la consommation de {p} a baissé de {n} %.",
        ),
        (
            "Merci beaucoup, cela fait plaisir à lire. Accepteriez-vous que nous citions votre site en référence ?",
            "Bonjour,\n\nMerci pour ce retour. Si vous voulez étendre à d’autres locaux, dites-le-moi.",
        ),
        (
            "Avec plaisir pour la référence.",
            "Oui, nous y pensons pour l’an prochain.",
            "Pourquoi pas ; envoyez-moi quelques photos d’autres chantiers.",
        ),
    ),
    Topic(
        "Normes et fiches techniques",
        (
            "Bonjour,\n\nNotre bureau de contrôle demande les fiches techniques de {x} et l’indice de protection.",
            "Bonjour,\n\nAuriez-vous le calcul d’éclairement pour {p} ? Il faut {n} lux au sol.",
        ),
        (
            "Bonjour,\n\nVous les trouverez en pièce jointe. Dites-moi si l’organisme demande autre chose.",
            "Bonjour,\n\nVoici l’étude : nous sommes à {n} lux de moyenne, avec une bonne uniformité.",
        ),
        ("C’est complet, merci.", "Le contrôleur est satisfait. Nous pouvons avancer."),
        "fiche-technique.pdf",
    ),
    Topic(
        "Report de la pose à {p}",
        (
            "Bonjour,\n\nLe maçon a pris du retard. Pouvons-nous décaler la pose à {d} ?",
            "Bonjour,\n\nUn inventaire tombe le même jour. Serait-il possible de repousser ?",
        ),
        (
            "Bonjour,\n\nPas de souci, l’équipe est disponible {d}.",
            "Bonjour,\n\nC’est possible, mais il faut me le confirmer avant {d}.",
        ),
        ("Je confirme. Merci de votre souplesse.", "Parfait, c’est noté chez nous aussi."),
    ),
    Topic(
        "Panne dans {p}",
        (
            "Bonjour,\n\nDepuis ce matin, {n} points ne s’allument plus dans {p}. Que faut-il vérifier ?",
            "Bonjour,\n\nUne partie de {x} clignote. Est-ce pris par la garantie ?",
        ),
        (
            "Bonjour,\n\nVérifiez d’abord le disjoncteur du départ ; sinon nous passons {d}.",
            "Bonjour,\n\nOui, c’est garanti. Nous envoyons les pièces et un technicien.",
        ),
        (
            "C’était bien le disjoncteur. Merci et désolé du dérangement.",
            "Le technicien est passé, tout est rentré dans l’ordre.",
        ),
        "photo-tableau.png",
    ),
    Topic(
        "Budget de l’année prochaine",
        (
            "Bonjour,\n\nJe prépare le budget. Pouvez-vous me donner un ordre de grandeur pour {p} ?",
            "Bonjour Camille,\n\nNous avons une enveloppe de {n} 000 € pour l’éclairage. Par quoi commencer ?",
        ),
        (
            "Bonjour,\n\nComptez entre 38 et 45 € du mètre carré, pose comprise.",
            "Bonjour,\n\nJe commencerais par {p} : c’est là que l’économie est la plus rapide.",
        ),
        ("Merci, je le soumets au conseil {d}.", "C’est raisonnable. Reparlons-en en janvier."),
    ),
)
ENGLISH = (
    Topic(
        "Quote for {p}",
        (
            "Hello Camille,\n\nCould you quote {n} pieces of {x} for {p}?",
            "Hello,\n\nWe are refitting {p} and would like to use {x} again. What would {n} cost?",
        ),
        (
            "Hello,\n\nThank you. The quote is attached and holds for thirty days.",
            "Hello,\n\nHappy to help. {x} are three weeks away; the details are in the quote.",
        ),
        (
            "Thanks, we will decide {d}.",
            "Received. I will take it to the board.",
            "Looks fair. Can you include fitting?",
        ),
        "quote.pdf",
    ),
    Topic(
        "Delivery of order {n}",
        (
            "Hello,\n\nOrder {n} was due {d}. Any news from the carrier?",
            "Hi Camille,\n\nThe site team asks when {x} will arrive.",
        ),
        (
            "Hello,\n\nIt left yesterday and should be with you {d}.",
            "Hello,\n\nThe depot confirms {d}, before noon.",
        ),
        ("Thank you, someone will be there.", "All received in good order."),
    ),
    Topic(
        "Sensors in {p}",
        (
            "Hello,\n\nThe lights in {p} go off too quickly. Can the delay be set?",
            "Hi,\n\nThe sensors trigger at night. Is that the air curtain?",
        ),
        (
            "Hello,\n\nYes, the dial is under the cover. Manual attached.",
            "Hello,\n\nVery likely. Our technician can come {d}.",
        ),
        ("Works perfectly now, thank you.", "{d} is fine. Ask for me at the gate."),
        "manual.pdf",
    ),
    Topic(
        "Invoice {n}",
        (
            "Hello,\n\nInvoice {n} seems to count {x} twice. Could you check?",
            "Hello,\n\nWe cannot find invoice {n}. Would you send it again?",
        ),
        (
            "Hello,\n\nYou are right; a credit note is on its way.",
            "Hello,\n\nHere it is, with apologies.",
        ),
        ("Thank you for the quick fix.", "Got it. It will be paid this month."),
        "invoice.pdf",
    ),
    Topic(
        "Visit to {p}",
        (
            "Hello,\n\nWould {d} suit you to look at {p}?",
            "Hi Camille,\n\nOur electrician is here {d}. Could you join?",
        ),
        ("Hello,\n\n{d} works, around ten.", "Hello,\n\nYes. Could you have the drawings ready?"),
        ("See you then.", "Will do. Park by the loading bay."),
    ),
    Topic(
        "Feedback on {x}",
        (
            "Hello,\n\nJust to say that {x} are up in {p} and everybody is pleased.",
            "Hello,\n\nTwo months in, {p} uses {n} % less. Well done.",
        ),
        (
            "Thank you, that is good to read. May we name you as a reference?",
            "Thank you! Tell me when you look at the other halls.",
        ),
        ("Of course.", "Yes, let us talk in the new year."),
    ),
)
INTERNAL = (
    Topic(
        "Planning de la semaine {n}",
        (
            "Voici le planning. Deux poses se chevauchent {d}, peux-tu choisir ?",
            "Merci de compléter vos visites avant {d}.",
        ),
        ("Je prends la première, l’autre peut attendre.", "C’est complété."),
        ("Merci.", "Noté."),
    ),
    Topic(
        "Stock : {x}",
        (
            "Il reste {n} pièces. Je recommande avant {d} si personne n’en a besoin ailleurs.",
            "Rupture annoncée chez le fabricant, retour {d}.",
        ),
        ("J’en réserve vingt pour un client.", "Merci, je préviens les clients concernés."),
        ("C’est réservé.", "Entendu."),
    ),
    Topic(
        "Compte rendu, réunion commerciale {n}",
        (
            "Le compte rendu est en pièce jointe. Points ouverts : {p} et la remise de fin d’année.",
            "Merci à tous. Les décisions sont dans le document.",
        ),
        ("Rien à ajouter de mon côté.", "Un oubli : la formation du mois prochain."),
        ("Ajouté.", "Merci, corrigé."),
        "compte-rendu.pdf",
    ),
    Topic(
        "Question sur la remise",
        (
            "Jusqu’à combien puis-je descendre pour {p} ? Le client compare.",
            "Un client demande {n} % sur {x}. On accepte ?",
        ),
        ("Pas plus de huit, et contre une réponse {d}.", "Oui si la commande est ferme."),
        ("Parfait, je lui propose.", "Merci !"),
    ),
)
