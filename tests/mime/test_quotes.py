"""Own words, quotes and signatures of French and English clients; never a word lost."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relance.mime.quotes import (
    is_attribution,
    is_header_block,
    own_words,
    signature_fields,
    split_quotes,
)

OWN = "Bonjour,\n\nC’est d’accord pour mardi.\n\n"
OLD = "Pouvez-vous confirmer la date ?\nMerci.\n"


def own(text: str) -> str:
    return "".join(block.text for block in split_quotes(text) if block.kind == "own").strip()


def quoted(text: str) -> str:
    return "".join(block.text for block in split_quotes(text) if block.kind == "quote").strip()


# What clients put between the answer and what it answers, when everything below is old.
INTRODUCTIONS = {
    "gmail fr": "Le mar. 17 nov. 2026 à 17:26, Camille Laurent <c@x.example> a écrit :\n\n",
    "gmail fr, nbsp": "Le mar. 17 nov. 2026 à 17:26, Camille <c@x.example> a écrit\xa0:\n\n",
    "gmail fr, folded": "Le mar. 17 nov. 2026 à 17:26, Camille Laurent <\nc@x.example> a écrit :\n",
    "gmail en": "On Tue, Nov 17, 2026 at 5:26 PM Camille Laurent <c@x.example> wrote:\n\n",
    "gmail en, folded": "On Tue, Nov 17, 2026 at 5:26 PM Camille Laurent\n<c@x.example> wrote:\n",
    "apple fr": "Le 3 nov. 2026 à 10:02, X <x@y.example> a écrit :\n",
    "apple en": "On 3 Nov 2026, at 10:02, X <x@y.example> wrote:\n",
    "thunderbird fr": "Le 03/11/2026 à 10:02, X a écrit :\n",
    "thunderbird en": "On 11/3/26 10:02, X wrote:\n",
    "yahoo fr": "Le mardi 3 novembre 2026 à 10:02:03 UTC+1, X <x@y.example> a écrit :\n",
    "german": "Am 03.11.26 um 10:02 schrieb X:\n",
    "german, gmail": "Am Di., 3. Nov. 2026 um 10:02 Uhr schrieb X <x@y.example>:\n",
    "spanish": "El mar, 3 nov 2026 a las 10:02, X (<x@y.example>) escribió:\n",
    "italian": "Il giorno mar 3 nov 2026 alle ore 10:02 X <x@y.example> ha scritto:\n",
    "portuguese": "Em ter., 3 de nov. de 2026 às 10:02, X <x@y.example> escreveu:\n",
    "outlook fr, old": "-----Message d'origine-----\nDe : X\nEnvoyé : mardi\nÀ : Y\nObjet : Z\n\n",
    "outlook fr, curly": "-----Message d’origine-----\nDe : X\n",
    "outlook en, old": "-----Original Message-----\nFrom: X\nSent: Tuesday\nTo: Y\nSubject: Z\n\n",
    "outlook fr": "De : X <x@y.example>\nEnvoyé : mardi 3 novembre\nÀ : Y\nObjet : Z\n\n",
    "outlook fr, nbsp": "De\xa0: X\nEnvoyé\xa0: mardi\nÀ\xa0: Y\nCc\xa0: W\nObjet\xa0: Z\n\n",
    "outlook fr, bold": "*De :* X\n*Envoyé :* mardi\n*À :* Y\n*Objet :* Z\n\n",
    "outlook en": "From: X <x@y.example>\nSent: Tuesday, November 3\nTo: Y\nSubject: Z\n\n",
    "outlook, phone": "____________________\nDe : X\nEnvoyé : mardi\nÀ : Y\nObjet : Z\n\n",
    "outlook web": "____________________\n\nFrom: X\nDate: Tuesday\nTo: Y\nSubject: Z\n\n",
    "outlook de": "Von: X\nGesendet: Dienstag\nAn: Y\nBetreff: Z\n\n",
    "zimbra fr": "----- Mail original -----\nDe: \"X\" <x@y.example>\nÀ: \"Y\"\nEnvoyé: Mardi\n\n",
    "zimbra en": "----- Original Message -----\nFrom: X\nTo: Y\nSent: Tuesday\n\n",
    "thunderbird, forward": "-------- Message transféré --------\nSujet : Z\n",
    "gmail, forward": "---------- Forwarded message ---------\nFrom: X\n",
    "gmail fr, forward": "---------- Forwarded message ---------\nDe : X\n",
    "apple fr, forward": "Début du message réexpédié :\n\n",
    "apple en, forward": "Begin forwarded message:\n\n",
}  # fmt: skip


@pytest.mark.parametrize("name", INTRODUCTIONS)
def test_all_below_an_introduction_is_old(name: str) -> None:
    text = OWN + INTRODUCTIONS[name] + OLD
    assert own(text) == OWN.strip()
    assert quoted(text) == (INTRODUCTIONS[name] + OLD).strip()


@pytest.mark.parametrize("name", [n for n in INTRODUCTIONS if "gmail" in n and "forward" not in n])
def test_words_after_marked_quotes_are_own_again(name: str) -> None:
    marked = "".join(f"> {line}\n" for line in OLD.splitlines())
    text = INTRODUCTIONS[name] + marked + "\nOui pour la date.\n\n" + marked + "\nDe rien.\n"
    assert own(text) == "Oui pour la date.\n\nDe rien."


@pytest.mark.parametrize(
    "text",
    [
        "Le client a écrit :\n« non »\nQu’en pensez-vous ?\n",
        "Comme Jean l’a écrit :\nil faut signer.\n",
        "On Monday she wrote:\na letter.\n",
        "De : Paris\nJe pars demain.\n",
        "From: Paris with love\nSubject: to change\n",
        "Voici ce qu’il faut :\n- un devis\n- une date\n",
        "--- plan ---\n1. tout\n",
        "Le 3 novembre, rendez-vous à 10:02 :\nvenez !\n",
        "À 5 > 3, on gagne.\n",
    ],
)
def test_the_sender_s_own_words_are_never_taken_for_a_quote(text: str) -> None:
    assert own(text) == text.strip()


def test_a_plain_attribution_counts_in_front_of_a_quote() -> None:
    assert own("Camille wrote:\n> old\nmine\n") == "mine"
    assert own("Camille a écrit :\n\n> old\n\nà moi\n") == "à moi"


def test_signatures_are_told_apart() -> None:
    blocks = split_quotes("Oui.\n\n-- \nCamille\nClarté\n\n> old\n")
    assert [block.kind for block in blocks] == ["own", "signature", "quote"]
    assert blocks[1].text == "-- \nCamille\nClarté\n\n"


def test_a_long_text_below_two_dashes_is_no_signature() -> None:
    text = "Chapitre un\n--\n" + "Un paragraphe.\n" * 60
    assert [block.kind for block in split_quotes(text)] == ["own"]


@pytest.mark.parametrize(
    "line",
    [
        "Envoyé de mon iPhone",
        "Envoyé depuis mon smartphone Samsung Galaxy.",
        "Envoyé à partir de Outlook pour Android",
        "Envoyé à partir d’Outlook pour iOS",
        "Télécharger Outlook pour iOS<https://aka.ms/o0ukef>",
        "Sent from my iPhone",
        "Sent from Outlook for iOS",
        "Get Outlook for Android<https://aka.ms/x>",
        "Envoyé de Yahoo Mail pour Android",
        "Von meinem iPhone gesendet",
    ],
)
def test_what_telephones_add_is_signature(line: str) -> None:
    assert own(f"Oui, parfait.\n\n{line}\n") == "Oui, parfait."


def test_a_sentence_about_sending_is_kept() -> None:
    text = "Envoyé de Lyon hier, le colis arrivera demain.\n"
    assert own(text) == text.strip()


@given(
    st.lists(
        st.one_of(
            st.sampled_from(list(INTRODUCTIONS.values())),
            st.sampled_from(["> a\n", "-- \n", "\n", "\r\n", "Envoyé de mon iPhone\n", OWN, OLD]),
            st.text(max_size=40),
        ),
        max_size=12,
    ).map("".join)
)
@settings(max_examples=150, deadline=None)
def test_the_blocks_joined_are_the_text(text: str) -> None:
    blocks = split_quotes(text)
    assert "".join(block.text for block in blocks) == text
    assert all(block.text for block in blocks)
    assert all(a.kind != b.kind for a, b in pairwise(blocks))
    own_words(text)
    signature_fields(text)


def test_the_snippet_of_a_bare_forward_is_what_is_forwarded() -> None:
    assert own_words("> Bonjour\n> tous\n") == "Bonjour tous"
    assert own_words("") == ""


def test_attributions_and_header_blocks_are_recognised_for_html() -> None:
    assert is_attribution("Bonjour\nLe 3 nov. 2026 à 10:02, X a écrit :")
    assert not is_attribution("Voici la liste :")
    assert not is_attribution("")
    assert is_header_block("De : X\nEnvoyé : y\nÀ : z")
    assert not is_header_block("Bonjour\nDe : X\nEnvoyé : y\nÀ : z")


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        (
            "Bonjour,\n\nMarion Petit\nDirectrice technique, Hôtel Belle-Rive\n04 00 00 00 77",
            {
                "title": "Directrice technique",
                "company": "Hôtel Belle-Rive",
                "phone": "04 00 00 00 77",
            },
        ),
        (
            "Merci\n\n-- \nMarion Petit\nDirectrice technique, Hôtel Belle-Rive / 04 00 00 00 77\n",
            {
                "title": "Directrice technique",
                "company": "Hôtel Belle-Rive",
                "phone": "04 00 00 00 77",
            },
        ),
        (
            "Hello\n\nBest regards,\nJohn Smith\nHead of Sales | ACME Ltd\nTel: +44 20 7946 0958",
            {"title": "Head of Sales", "company": "ACME Ltd", "phone": "+44 20 7946 0958"},
        ),
        (
            "Oui.\n\nCordialement,\n\nPaul Roux\nGérant\nSARL Roux & Fils\n12 rue de la Paix\n"
            "69000 Lyon\nFax : 04 11 11 11 11\nTél. : 04 22 22 22 22\nwww.roux.example",
            {"title": "Gérant", "company": "SARL Roux & Fils", "phone": "04 22 22 22 22"},
        ),
        (
            "Ja.\n\nMit freundlichen Grüßen\nAnna Klein\nGeschäftsführerin\n"
            "Klein Licht GmbH\n+49 30 1234567",
            {
                "title": "Geschäftsführerin",
                "company": "Klein Licht GmbH",
                "phone": "+49 30 1234567",
            },
        ),
        ("Merci, à demain.\n\nCordialement,\nPaul", {}),
        ("Votre commande 123456789012 est partie.", {}),
        ("Appelez le 04 00 00 00 77 pour la livraison, merci beaucoup à vous tous.", {}),
        ("", {}),
    ],
)
def test_signatures_give_function_company_and_telephone(text: str, fields: dict[str, str]) -> None:
    assert signature_fields(text) == fields


def test_a_quoted_signature_is_not_the_sender_s() -> None:
    text = (
        "Oui.\n\nLe 3 nov. 2026 à 10:02, X <x@y.example> a écrit :\n"
        "> Marion Petit\n> Directrice technique, Hôtel Belle-Rive\n> 04 00 00 00 77\n"
    )
    assert signature_fields(text) == {}
