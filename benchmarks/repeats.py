"""What do `substring` and `lines` cost, and is all found that was planted, and nothing else?

The texts are words of this machine's Python sources in a drawn order, so that no two share thirty words in
a row; into every fifth one a passage is put that stands elsewhere as well, or some lines that many have.
"""

import itertools
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from corpus import real_texts
from cost import exponent
from measure import measured

from curator_engine.executors.local import LocalExecutor
from curator_text.pipelines.repeats import LinesWorkflow, SubstringWorkflow
from curator_text.settings import LinesSettings, SubstringSettings

_MOST_EXPONENT = 1.25
_PASSAGES, _LINES, _PLANTED = 400, 60, 5
"""Passages and lines that are planted, and every which document gets one."""


@dataclass(frozen=True, kw_only=True)
class Planted:
    """A corpus of lines in a folder, and what was planted in it."""

    folder: str
    size: int
    """Bytes of text."""
    places: int
    """Places at which a passage or line stands that stands elsewhere before."""
    planted_bytes: int
    """Bytes at these places."""


def run(folder: Path, *, sizes: list[int]) -> list[str]:
    """Print the report; returns what does not hold.

    Args:
        folder: For the corpora and what comes of them.
        sizes: Bytes of the corpora.
    """
    wrong = list[str]()
    for job, work, texts in (
        ("substring", cut_passages, with_passages),
        ("lines", cut_lines, with_lines),
    ):
        # The first turn compiles kernels.
        small = [plant(folder / job, size, texts) for size in (60_000, 60_001, 60_002)]
        start = min((measured(work, *_places(each)) for each in small), key=lambda cost: cost.cpu)
        print(f"{job}: start-up {start.cpu:.2f} CPU-s")
        spent: list[float] = []
        for size in sizes:
            corpus = plant(folder / job, size, texts)
            cost = measured(work, *_places(corpus))
            spent.append(cost.cpu - start.cpu)
            missed, more = judge(corpus, cost.value)
            print(
                f"  {size / 1e6:6.0f} MB: {corpus.size / 1e6 / spent[-1]:5.1f} MB per CPU-second past "
                f"start-up, {cost.memory / 1e6:4.0f} MB of memory; planted {corpus.places:,}, missed "
                f"{missed:,}, cut beyond them {more:,} bytes"
            )
            wrong += [f"{job}: {missed} of {corpus.places} were not found"] * (missed > 0)
            # A word before or after two places of a passage is the same now and then.
            wrong += [f"{job}: {more} bytes too many"] * (more > 4 * corpus.places)
        if min(spent) < start.cpu / 2:
            # Too small to tell.
            continue
        grows = exponent(sizes, spent)
        print(f"  exponent of time {grows:.2f}")
        wrong += [f"{job}: the exponent of time is {grows:.2f}"] * (grows > _MOST_EXPONENT)
    return wrong


def cut_passages(source: str, out: str) -> dict[str, Any]:
    """Run `substring` with its defaults."""
    settings = SubstringSettings(inputs=[source], output=out)
    return dict(SubstringWorkflow(settings=settings).run(LocalExecutor()).metadata)


def cut_lines(source: str, out: str) -> dict[str, Any]:
    """Run `lines`; a line may stand once."""
    settings = LinesSettings(inputs=[source], output=out, max_times=1)
    return dict(LinesWorkflow(settings=settings).run(LocalExecutor()).metadata)


def judge(corpus: Planted, facts: dict[str, Any]) -> tuple[int, int]:
    """How many planted places were not found, and how many bytes were cut beyond them."""
    tables = Path(f"{corpus.folder}-out")
    found = [
        row
        for part in sorted((tables / "passages").glob("*.parquet"))
        for row in pq.read_table(part, columns=["text", "characters"]).to_pylist()
    ]
    planted = sum(1 for row in found if "@" in row["text"])
    return corpus.places - planted, max(0, facts["repeated_bytes"] - corpus.planted_bytes)


def vocabulary() -> list[str]:
    """Words of real texts, ASCII, without the mark of planted parts."""
    words = {
        word
        for text in itertools.islice(real_texts(3), 3000)
        for word in text.split()
        if word.isascii() and "@" not in word and len(word) < 20
    }
    return sorted(words)


def with_passages(draw: random.Random, words: list[str], size: int) -> Iterator[tuple[str, str]]:
    """Documents, every fifth with a passage of some; and the passage."""
    passages = [f"@{k} {' '.join(draw.choices(words, k=80))}" for k in range(_PASSAGES)]
    total = 0
    for number in itertools.count():
        text, part = " ".join(draw.choices(words, k=draw.randrange(100, 500))), ""
        if number % _PLANTED == 0:
            part = draw.choice(passages)
            text = f"{text} {part} {' '.join(draw.choices(words, k=50))}"
        yield text, part
        total += len(text)
        if total >= size:
            return


def with_lines(draw: random.Random, words: list[str], size: int) -> Iterator[tuple[str, str]]:
    """Documents of lines, every fifth with a line of some; and the line."""
    known = [f"@{k} {' '.join(draw.choices(words, k=8))}" for k in range(_LINES)]
    total = 0
    for number in itertools.count():
        lines = [" ".join(draw.choices(words, k=12)) for _ in range(draw.randrange(8, 40))]
        part = ""
        if number % _PLANTED == 0:
            part = draw.choice(known)
            lines.insert(draw.randrange(len(lines)), part)
        text = "\n".join(lines)
        yield text, part
        total += len(text)
        if total >= size:
            return


def plant(folder: Path, size: int, texts: Any) -> Planted:
    """Write a corpus, in files of some 24 MB."""
    draw, words = random.Random(size), vocabulary()
    source = folder / f"in-{size}"
    source.mkdir(parents=True)
    seen, places, planted, total, at = dict[str, int](), 0, 0, 0, 0
    file = (source / "0000.jsonl").open("w", encoding="utf-8")
    for text, part in texts(draw, words, size):
        if part:
            planted += len(part) if part in seen else 0
            places += part in seen
            seen[part] = seen.get(part, 0) + 1
        file.write(json.dumps({"text": text}) + "\n")
        total += len(text)
        if total > 24_000_000 * (at + 1):
            at += 1
            file.close()
            file = (source / f"{at:04d}.jsonl").open("w", encoding="utf-8")
    file.close()
    return Planted(folder=str(source), size=total, places=places, planted_bytes=planted)


def _places(corpus: Planted) -> tuple[str, str]:
    return corpus.folder, f"{corpus.folder}-out"
