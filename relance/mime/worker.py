"""The parse process: `python -m relance.mime.worker`.

Reads frames on standard input and answers each, in order, on standard output. A frame is four
bytes (its length, big endian) and that many bytes: the source of a mail in, a pickled
`ParsedMessage` out. Frames may be sent without waiting for answers, provided that somebody reads
the answers meanwhile: both pipes are finite. The end of standard input ends the process.

An answer is written before the next frame is looked at. So, when the process dies, the mail that
killed it is the one after the last answer received. It dies by itself when a mail takes more
than `SECONDS` of processor time (SIGPROF) or the process more than `MEMORY` bytes (exit code
`EXIT_MEMORY`); its parent counts the attempt before sending, and starts another. Of a mail longer
than `LONGEST` only the beginning is parsed, with the defect "source-cut-short" and its true size.
"""

import contextlib
import fcntl
import os
import pickle
import resource
import signal
import struct
import sys
from dataclasses import replace
from typing import BinaryIO

from relance.mime.indexing import words_of
from relance.mime.message import ParsedMessage
from relance.mime.parse import parse

SECONDS = 10
MEMORY = 512 * 1024 * 1024
LONGEST = 48 * 1024 * 1024
EXIT_MEMORY = 12
LENGTH = struct.Struct(">I")
_PIPE = 1024 * 1024
_SKIP = 1024 * 1024


def read_frame(stream: BinaryIO) -> tuple[bytes, int] | None:
    """The next frame, at most `LONGEST` bytes of it, and its true length; None at the end."""
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack(head)
    data = stream.read(min(length, LONGEST))
    left = length - len(data)
    while left > 0:
        skipped = len(stream.read(min(left, _SKIP)))
        if not skipped:
            return None
        left -= skipped
    return data, length


def write_frame(stream: BinaryIO, data: bytes) -> None:
    """One frame, sent at once."""
    stream.write(LENGTH.pack(len(data)) + data)
    stream.flush()


def answer(raw: bytes, length: int) -> ParsedMessage:
    """What `raw`, the beginning of a mail of `length` bytes, says. Its words are folded here, since
    this process has time that the one which writes lacks."""
    message = parse(raw)
    message = replace(message, words=words_of(message))
    if length == len(raw):
        return message
    return replace(message, size=length, defects=(*message.defects, "source-cut-short"))


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    """Answer frames until there are none left."""
    while (frame := read_frame(source)) is not None:
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        data = pickle.dumps(answer(*frame), pickle.HIGHEST_PROTOCOL)
        signal.setitimer(signal.ITIMER_PROF, 0)
        del frame
        write_frame(sink, data)


def main() -> None:
    """Serve on the standard streams, within the bounds."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when we end
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold mail
    for stream in (sys.stdin, sys.stdout):
        with contextlib.suppress(OSError):  # not a pipe, or the system allows less
            fcntl.fcntl(stream.fileno(), fcntl.F_SETPIPE_SZ, _PIPE)
    try:
        serve(sys.stdin.buffer, sys.stdout.buffer)
    except MemoryError:
        os._exit(EXIT_MEMORY)
    except BrokenPipeError:
        os._exit(0)  # the parent is gone, and so is whoever would read the answer


if __name__ == "__main__":
    main()
