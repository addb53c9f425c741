"""The French of the pages is whole, and a hole in it is noticed."""

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from django.utils import translation

from tests.scripts import load

translations = load("translations")


def french(identifier: str | tuple[str, str], string: str | tuple[str, str]) -> Catalog:
    catalog = Catalog(locale="fr")
    catalog.add(identifier, string)
    return catalog


def faults(identifier: str, string: str) -> list[str]:
    catalog = french(identifier, string)
    found: list[str] = translations.faults(catalog, catalog)
    return found


def test_every_source_string_has_its_french() -> None:
    assert translations.faults(translations.extracted(), translations.kept()) == []


def test_a_string_without_its_french_is_noticed() -> None:
    source = french("Why here?", "")
    assert translations.faults(source, Catalog(locale="fr")) == [
        "not in the catalogue: 'Why here?'"
    ]
    assert translations.faults(source, source) == ["not translated: 'Why here?'"]


def test_french_without_a_source_is_noticed() -> None:
    kept = french("Gone", "Parti")
    assert translations.faults(Catalog(locale="fr"), kept) == ["no longer in the source: 'Gone'"]


def test_a_guess_is_not_a_translation() -> None:
    catalog = french("Deal", "Affaire")
    next(m for m in catalog if m.id).flags.add("fuzzy")
    assert translations.faults(catalog, catalog) == ["not translated: 'Deal'"]


def test_half_a_plural_is_not_a_translation() -> None:
    catalog = french(("%(n)s mail", "%(n)s mails"), ("%(n)s message", ""))
    assert translations.faults(catalog, catalog) == ["not translated: '%(n)s mail'"]


def test_a_lost_placeholder_is_noticed() -> None:
    [fault] = faults("Hello %(name)s", "Bonjour %(nom)s")
    assert fault.startswith("other placeholders than its source")


@pytest.mark.parametrize(
    "string",
    [
        "L'affaire",
        'Le dossier "Envoyés"',
        "Pourquoi ici ?",
        "Pourquoi ici?",
        "Objet : rien",
        "Objet: rien",
        "Le dossier « Envoyés »",
        "Un instant...",
    ],
)
def test_ill_typed_french_is_noticed(string: str) -> None:
    [fault, *_] = faults("Source", string)
    assert fault.endswith(repr(string))


@pytest.mark.parametrize(
    "string",
    [
        "L’affaire «\u00a0Hôtel\u00a0»",
        "Pourquoi ici\u202f?",
        "Objet\u00a0: rien",
        "Reçu à 10:02, voir <a href='x?y=1'>la page</a> &amp; https://clarte.example/?a=1;b",
    ],
)
def test_well_typed_french_is_welcome(string: str) -> None:
    assert faults("Source", string) == []


def test_strings_are_found_in_templates_and_in_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "relance").mkdir()
    (tmp_path / "relance/page.html").write_text(
        "<p>don't {# it's #} {% translate 'Deal' context 'one' %}\n"
        '   {{ _("Hello") }}\n'
        "{% blocktranslate count n=n %}{{ n }} isn't{% plural %}{{ n }} aren't"
        "{% endblocktranslate %}</p>"
    )
    (tmp_path / "relance/view.py").write_text('label = gettext_lazy("Sharing")\n')
    monkeypatch.setattr(translations, "ROOT", tmp_path)

    found = {(m.context, m.id) for m in translations.extracted() if m.id}

    assert found == {
        ("one", "Deal"),
        (None, "Hello"),
        (None, ("%(n)s isn't", "%(n)s aren't")),
        (None, "Sharing"),
    }


def test_the_pages_speak_both_languages() -> None:
    with translation.override("fr"):
        assert translation.gettext("Trash") == "Corbeille"
    with translation.override("en"):
        assert translation.gettext("Trash") == "Trash"
