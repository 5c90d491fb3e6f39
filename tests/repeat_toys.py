"""Corpora with repeated parts, runs over them, and brute-force answers to compare with."""

import json
import random
from pathlib import Path
from typing import Any

from curator_engine.executors.local import LocalExecutor
from curator_text.pipelines.repeats import LinesWorkflow, SubstringWorkflow
from curator_text.settings import LinesSettings, SubstringSettings

WINDOW = 16
type Spans = dict[int, list[tuple[int, int]]]


def repeating_texts(seed: int, count: int = 30, letters: str = "abß文") -> list[str]:
    """Texts put together from pieces that come again, whole, cut or changed, and of runs of one letter."""
    draw = random.Random(seed)
    pieces = ["".join(draw.choices(letters, k=draw.randrange(1, 60))) for _ in range(12)]
    pieces += ["a" * 40, "ab" * 25]
    texts = ["", "a", "a" * WINDOW]
    for _ in range(count):
        parts = draw.choices(pieces, k=draw.randrange(6))
        for k, part in enumerate(parts):
            if part and draw.random() < 0.4:
                at = draw.randrange(len(part))
                parts[k] = part[:at] + draw.choice(letters) + part[at + draw.randrange(2) :]
        texts.append("".join(parts))
    return texts


def repeated_bytes(texts: list[str], window: int = WINDOW) -> list[bytearray]:
    """For each byte of each text, 1 if a window with it stands at an earlier place as well."""
    seen, marks = set[bytes](), list[bytearray]()
    for text in texts:
        data, mark = text.encode(), bytearray(len(text.encode()))
        for at in range(len(data) - window + 1):
            part = data[at : at + window]
            if part in seen:
                mark[at : at + window] = b"\1" * window
            seen.add(part)
        marks.append(mark)
    return marks


def without(text: str, mark: bytearray) -> str:
    """The text without its marked bytes; characters of which only some bytes are marked stay."""
    kept = bytearray()
    data, at = text.encode(), 0
    for character in text:
        size = len(character.encode())
        if not all(mark[at : at + size]):
            kept += data[at : at + size]
        at += size
    return kept.decode()


def substring_into(source: Any, out: Path, **options: Any) -> dict[str, Any]:
    """Run `substring`; the facts of its record."""
    given: dict[str, Any] = {"min_bytes": WINDOW, **options}
    more = {k: given.pop(k) for k in ("pieces_together", "input_blocksize") if k in given}
    settings = SubstringSettings(inputs=[str(source)], output=str(out), **given)
    SubstringWorkflow(settings=settings, **more).run(LocalExecutor())
    return json.loads((out / "run.json").read_text(encoding="utf-8"))["facts"]


def lines_into(source: Any, out: Path, **options: Any) -> dict[str, Any]:
    """Run `lines`; the facts of its record."""
    settings = LinesSettings(inputs=[str(source)], output=str(out), **options)
    LinesWorkflow(settings=settings).run(LocalExecutor())
    return json.loads((out / "run.json").read_text(encoding="utf-8"))["facts"]
