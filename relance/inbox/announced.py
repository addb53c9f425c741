"""What the writer's own words promise: an attachment, and a name to greet. French and English.

Pure text in, words out. Every pattern looks at one sentence or one line and is bounded.
"""

from __future__ import annotations

import re

from relance.lib.text import fold

_LONGEST = 20_000  # characters read
_SENTENCE = re.compile(r"[.!?;]+(?:\s|$)|\n\s*\n")

# Folded text: no accents, no capitals, straight apostrophes.
_ANNOUNCED = re.compile(
    r"\bci[- ](?:joint|inclus|annex)\w{0,3}\b|\bcy[- ]joint\w{0,3}\b"
    r"|\b(?:en|dans la|dans les|la|les|une|cette|ces|\d{1,2}) (?:piece|pieces)[- ]?jointes?\b"
    r"|\ben p\.?j\b\.?|\bp\.?j\.? ?:|\ben annexe\b|\b(?:en|au format) attache\b"
    r"|\bje (?:vous |te |t'|lui |leur |vs )?(?:ai )?(?:join(?:s|dre)|joint|annexe|attache)\b"
    r"|\bj'(?:ai |y )?(?:joins?|joint|ajoute en piece|annexe|attache)\b"
    r"|\bnous (?:vous |te )?(?:avons )?(?:joignons|joint|annexons)\b"
    r"|\btrouver(?:ez|as)? (?:\w{1,12} ){0,3}(?:joint|attache|annexe)\w{0,2}\b"
    r"|\b(?:fichier|document|devis|contrat|plan|planning|facture|offre|catalogue|bon|cv|photo"
    r"|tableau|proposition|presentation|fiche|brochure|dossier|compte[- ]rendu)s? "
    r"(?:sont |est )?(?:en |ci )?(?:joint|attache|annexe)(?:e|s|es)?\b"
    r"|\b(?:est|sont) (?:bien |ici |egalement |aussi )?(?:joint|annexe)e?s?\b"
    r"|\bplease find (?:a|an|the|our|my|your) (?!(?:time|way|moment|solution|date|slot)\b)"
    r"|\b(?:i|we|i've|we've|i'm|we're|i am|we are|i have|we have|have) "
    r"(?:\w{1,12} ){0,2}?(?:attach(?:ed|ing)?|enclos(?:e|ed|ing))\b"
    r"|\b(?:see|find|is|are|here is|here's|please find|as per) (?:\w{1,12} ){0,4}?"
    r"(?:attached|enclosed|attachments?)\b"
    r"|^\s{0,10}(?:attached|enclosed) (?:is|are|you|please|the|my|our|a|an)\b"
    r"|\b(?:file|document|quote|contract|invoice|plan|schedule|brochure|proposal|photo|picture"
    r"|spreadsheet|presentation|report|catalogue|catalog|drawing)s? (?:is |are )?"
    r"(?:attached|enclosed)\b"
    r"|\b(?:in|with) (?:the|this) attachments?\b|\battached (?:file|document|quote|plan)s?\b"
)
_SOMEBODY_ELSES = re.compile(
    r"\bsans (?:la |les )?pieces?[- ]?jointes?\b|\b(?:votre|vos|ta|tes) pieces?[- ]?jointes?\b"
    r"|\b(?:vous|tu|il|elle|ils|elles|on) (?:m'|me |nous )?(?:avez|as|a|ont|aviez) "
    r"(?:\w{1,12} )?(?:joint|attache|annexe)\w{0,2}\b"
    r"|\b(?:peux|pouvez|pourriez|pourrais|merci de|veuillez|priere de|faudrait|oublie de) "
    r"(?:[\w'-]{1,12} ){0,3}(?:joindre|rejoindre|annexer)\b"
    r"|\bjoin(?:dre|t|s) (?:par|au) (?:telephone|tel|mobile|portable|\+?\d)"
    r"|\bcomptes? joints?\b|\bau format joint\b|\b(?:bien )?re(?:cu|cue) (?:la|les|votre|vos|ta) "
    r"|\bmerci pour (?:la|les|votre|vos|ta|tes|ce|cette) |\bn'(?:a|ai|avez) (?:pas|rien) "
    r"|\ban? attachment to\b|\battached to (?:you|him|her|it|them|this|that|the idea)\b"
    r"|\b(?:your|his|her|their) attachments?\b|\bwithout (?:an |the |any )?attachments?\b"
    r"|\byou (?:have |had |'ve )?(?:attached|enclosed)\b|\b(?:no|not|n't|nothing) "
    r"(?:\w{1,12} )?(?:attach|enclos)|\bstrings attached\b"
    r"|\b(?:could|can|would|will|please|did|do) (?:you )?(?:please )?(?:re-?)?attach\b"
    r"|\bforg[eo]t(?:ten)? (?:to attach|the attachment)\b|\bthank(?:s| you) for the attach"
    r"|\b(?:received|got|opened) (?:the|your) attach"
)


