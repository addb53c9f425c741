"""The web process: granian, one worker, in this very process."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import signal
import socket

PORTS_TRIED = 50
YEAR = 365 * 24 * 3600  # seconds


class CannotListen(Exception):
    """Nobody can listen there; the text says why."""


def free_port(host: str, port: int, *, insist: bool) -> int:
    """`port`, or unless one insists on it the next free one. Raises `CannotListen`."""
    for candidate in range(port, min(port + (1 if insist else PORTS_TRIED), 65_536)):
        try:
            _try(host, candidate)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise CannotListen(_said(error, host, candidate)) from error
        else:
            return candidate
    raise CannotListen(f"port {port} of {host} is taken; choose another with --port")


def answers(host: str, port: int) -> bool:
    """Does somebody listen there?"""
    with contextlib.suppress(OSError), socket.create_connection((host, port), timeout=1):
        return True
    return False


def _try(host: str, port: int) -> None:
    family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        trial.bind(address)


def _said(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EACCES:
        return f"port {port} is not for ordinary users; choose one above 1023 with --port"
    if error.errno == errno.EADDRNOTAVAIL or isinstance(error, socket.gaierror):
        return f"{host} is not an address of this machine; choose another with --host"
    return f"port {port} of {host} cannot be opened: {error.strerror}"


def run(host: str, port: int) -> None:
    """Serve pages until TERM or INT; requests under way are finished."""
    from granian.constants import Interfaces
    from granian.server.embed import Server

    from relance.site.asgi import application
    from relance.site.settings import DEBUG, PACKAGE

    server = Server(
        application,
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        websockets=False,
        log_enabled=False,
        backlog=1024,
        # Served beside Python; an address carries its version, so it may be kept for a year.
        static_path_route=["/static"],
        static_path_mount=[PACKAGE / "web" / "static"],
        static_path_expires=0 if DEBUG else YEAR,
    )

    def stop() -> None:
        application.end_streams()
        server.stop()  # type: ignore[no-untyped-call]

    async def serve() -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop)
        await server.serve()

    asyncio.run(serve())
