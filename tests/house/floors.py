"""Floors as import-linter cannot see them: foreign keys (also written as strings), templates."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import models

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "relance/web/templates"
SHARED_TEMPLATES = frozenset({"shell", "components"})
"""Folders of templates that any page may include or extend."""

_ROOM = re.compile(r"\w+")
_REFERENCE = re.compile(r"""\{%-?\s*(?:include|extends)\s+["']([^"']+)["']""")


def floors() -> dict[str, int]:
    """Package name to floor, 0 the highest, as import-linter's contract lists them."""
    config = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contracts = config["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["id"] == "floors")
    return {room: n for n, layer in enumerate(layers) for room in _ROOM.findall(layer)}


def our_models() -> list[type[models.Model]]:
    """Every model of the product, those that Django makes for many-to-many fields included."""
    every = apps.get_models(include_auto_created=True)
    return [model for model in every if _package(model._meta.app_config) is not None]


def relation_faults(checked: Iterable[type[models.Model]]) -> list[str]:
    """Relations that look up, or at a room of the same floor."""
    return [fault for model in checked for fault in _faults_of(model)]


def template_faults(folder: Path = TEMPLATES) -> list[str]:
    """Includes of another page's templates: a page's fragments are its own."""
    faults = []
    for path in sorted(folder.rglob("*.html")):
        page = path.relative_to(folder).parts[0]
        for target in _REFERENCE.findall(path.read_text()):
            if page not in SHARED_TEMPLATES and not _may_use(page, target):
                faults.append(f"{path.relative_to(folder)} uses {target}, of another page")
            elif page in SHARED_TEMPLATES and _owner(target) not in {*SHARED_TEMPLATES, None}:
                faults.append(f"{path.relative_to(folder)} is shared and uses a page's {target}")
    return faults


def _faults_of(model: type[models.Model]) -> Iterator[str]:
    numbers = floors()
    here = model._meta.app_label
    for field in model._meta.get_fields(include_hidden=True):
        if not field.concrete or not field.is_relation:
            continue
        there = _label_of(field)
        if there == here or there not in numbers:
            continue
        if here not in numbers:
            yield f"{model._meta.label} stands on no floor"
        elif numbers[there] <= numbers[here]:
            yield f"{model._meta.label}.{field.name} looks up or sideways at {there}"


def _label_of(field: Any) -> str:
    """The application that a relation points at, resolved or still a string."""
    target = field.related_model
    if isinstance(target, str):
        return target.split(".")[0] if "." in target else str(field.model._meta.app_label)
    return str(target._meta.app_label) if target is not None else ""


def _package(config: Any) -> str | None:
    name = config.name if config is not None else ""
    return name.removeprefix("relance.") if name.startswith("relance.") else None


def _owner(target: str) -> str | None:
    """The page whose folder holds `target`; None for a template of no page."""
    return target.split("/", maxsplit=1)[0] if "/" in target else None


def _may_use(page: str, target: str) -> bool:
    return _owner(target) in {page, None, *SHARED_TEMPLATES}
