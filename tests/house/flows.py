"""Ports and signals: the few doors through which a lower floor hears from above."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs/developers/flows.md"
MOST = 10

_ROW = re.compile(r"^\| (?:port|signal) \| `([\w.]+)` \|", re.MULTILINE)


def documented(document: Path = DOCUMENT) -> set[str]:
    """The ports and signals that the document lists, without the leading `relance.`."""
    return set(_ROW.findall(document.read_text()))


def declared(package: Path = ROOT / "relance") -> set[str]:
    """Those that the code declares.

    A signal is a `Signal()` at the top of a module; a port is a public variable of a module
    `ports.py`, or a function `register_…` at the top of any other module.
    """
    return {
        f"{_module(path, package)}.{name}"
        for path in package.rglob("*.py")
        for name in _doors(path)
    }


def faults(in_document: set[str], in_code: set[str]) -> list[str]:
    """Doors that only one of both knows, and doors beyond the tenth."""
    silent = [f"{name} is not in {DOCUMENT.name}" for name in sorted(in_code - in_document)]
    gone = [f"{name} is in no module" for name in sorted(in_document - in_code)]
    many = [f"{len(in_code)} ports and signals"] if len(in_code) > MOST else []
    return silent + gone + many


def _module(path: Path, package: Path) -> str:
    return ".".join(path.relative_to(package).with_suffix("").parts)


def _doors(path: Path) -> Iterator[str]:
    is_ports = path.name == "ports.py"
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef):
            if node.name.startswith("register_") and not is_ports:
                yield node.name
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            for name in _names(node):
                if _is_signal(node.value) or (is_ports and name.islower()):
                    yield name


def _names(node: ast.Assign | ast.AnnAssign) -> list[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    names = [target.id for target in targets if isinstance(target, ast.Name)]
    return [name for name in names if not name.startswith("_")]


def _is_signal(value: ast.expr | None) -> bool:
    return isinstance(value, ast.Call) and ast.unparse(value.func).endswith("Signal")
