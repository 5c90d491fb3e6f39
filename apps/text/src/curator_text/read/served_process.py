"""What a watched process does: reads questions from its input, writes answers to its output, ends with its input.

A message is a length of 8 bytes and so many bytes of JSON, then a length and so many bytes of data. Nothing
that comes out of a file of others is ever unpickled.
"""

import faulthandler
import json
import logging
import os
import resource
import struct
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any, BinaryIO

LENGTH = struct.Struct(">Q")

type Facts = dict[str, Any]
"""What JSON has a form for."""
type Message = tuple[Facts, bytes]
"""Facts, and data beside them."""
type Answer = Callable[[Facts, bytes], Message]


def serve(make: Callable[[Facts], Answer]) -> None:
    """Answer questions until the input ends.

    Args:
        make: Gets the facts of the command line without the limit of memory, and gives what answers; it
            imports what answers need, as that is not limited yet.
    """
    given: Facts = json.loads(sys.argv[1])
    limit = int(given.pop("memory"))
    source, out = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    # What a library prints must not come between the answers.
    os.dup2(2, 1)
    faulthandler.disable()
    logging.disable(logging.CRITICAL)
    answer = make(given)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    send(out, {}, b"")
    while (question := receive(source)) is not None:
        send(out, *answer(*question))


def failure(error: Exception, reader: str) -> str:
    """Why there is no answer, in words; `reader` is what failed, as "the extractor"."""
    if isinstance(error, MemoryError):
        return "needs too much memory"
    if isinstance(error, RecursionError):
        return "nested too deeply"
    return f"{reader} failed: {type(error).__name__}"


def packed(facts: Facts, data: bytes) -> bytes:
    """A message as it is sent."""
    head = json.dumps(facts).encode()
    return b"".join((LENGTH.pack(len(head)), head, LENGTH.pack(len(data)), data))


def send(file: BinaryIO, facts: Facts, data: bytes) -> None:
    """Write a message."""
    file.write(packed(facts, data))
    file.flush()


def receive(file: BinaryIO) -> Message | None:
    """The next message; None if the input has ended."""
    head = _part(file)
    data = None if head is None else _part(file)
    return None if head is None or data is None else (json.loads(head), data)


def _part(file: BinaryIO) -> bytes | None:
    head = file.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    size = LENGTH.unpack(head)[0]
    data = file.read(size)
    return data if len(data) == size else None
