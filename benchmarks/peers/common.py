"""What the scripts that run other tools share; each is run as `python NAME_peer.py SOURCE OUT`."""

import json
import sys
from collections.abc import Iterable
from pathlib import Path


def read(source: str) -> tuple[list[str], list[str]]:
    """Ids and texts of all documents, in the files' order."""
    ids: list[str] = []
    texts: list[str] = []
    for path in sorted(Path(source).iterdir()):
        with path.open("rb") as file:
            for line in file:
                row = json.loads(line)
                ids.append(row["id"])
                texts.append(row["text"])
    return ids, texts


def shingles(text: str) -> list[str]:
    """Five words in a row, each place once."""
    words = text.split()
    return [" ".join(words[i : i + 5]) for i in range(max(1, len(words) - 4))]


def write(out: str, ids: list[str], texts: list[str], keep: Iterable[bool]) -> None:
    """Write the documents that stay."""
    Path(out).mkdir(parents=True)
    with (Path(out) / "kept.jsonl").open("w", encoding="utf-8") as file:
        for name, text, stays in zip(ids, texts, keep, strict=True):
            if stays:
                file.write(json.dumps({"id": name, "text": text}, ensure_ascii=False) + "\n")


def arguments() -> tuple[str, str]:
    """Source and output folder."""
    return sys.argv[1], sys.argv[2]
