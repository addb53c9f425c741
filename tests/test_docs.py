"""What the documents say is so, and what there is they say."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from tests.house.code import ROOT, tracked_files

_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_SETTING = re.compile(r"\bRELANCE_[A-Z_]+\b")
_SCRIPT = re.compile(r"(?<![\w/])bin/([a-z-]+)\b(?![./])")


def documents() -> list[Path]:
    return [path for path in tracked_files() if path.suffix == ".md"]


def broken_links(document: Path) -> Iterator[str]:
    """Links to files that are not there (addresses elsewhere are not tried)."""
    for target in _LINK.findall(document.read_text()):
        name = target.partition("#")[0]
        elsewhere = not name or "://" in name or name.startswith("mailto:")
        if not elsewhere and not (document.parent / name).exists():
            yield f"{document.name}: {target}"


def settings_read() -> set[str]:
    """The settings that the product's code names."""
    sources = (ROOT / "relance").rglob("*.py")
    return {name for path in sources for name in _SETTING.findall(path.read_text())}


def settings_told() -> set[str]:
    folder = (ROOT / "docs/admin").rglob("*.md")
    return {name for path in folder for name in _SETTING.findall(path.read_text())}


def scripts() -> set[str]:
    return {p.name for p in tracked_files() if p.parent == ROOT / "bin" and os.access(p, os.X_OK)}


def test_every_link_between_documents_leads_somewhere(tmp_path: Path) -> None:
    lost = tmp_path / "page.md"
    lost.write_text("[here](page.md#top) [away](https://clarte.example) [lost](nowhere.md)")

    assert list(broken_links(lost)) == ["page.md: nowhere.md"]
    assert [link for document in documents() for link in broken_links(document)] == []


def test_every_setting_is_documented() -> None:
    assert settings_read() - settings_told() == set()


def test_every_documented_setting_exists() -> None:
    assert settings_told() - settings_read() == set()


def test_every_script_is_documented_and_every_documented_script_exists() -> None:
    told = {
        name
        for document in (ROOT / "README.md", ROOT / "CONTRIBUTING.md")
        for name in _SCRIPT.findall(document.read_text())
    }
    assert told == scripts()
