"""Subjects without their prefixes."""

import pytest

from relance.mime.subjects import base_subject


@pytest.mark.parametrize(
    "prefix",
    ["Re: ", "RE : ", "re:", "Ré: ", "Rép : ", "TR: ", "Tr : ", "Fwd: ", "FW: ", "AW: ", "WG: ",
     "SV: ", "VS: ", "Antw: ", "Antw.: ", "RV: ", "ENC: ", "Doorst: ", "VL: ", "YNT: ",
     "Odp: ", "PD: ", "RES: ", "Re[2]: ", "Re (3): ", "Re^2: ", "Re: Re: ", "RE : TR : ",
     "Re: Fwd: Re: ",
     "回复：", "转发: ", "R: ", "I: ", "RE\xa0: "],
)  # fmt: skip
def test_prefixes_of_every_client_are_taken_off(prefix: str) -> None:
    assert base_subject(f"{prefix}Devis Éclairage") == ("devis eclairage", True)


@pytest.mark.parametrize(
    "subject",
    ["Devis", "Reçu : merci", "Retard: demain", "r: drive full", "i: think so",
     "Transport : mardi", "Pdf: joint", "Recommandation", "Revue: printemps", "[Salon] Devis",
     "", ":", "Fwd", "Re Devis"],
)  # fmt: skip
def test_words_that_are_no_prefix_stay(subject: str) -> None:
    base, had = base_subject(subject)
    assert not had
    assert len(base) == len(subject)


def test_tags_of_lists_stay_once_on_either_side() -> None:
    assert base_subject("[Salon] Devis") == ("[salon] devis", False)
    assert base_subject("Re: [Salon] Devis") == ("[salon] devis", True)
    assert base_subject("[Salon] Re: Devis") == ("[salon] devis", True)
    assert base_subject("Re: [Salon] Re: [Salon] Devis") == ("[salon] devis", True)
    assert base_subject("[a] [b] Devis") == ("[a] [b] devis", False)


def test_white_space_and_case_are_folded() -> None:
    assert base_subject("  DEVIS \t  pour\r\n l’hôtel ") == ("devis pour l'hotel", False)


def test_a_trailing_forward_mark_counts() -> None:
    assert base_subject("Devis (fwd)") == ("devis", True)


def test_a_bare_prefix_is_an_empty_subject() -> None:
    assert base_subject("Re:") == ("", True)
    assert base_subject("Re: Re: ") == ("", True)


def test_the_base_fits_its_column() -> None:
    assert len(base_subject("Re: " + "é" * 2_000)[0]) <= 255
