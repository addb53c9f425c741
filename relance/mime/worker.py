"""The parse process: `python -m relance.mime.worker`.

Reads frames on standard input and answers each, in order, on standard output. A frame is four
bytes (its length, big endian) and that many bytes: the source of a mail in, a pickled
`ParsedMessage` out. Frames may be sent without waiting for answers.

A mail may cost at most `SECONDS` of processor time and the process `MEMORY` bytes; past either the
process dies, and its parent, which counted the attempt before it sent the frame, starts another.
"""

from __future__ import annotations

import pickle
import resource
import signal
import struct
import sys
from typing import BinaryIO

from relance.mime.parse import parse

SECONDS = 10
MEMORY = 512 * 1024 * 1024
LENGTH = struct.Struct(">I")


def read_frame(stream: BinaryIO) -> bytes | None:
    """The next frame, or None at the end of the stream."""
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack(head)
    data = stream.read(length)
    return data if len(data) == length else None


def write_frame(stream: BinaryIO, data: bytes) -> None:
    stream.write(LENGTH.pack(len(data)))
    stream.write(data)


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    """Answer frames until there are none left."""
    while (raw := read_frame(source)) is not None:
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        answer = pickle.dumps(parse(raw), pickle.HIGHEST_PROTOCOL)
        signal.setitimer(signal.ITIMER_PROF, 0)
        write_frame(sink, answer)
        sink.flush()


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when we end
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    serve(sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    main()
