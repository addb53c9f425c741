"""Free ports of this machine."""

import socket


def two_free() -> tuple[int, int]:
    """Two different ones, free a moment ago."""
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1]), int(other.getsockname()[1])
