"""The French of the pages: extracted, compared, brought up to date. Needs Babel, not gettext.

    python bin/translations.py check    faults, one a line; 1 when there are any
    python bin/translations.py update   adds what the source says to the catalogue

Source strings are English, in Python (`gettext as _` and its family) and in templates
(`{% translate %}`, `{% blocktranslate %}`).
"""

import io
import re
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "relance/locale/fr/LC_MESSAGES/django.po"
KEYWORDS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
_PLACEHOLDER = re.compile(r"%\((\w+)\)[sdf]|\{(\w*)\}")
_MARKUP = re.compile(r"<[^>]*>|&\w+;|%\(\w+\)[sdf]|\{\w*\}|https?:\S+|\S+@\S+")
_TYPOGRAPHY = (
    (re.compile(r"\w'\w"), "a straight apostrophe, for ’"),
    (re.compile(r'"'), "straight quotes, for « »"),
    (re.compile(r"[^\s\u202f\u00a0(] ?[;!?](?![\w)])"), "no narrow space (U+202F) before ; ! ?"),
    (re.compile(r"\w ?:(?=\s|$)"), "no no-break space (U+00A0) before :"),
    (re.compile(r"« |« ?\w| »|\w ?»"), "no no-break space within « »"),
    (re.compile(r"\.\.\."), "three dots, for …"),
)

_HEADERS = tuple(
    f'"{name}:'
    for name in (
        "Project-Id-Version",
        "Report-Msgid-Bugs-To",
        "POT-Creation-Date",
        "PO-Revision-Date",
        "Last-Translator",
        "Language-Team",
        "Generated-By",
    )
)
"""Headers that only make two people's changes clash."""

Key = tuple[str, str | tuple[str, ...]]


def extracted() -> Catalog:
    """Every source string of the product, with where it stands."""
    catalog = Catalog(locale="fr", project="relance", charset="utf-8")
    for path, line, message, comments, context in _found():
        place = [(path, line)]
        catalog.add(message, locations=place, auto_comments=comments, context=context)
    return catalog


def kept() -> Catalog:
    """The catalogue as it stands; empty when there is none yet."""
    if not CATALOGUE.exists():
        return Catalog(locale="fr", project="relance", charset="utf-8")
    with CATALOGUE.open("rb") as source:
        return read_po(source, locale="fr")


def faults(source: Catalog, french: Catalog) -> list[str]:
    """Source strings without their French, French without a source, and French ill written."""
    wanted, present = _by_key(source), _by_key(french)
    missing = [f"not in the catalogue: {_name(key)}" for key in wanted if key not in present]
    unused = [f"no longer in the source: {_name(key)}" for key in present if key not in wanted]
    ill = [fault for key, message in present.items() for fault in _faults_of(key, message)]
    return missing + unused + ill


def update() -> Catalog:
    """Bring the catalogue up to date: what is new comes untranslated, what is gone goes."""
    french = kept()
    french.update(extracted(), no_fuzzy_matching=True, update_creation_date=False)
    french.obsolete.clear()
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    french.fuzzy = False
    french.header_comment = "# The French of Relance. `bin/messages` brings it up to date."
    text = io.BytesIO()
    write_po(text, french, sort_output=True, width=96, include_lineno=False)
    lines = text.getvalue().decode().splitlines(keepends=True)
    CATALOGUE.write_text("".join(line for line in lines if not line.startswith(_HEADERS)))
    return french


def _found() -> Iterator[tuple[str, int, Any, list[str], str | None]]:
    for path in sorted((ROOT / "relance").rglob("*")):
        if path.suffix in {".py", ".html", ".txt"} and "frontend" not in path.parts:
            code = _as_python(path)
            for line, message, comments, context in extract(
                "python", io.BytesIO(code.encode()), KEYWORDS, ["Translators:"]
            ):
                yield str(path.relative_to(ROOT)), line, message, comments, context


def _as_python(path: Path) -> str:
    """The file as Python that Babel can read: in parentheses, a template's margins say nothing."""
    text = path.read_text()
    if path.suffix == ".py":
        return text
    if "{%" not in text and "{{" not in text:
        return ""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return f"({templatize(text, origin=str(path))}\n)"


def _by_key(catalog: Catalog) -> dict[Key, Message]:
    return {(m.context or "", _frozen(m.id)): m for m in catalog if m.id}


def _frozen(identifier: Any) -> str | tuple[str, ...]:
    return identifier if isinstance(identifier, str) else tuple(identifier)


def _name(key: Key) -> str:
    context, identifier = key
    text = identifier if isinstance(identifier, str) else identifier[0]
    return f"{text!r}" + (f" ({context})" if context else "")


def _faults_of(key: Key, message: Message) -> Iterator[str]:
    string = message.string or ""
    french = [string] if isinstance(string, str) else list(string)
    if message.fuzzy or not all(french):
        yield f"not translated: {_name(key)}"
        return
    identifiers = (key[1],) if isinstance(key[1], str) else key[1]
    if _placeholders(*identifiers) != _placeholders(*french):
        yield f"other placeholders than its source: {_name(key)}"
    for text in french:
        plain = _MARKUP.sub("_", text)
        for pattern, fault in _TYPOGRAPHY:
            if pattern.search(plain):
                yield f"{fault}: {text!r}"


def _placeholders(*texts: str) -> set[str]:
    return {name for text in texts for pair in _PLACEHOLDER.findall(text) for name in pair}


def main(arguments: list[str]) -> int:
    """Check or update; 0 when the catalogue is whole, 1 when something is missing in it."""
    settings.configure(USE_I18N=True)
    if arguments == ["update"]:
        update()
    elif arguments != ["check"]:
        print(__doc__, file=sys.stderr)
        return 2
    found = faults(extracted(), kept())
    for fault in found:
        print(fault)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
