"""The process that pages are extracted in: reads pages from its input, writes what became of them to its output.

    python -m curator_text.extract.page_process '{"extractor": "resiliparse", ...}'

A message is a length of 8 bytes and so many bytes: of a page its facts as JSON, then another with its data;
of an answer JSON. Nothing that comes out of a page is ever unpickled. It ends with its input.
"""

import faulthandler
import json
import logging
import os
import resource
import struct
import sys
from contextlib import suppress
from typing import Any, BinaryIO

from curator_engine.errors import CuratorError
from curator_text.extract.page_texts import Extracted, Page, Wanted, extract

LENGTH = struct.Struct(">Q")


def main() -> None:
    """Serve pages until the input ends."""
    given: dict[str, Any] = json.loads(sys.argv[1])
    limit = int(given.pop("memory"))
    source, out = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    # What a library prints must not come between the answers.
    os.dup2(2, 1)
    faulthandler.disable()
    logging.disable(logging.CRITICAL)
    wanted = Wanted(**given)
    extract(Page(kind="html", data=b"<html><body><p>ready</p></body></html>"), wanted)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    send(out, Extracted().as_dict())
    while (head := receive(source)) is not None:
        send(out, answer(json.loads(head), receive(source) or b"", wanted).as_dict())


def answer(facts: dict[str, Any], data: bytes, wanted: Wanted) -> Extracted:
    """What became of a page, also if the extractor fails on it."""
    try:
        return extract(Page(**facts, data=data), wanted)
    except MemoryError:
        return Extracted(reason="needs too much memory", kind=FAILED)
    except RecursionError:
        return Extracted(reason="nested too deeply", kind=FAILED)
    except Exception as error:
        if isinstance(error, CuratorError):
            raise
        return Extracted(reason=f"the extractor failed: {type(error).__name__}", kind=FAILED)


FAILED = "failed"
"""The kind of what is no verdict on a page, but a failure on it."""


def send(file: BinaryIO, facts: dict[str, Any]) -> None:
    """Write a message of JSON."""
    data = json.dumps(facts).encode()
    file.write(LENGTH.pack(len(data)) + data)
    file.flush()


def receive(file: BinaryIO) -> bytes | None:
    """The next message; None if the input has ended."""
    head = file.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    return file.read(LENGTH.unpack(head)[0])


if __name__ == "__main__":
    main()