def announced_attachment(text: str) -> str:
    """The words that announce an attachment ("ci-joint", "see attached"), or "".

    `text` is what the writer wrote herself, without quote and signature. An attachment of
    somebody else's ("your attachment", "pouvez-vous joindre") announces nothing.
    """
    for sentence in _SENTENCE.split(fold(text[:_LONGEST])):
        found = _ANNOUNCED.search(sentence)
        if found and not _SOMEBODY_ELSES.search(sentence):
            return found[0].strip(" .:")
    return ""


_GREETING = re.compile(
    r"^[ \t>]{0,10}(?:re-?)?(?:bonjour|bjr|bonsoir|salut|coucou|ch[eè]re?s?|hello|hi|hey|dear"
    r"|good (?:morning|afternoon|evening))(?: ch[eè]re?)?[ \t]{1,4}([^\n,;:!?]{1,60})",
    re.IGNORECASE | re.MULTILINE,
)
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*\.?")
_TITLES = frozenset(
    "monsieur madame mademoiselle mr mrs ms miss m mme mlle mm dr docteur doctor me maitre prof "
    "professeur professor sir lady".split()
)
_JOINS = frozenset(("et", "and", "&"))
_NOBODY = frozenset(
    "a tous toutes tout le la les monde all team everyone everybody there again folks equipe "
    "messieurs mesdames client cliente clients collegues collegue colleagues colleague partenaire "
    "partner customer ami amie amis friends friend madam sirs service".split()
)
_GREETING_LINES = 3


def greeted(text: str) -> list[str]:
    """The names the letter opens with, as written: ["Marie"], ["Jean-Pierre", "Dupont"]; [] when
    it greets nobody by name. A placeholder is no name."""
    head = "\n".join([line for line in text[:2000].splitlines() if line.strip()][:_GREETING_LINES])
    found = _GREETING.search(head)
    if not found or "{" in found[1]:
        return []
    names: list[str] = []
    titled = False  # "Monsieur Le Goff": after a title a capital makes a name of any word
    for word in _WORD.findall(found[1]):
        plain = fold(word).rstrip(".")
        if plain in _TITLES or plain in _JOINS:
            titled = titled or plain in _TITLES
            continue
        if not word[0].isupper() or (plain in _NOBODY and not titled):
            break
        names.append(word.rstrip("."))
    return names


_LEAST = 3  # letters two forms of a name must share: Alex, Alexandre
_PARTS = re.compile(r"[^\W\d_]+")


def greets(names: list[str], known: set[str]) -> bool:
    """Is one of the greeted names one of those known of the recipients?

    `known` are folded words of their names and addresses. A short form counts ("Alex"), and a
    name inside a longer word of an address ("mdupont").
    """
    wanted = {part for name in names for part in _PARTS.findall(fold(name))}
    return any(_alike(one, other) for one in wanted for other in known)


def _alike(one: str, other: str) -> bool:
    if one == other:
        return True
    short, long = sorted((one, other), key=len)
    return len(short) >= _LEAST and (long.startswith(short) or long.endswith(short))


def name_words(*texts: str) -> set[str]:
    """The folded words of names and of the local part of addresses, two letters at least."""
    found: set[str] = set()
    for text in texts:
        found |= {w for w in _PARTS.findall(fold(text.partition("@")[0])) if len(w) > 1}
    return found
