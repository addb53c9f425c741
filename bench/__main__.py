"""Runs one benchmark by its name, or prepares a world it needs (`--prepare million`)."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import sys

NAMES = ("sync", "inbox", "browser", "push", "memory")


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("name", nargs="?", choices=NAMES, help="the benchmark to run")
    parser.add_argument("--prepare", choices=["million", "corpus"], help="build a world, once")
    parser.add_argument("--small", action="store_true", help="a tenth of everything, to try it")
    options = parser.parse_args()
    if options.prepare:
        world = importlib.import_module(f"bench.{options.prepare}")
        world.prepare()
        return 0
    if not options.name:
        print("\n".join(NAMES))
        return 0
    print(
        f"{options.name}: {os.cpu_count()} cores, {platform.platform()}, Python {sys.version.split()[0]}"
    )
    module = importlib.import_module(f"bench.{options.name}")
    print(json.dumps(module.run(small=options.small)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
