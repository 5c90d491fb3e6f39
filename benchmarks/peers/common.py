"""What the scripts that run other tools share; each is run as `python NAME_peer.py SOURCE OUT`.

Lines are read and written as bytes, so that little of a tool's time is ours.
"""

import json
import sys
from collections.abc import Iterable
from pathlib import Path


def read(source: str) -> list[bytes]:
    """The lines of all documents, in the files' order."""
    return [line for path in sorted(Path(source).iterdir()) for line in path.open("rb")]


def text_of(line: bytes) -> str:
    """A document's text."""
    return json.loads(line)["text"]


def shingles(text: str) -> list[str]:
    """Five words in a row, each place once."""
    words = text.split()
    return [" ".join(words[i : i + 5]) for i in range(max(1, len(words) - 4))]


def write(out: str, lines: list[bytes], keep: Iterable[bool]) -> None:
    """Write the lines that stay."""
    Path(out).mkdir(parents=True)
    with (Path(out) / "kept.jsonl").open("wb") as file:
        file.writelines(line for line, stays in zip(lines, keep, strict=True) if stays)


def arguments() -> tuple[str, str]:
    """Source and output folder."""
    return sys.argv[1], sys.argv[2]
