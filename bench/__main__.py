"""Runs one benchmark by its name, or prepares a world it needs (`--prepare million`).

The last line printed is one JSON object; those before it say under which conditions.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import sys

NAMES = ("sync", "inbox", "browser", "push", "memory", "send", "compose", "crm", "filters")
WORLDS = ("million", "corpus")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="bin/bench", description=__doc__)
    parser.add_argument("name", nargs="?", choices=NAMES, help="the benchmark to run")
    parser.add_argument("--prepare", choices=WORLDS, help="build a world, once")
    parser.add_argument("--small", action="store_true", help="a tenth of everything, to try it")
    parser.add_argument("--indexed", action="store_true", help="the million world's words as well")
    options = parser.parse_args(arguments)
    if options.prepare == "million":
        importlib.import_module("bench.million").prepare(indexed=options.indexed)
    elif options.prepare:
        importlib.import_module(f"bench.{options.prepare}").prepare()
    elif options.name:
        print(conditions(options.name), flush=True)
        run = importlib.import_module(f"bench.{options.name}").run
        print(json.dumps(run(small=options.small)))
    else:
        print("\n".join(NAMES))
    return 0


def conditions(name: str) -> str:
    """The machine, and how busy others keep it: above one or so, times are worth little."""
    load, _, _ = os.getloadavg()
    return (
        f"{name}: {os.cpu_count()} cores (load before: {load:.1f}), {platform.platform()}, "
        f"Python {platform.python_version()}"
    )


if __name__ == "__main__":
    sys.exit(main())
