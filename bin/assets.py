"""Makes what git does not hold: the pages' bundle and the compiled translations.

`python bin/assets.py [--watch]`, and the wheel's build hook through `make_all`.

Entry points of the bundle are the files directly in relance/web/frontend, each made whole, so that
a page waits for one script alone: `app` for the inbox and the conversation, `app-pages` for every
other page, `compose` fetched when somebody writes. `import "htmx"` finds the htmx that django-htmx
ships.
"""

import hashlib
import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

SOURCES = Path("relance/web/frontend")
OUTPUT = Path("relance/web/static/relance/dist")
STAMP = Path(".cache/stamps/bundle")
HTMX = "static/django_htmx/htmx-4.js"
HTMX_MODULE = Path(".cache/htmx.js")
ESBUILD = Path("node_modules/.bin/esbuild")
ESBUILD_OPTIONS = (
    "--bundle",
    "--minify",
    "--sourcemap",
    "--format=esm",
    "--target=es2022",
    "--asset-names=assets/[name]-[hash]",
    "--loader:.svg=file",
    "--loader:.png=file",
    "--loader:.woff2=file",
    "--log-level=warning",
)


class AssetsError(Exception):
    """Something is missing to make the assets; the message says what to do."""


def digest_of(paths: Iterable[Path]) -> str:
    """SHA-256 over the names and contents of `paths` (missing ones are skipped)."""
    digest = hashlib.sha256()
    for path in sorted(paths):
        if path.is_file():
            digest.update(str(path).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def install_node_modules(root: Path) -> None:
    """Run `npm ci` when package-lock.json has changed since the last time."""
    stamp = root / "node_modules/.relance-lock"
    wanted = digest_of([root / "package-lock.json"])
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    npm = shutil.which("npm")
    if npm is None:
        raise AssetsError(
            "Node.js and npm are needed to bundle the pages' script and style.\n"
            "On Debian or Ubuntu: sudo apt-get install --no-install-recommends nodejs npm"
        )
    print("Fetching the bundler, with npm", flush=True)
    _run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], root)
    stamp.write_text(wanted)


def bundle(root: Path) -> None:
    """Bundle the pages' script and style, unless that was done since the last change.

    Raises AssetsError when npm is absent, or esbuild refuses a source.
    """
    if not _entries(root):
        return
    stamp = root / STAMP
    wanted = digest_of(_bundle_inputs(root))
    if stamp.is_file() and stamp.read_text() == wanted and (root / OUTPUT).is_dir():
        return
    install_node_modules(root)
    print("Bundling the pages' script and style", flush=True)
    shutil.rmtree(root / OUTPUT, ignore_errors=True)
    _run(_esbuild_command(root), root)
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(wanted)


def watch(root: Path) -> int:
    """Bundle again at each change, until interrupted; esbuild's exit code."""
    install_node_modules(root)
    watching = subprocess.Popen([*_esbuild_command(root), "--watch=forever"], cwd=root)
    try:
        return watching.wait()
    finally:
        watching.terminate()


def compile_messages(root: Path) -> None:
    """Compile each .po that is newer than its .mo. Needs Babel, not gettext."""
    for po in root.glob("relance/**/locale/*/LC_MESSAGES/*.po"):
        if _is_stale(po):
            _compile(po)


def make_all(root: Path) -> None:
    """The bundle and the translations, whatever of them is not up to date."""
    compile_messages(root)
    bundle(root)


def _entries(root: Path) -> list[Path]:
    folder = root / SOURCES
    return sorted(path.relative_to(root) for path in (*folder.glob("*.js"), *folder.glob("*.css")))


def _bundle_inputs(root: Path) -> Iterator[Path]:
    yield from (root / SOURCES).rglob("*")
    yield root / "package-lock.json"
    yield Path(__file__)
    if htmx := _htmx():
        yield htmx


def _htmx() -> Path | None:
    spec = importlib.util.find_spec("django_htmx")
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent / HTMX


def _htmx_module(root: Path) -> Path | None:
    """htmx is a classic script, whose `var` a bundle would hide: the same text, exported."""
    htmx = _htmx()
    if htmx is None:
        return None
    module = root / HTMX_MODULE
    module.parent.mkdir(parents=True, exist_ok=True)
    module.write_text(htmx.read_text("utf-8") + "\nexport default htmx;\n", "utf-8")
    return module


def _esbuild_command(root: Path) -> list[str]:
    htmx = _htmx_module(root)
    alias = [f"--alias:htmx={htmx}"] if htmx else []
    names = [f"./{entry}" for entry in _entries(root)]
    return [str(root / ESBUILD), *names, f"--outdir={OUTPUT}", *ESBUILD_OPTIONS, *alias]


def _is_stale(po: Path) -> bool:
    mo = po.with_suffix(".mo")
    return not mo.exists() or mo.stat().st_mtime < po.stat().st_mtime


def _compile(po: Path) -> None:
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with po.open("rb") as source:
        catalog = read_po(source)
    temporary = po.with_suffix(".mo.part")
    with temporary.open("wb") as target:
        write_mo(target, catalog)
    temporary.replace(po.with_suffix(".mo"))


def _run(command: list[str], root: Path) -> None:
    done = subprocess.run(command, cwd=root, check=False, capture_output=True, text=True)
    if done.returncode:
        # esbuild's own words, without Node's stack trace under them.
        output = (done.stdout + done.stderr).partition("\nnode:")[0].strip()
        raise AssetsError(f"{Path(command[0]).name} failed:\n{output}")


def main(arguments: list[str]) -> int:
    """Make all, or watch; 0 when done, 1 with a message on standard error."""
    root = Path(__file__).resolve().parent.parent
    try:
        make_all(root)
        return watch(root) if "--watch" in arguments else 0
    except AssetsError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
