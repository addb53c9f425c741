"""The `relance` command."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence

HOST, PORT = "127.0.0.1", 8000


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line. Returns the exit status."""
    options = _parser().parse_args(arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "relance.site.settings")
    os.umask(0o077)  # what is kept here is for the user who runs Relance, and nobody else
    from django.core.exceptions import ImproperlyConfigured

    from relance.site import commands, environment

    for warning in environment.unknown():
        print(f"relance: {warning}", file=sys.stderr)
    run: Callable[[argparse.Namespace], int] = getattr(commands, options.command)
    try:
        return run(options)
    except (commands.Refused, ImproperlyConfigured) as refusal:
        print(f"relance: {refusal}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    from relance import __version__

    parser = argparse.ArgumentParser(
        prog="relance", description="The sales inbox: your mail, sorted by what it is worth."
    )
    parser.add_argument("--version", action="version", version=f"relance {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    serve = commands.add_parser("serve", help="run everything: web, jobs and sync")
    _address(serve)
    web = commands.add_parser("web", help="run the web process alone")
    _address(web)
    commands.add_parser("jobs", help="run the jobs process alone")
    commands.add_parser("sync", help="run the sync process alone")
    commands.add_parser("migrate", help="bring the database to this version")
    commands.add_parser("doctor", help="check the installation and say what to mend")
    commands.add_parser("rotate-secrets", help="encrypt mailbox passwords with the newest key")
    demo = commands.add_parser("demo", help="run the demo world on this machine alone")
    _address(demo)
    demo.add_argument("--reset", action="store_true", help="start the demo world over")
    user = commands.add_parser("user", help="add users and make links for them")
    user.add_argument("action", choices=["add", "link", "list"])
    user.add_argument("email", nargs="?", default="")
    user.add_argument("--role", default="member", choices=["member", "manager", "admin"])
    parser.set_defaults(host=HOST, port=None)
    return _with_dashes(parser, commands)


def _with_dashes(
    parser: argparse.ArgumentParser, commands: argparse._SubParsersAction[argparse.ArgumentParser]
) -> argparse.ArgumentParser:
    """Commands are functions of `commands`: "rotate-secrets" runs `rotate_secrets`."""
    for name, sub in commands.choices.items():
        sub.set_defaults(command=name.replace("-", "_"))
    return parser


def _address(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default=HOST, help=f"address to listen on (default {HOST})")
    parser.add_argument(
        "--port", type=_port, default=None, help=f"port (default {PORT}, or the next free one)"
    )


def _port(written: str) -> int:
    port = int(written) if written.isdecimal() else 0
    if not 1 <= port <= 65_535:
        raise argparse.ArgumentTypeError(f"{written} is not a port; write a number up to 65535")
    return port


if __name__ == "__main__":
    sys.exit(main())
