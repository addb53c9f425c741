"""Reads every script and style sheet of the pages as esbuild does, each by itself.

`python bin/scripts.py`: what esbuild says; 1 when a file is not sound.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = (
    "relance/web/frontend",
    "relance/web/static/relance/js",
    "relance/web/static/relance/css",
)


def sources() -> list[str]:
    """The scripts and style sheets written by hand."""
    found = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.*")]
    return [f"./{p.relative_to(ROOT)}" for p in sorted(found) if p.suffix in {".js", ".css"}]


def main() -> int:
    """0 when each parses, else esbuild's exit code."""
    files = sources()
    if not files:
        return 0
    with tempfile.TemporaryDirectory() as folder:
        command = ["node_modules/.bin/esbuild", *files, f"--outdir={folder}"]
        return subprocess.run(
            [*command, "--format=esm", "--log-level=warning"], cwd=ROOT, check=False
        ).returncode


if __name__ == "__main__":
    sys.exit(main())
