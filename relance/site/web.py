"""The web process: granian, one worker, in this very process."""

from __future__ import annotations

import asyncio
import errno
import signal
import socket

PORTS_TRIED = 50
YEAR = 365 * 24 * 3600  # seconds


class PortTaken(OSError):
    """Somebody listens there already; `.port` says where."""

    def __init__(self, port: int) -> None:
        super().__init__(errno.EADDRINUSE, f"port {port} is taken")
        self.port = port


def free_port(host: str, port: int, *, insist: bool) -> int:
    """`port`, or the next free one after it. Raises `PortTaken` when none is, or to insist."""
    for candidate in range(port, port + (1 if insist else PORTS_TRIED)):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind((host, candidate))
            except OSError:
                continue
            return candidate
    raise PortTaken(port)


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

    async def serve() -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, server.stop)
        await server.serve()

    asyncio.run(serve())
