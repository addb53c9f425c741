"""Mails made for tests, and a clock for growth."""

import time
from collections.abc import Callable

HEADER = (
    b"From: Camille Laurent <camille@clarte.example>\r\n"
    b"To: Eloise Garnier <eloise@belle-rive.example>\r\n"
    b"Subject: Devis\r\n"
    b"Date: Tue, 17 Nov 2026 17:26:00 +0100\r\n"
    b"Message-ID: <devis-1@clarte.example>\r\n"
)


def letter(body: bytes = b"Bonjour\r\n", *more: bytes) -> bytes:
    """A sound mail with more header lines and that body."""
    return HEADER + b"".join(line + b"\r\n" for line in more) + b"\r\n" + body


def headed(*lines: bytes, body: bytes = b"Bonjour\n") -> bytes:
    """A mail with those header lines alone."""
    return b"\n".join(lines) + b"\n\n" + body


def multipart(kind: str, *parts: bytes, boundary: str = "b1") -> bytes:
    """A container as an entity: its header line, and its parts, which are entities too."""
    head = f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n'.encode()
    line = b"--" + boundary.encode()
    inner = b"".join(line + b"\r\n" + part + b"\r\n" for part in parts)
    return head + inner + line + b"--\r\n"


def entity(content_type: str, body: bytes, *more: str) -> bytes:
    """A part: its headers and its body."""
    lines = [f"Content-Type: {content_type}", *more]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def whole(structure: bytes) -> bytes:
    """A mail around an entity."""
    return HEADER + b"MIME-Version: 1.0\r\n" + structure


def seconds(work: Callable[[], object]) -> float:
    """Processor time of the quicker of two runs."""
    best = float("inf")
    for _ in range(2):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best


def grows_linearly(work: Callable[[int], Callable[[], object]], size: int) -> bool:
    """Whether four times the size costs at most nine times the time (sixteen if quadratic).

    A cost below 20 ms at the larger size is too small to be measured, and no danger. A machine
    that is busy elsewhere may slow one try, but not three.
    """
    return any(_grew_linearly(work, size) for _ in range(3))


def _grew_linearly(work: Callable[[int], Callable[[], object]], size: int) -> bool:
    large = seconds(work(size * 4))
    return large < 0.02 or large <= 9 * max(seconds(work(size)), 0.002)
