"""Names of people and companies."""

import pytest

from relance.mime.names import company_from_domain, person_name


@pytest.mark.parametrize(
    ("display", "address", "expected"),
    [
        ("Camille Laurent", "", ("Camille", "Laurent")),
        ("Petit, Marion", "", ("Marion", "Petit")),
        ("PETIT, Marion", "", ("Marion", "Petit")),
        ("DUPONT Jean", "", ("Jean", "Dupont")),
        ("Jean DUPONT", "", ("Jean", "Dupont")),
        ("Jean-Marc DE LA TOUR", "", ("Jean-Marc", "de la Tour")),
        ("Jean de La Tour", "", ("Jean", "de La Tour")),
        ("JEAN DUPONT", "", ("Jean", "Dupont")),
        ("jean dupont", "", ("Jean", "Dupont")),
        ("Jean Dupont (ACME)", "", ("Jean", "Dupont")),
        ("Jean Dupont [Paris]", "", ("Jean", "Dupont")),
        ("Jean Dupont | ACME", "", ("Jean", "Dupont")),
        ("Jean Dupont via Docs", "", ("Jean", "Dupont")),
        ("M. Jean Dupont", "", ("Jean", "Dupont")),
        ("Mme Marion Petit", "", ("Marion", "Petit")),
        ("'Jean Dupont'", "", ("Jean", "Dupont")),
        ('"Jean Dupont"', "", ("Jean", "Dupont")),
        ("Iain McKay", "", ("Iain", "McKay")),
        ("Mélanie", "", ("", "Mélanie")),
        ("ACME", "", ("", "Acme")),
        ("", "marie.dupont@x.example", ("Marie", "Dupont")),
        ("", "marie_dupont@x.example", ("Marie", "Dupont")),
        ("", "marie.dupont+news@x.example", ("Marie", "Dupont")),
        ("", "marie.dupont2@x.example", ("Marie", "Dupont")),
        ("", "j.dupont@x.example", ("J.", "Dupont")),
        ("", "dupont@x.example", ("", "Dupont")),
        ("", "contact@x.example", ("", "Contact")),
        ("", "info.paris@x.example", ("", "Info paris")),
        ("marie.dupont@x.example", "marie.dupont@x.example", ("Marie", "Dupont")),
        ("", "12345@x.example", ("", "12345")),
        ("", "", ("", "")),
        (" , ", "marie.dupont@x.example", ("Marie", "Dupont")),
        ("Li Na", "", ("Li", "Na")),
    ],
)
def test_first_and_last_names_are_found(
    display: str, address: str, expected: tuple[str, str]
) -> None:
    assert person_name(display, address) == expected


def test_names_fit_their_columns() -> None:
    first, last = person_name("x" * 500 + " " + "y" * 500, "")
    assert len(first) <= 100
    assert len(last) <= 100


@pytest.mark.parametrize(
    ("domain", "company"),
    [
        ("belle-rive.example", "Belle Rive"),
        ("mail.clarte.example", "Clarte"),
        ("acme.co.uk", "Acme"),
        ("ACME.COM", "Acme"),
        ("localhost", ""),
        ("", ""),
        (".", ""),
    ],
)
def test_a_company_is_guessed_from_its_domain(domain: str, company: str) -> None:
    assert company_from_domain(domain) == company
