"""What a reader should never meet: long files, long functions, reminders, words of elsewhere."""

import ast
import re
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LONGEST_FILE = 500
LONGEST_SCRIPT = 150
LONGEST_FUNCTION = 60
NAMES_REFUSED = frozenset({"services.py", "utils.py", "helpers.py", "core"})
SOCKETS = frozenset({"urllib.request", "http.client", "socket", "ssl", "asyncio", "smtplib"})

_REMINDER = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")
_ELSEWHERE = {
    "a registry's host": re.compile(r"\bpypi[.]org|pythonhosted[.]org|registry[.]npmjs"),
    "a personal folder": re.compile(re.escape(str(Path.home())) + r"/\w"),
    "a file outside the checkout": re.compile(r"[.][.]/shared\b"),
    "a word about how it was made": re.compile(r"\bsub-?agents?\b|\bthis ses" r"sion\b", re.I),
}
_PROSE = {".py", ".md", ".js", ".css", ".html", ".toml", ".txt", ".po", ".json", ".in", ""}
_MARKED = {".py", ".js", ".css", ".html"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def tracked_files(root: Path = ROOT) -> list[Path]:
    """The files that git holds."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=root, check=True, capture_output=True, text=True
    )
    files = [root / name for name in listed.stdout.split("\0") if name]
    return [path for path in files if path.is_file() and not path.is_symlink()]


def python_files(root: Path = ROOT) -> list[Path]:
    """Those of them that are Python and written by hand (migrations are written by Django)."""
    files = tracked_files(root)
    return [path for path in files if path.suffix == ".py" and "migrations" not in path.parts]


def length_faults(files: Iterable[Path]) -> list[str]:
    """Files and functions that are too long to read."""
    return [fault for path in files for fault in _lengths_of(path)]


def function_lengths(files: Iterable[Path]) -> list[int]:
    """The length in lines of each function."""
    return [_length(node) for path in files for node in _functions(path)]


def script_faults(files: Iterable[Path]) -> list[str]:
    """JavaScript modules that are too long to read."""
    scripts = [path for path in files if path.suffix == ".js" and "static" not in path.parts]
    long = [path for path in scripts if len(path.read_text().splitlines()) > LONGEST_SCRIPT]
    return [f"{path.name} has more than {LONGEST_SCRIPT} lines" for path in long]


def name_faults(files: Iterable[Path]) -> list[str]:
    """Files named for nothing in particular, where things go to grow."""
    return [f"{path.name} names nothing" for path in files if NAMES_REFUSED & set(path.parts[-2:])]


def reminder_faults(files: Iterable[Path]) -> list[str]:
    """Reminders left in the code."""
    marked = [path for path in files if path.suffix in _MARKED]
    return [f"{path.name} holds a reminder" for path in marked if _REMINDER.search(_text(path))]


def word_faults(files: Iterable[Path]) -> list[str]:
    """Words that speak of anything but the product."""
    texts = ((path, _text(path)) for path in files if path.suffix in _PROSE)
    return [
        f"{path.name} names {what}"
        for path, text in texts
        for what, pattern in _ELSEWHERE.items()
        if pattern.search(text)
    ]


def socket_faults(files: Iterable[Path]) -> list[str]:
    """Modules that could open a socket, to the submodule (import-linter sees `urllib` whole)."""
    return [
        f"{path.name} imports {name}"
        for path in files
        for name in _imports(path)
        if name in SOCKETS or name.split(".")[0] in SOCKETS
    ]


def _lengths_of(path: Path) -> Iterator[str]:
    lines = len(_text(path).splitlines())
    if lines > LONGEST_FILE:
        yield f"{path.name} has {lines} lines"
    for node in _functions(path):
        if _length(node) > LONGEST_FUNCTION:
            yield f"{path.name}: {node.name} has {_length(node)} lines"


def _functions(path: Path) -> list[Function]:
    tree = ast.walk(ast.parse(_text(path)))
    return [node for node in tree if isinstance(node, Function)]


def _length(node: Function) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(_text(path))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")
