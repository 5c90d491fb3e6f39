"""What does `decontaminate` cost, and does what was planted go, and nothing else?

The texts are words of this machine's Python sources in a drawn order, so that no two share thirteen words in a row by
chance. Into some an item of the evaluation set is put as somebody else would write it, or enough of one; into as many
others a part of one that is too small, or its words in another order.
"""

import itertools
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from cost import exponent
from measure import measured
from repeats import vocabulary

from curator_engine.executors.local import LocalExecutor
from curator_text.content_settings import DecontaminateSettings
from curator_text.pipelines.decontaminate import DecontaminateWorkflow

_MOST_EXPONENT = 1.25
_ITEMS, _ITEM_WORDS = 5000, 40
_PLANTED = 20
"""Every which document gets an item, and every which one gets what is none."""
_ENOUGH, _TOO_FEW = 30, 24
"""Words in a row of an item of 40: 18 and 12 of its 28 13-grams, and half are needed."""


@dataclass(frozen=True, kw_only=True)
class Leaky:
    """A corpus of lines in a folder, and what was planted in it."""

    folder: str
    size: int
    """Bytes of text."""
    leaks: set[str]
    """Ids of documents that hold enough of an item."""
    others: int
    """Documents that hold something like one."""


def run(folder: Path, *, sizes: list[int]) -> list[str]:
    """Print the report; returns what does not hold.

    Args:
        folder: For the corpora and what comes of them.
        sizes: Bytes of the corpora.
    """
    # Words with a mark in them would be several.
    draw, words = random.Random(0), [word for word in vocabulary() if word.isalpha()]
    items = [draw.choices(words, k=_ITEM_WORDS) for _ in range(_ITEMS)]
    against = folder / "items.jsonl"
    lines = (json.dumps({"question": " ".join(item)}) for item in items)
    against.write_text("\n".join(lines) + "\n", encoding="utf-8")
    wrong = list[str]()
    for how in ("document", "span"):
        # The first turn compiles kernels.
        small = [plant(folder / how, size, words, items) for size in (60_000, 60_001, 60_002)]
        starts = [measured(clean, *_places(each), str(against), how) for each in small]
        start = min(starts, key=lambda cost: cost.cpu)
        print(f"decontaminate --remove {how}: {_ITEMS:,} items, start-up {start.cpu:.2f} CPU-s")
        spent = list[float]()
        for size in sizes if how == "document" else sizes[:2]:
            corpus = plant(folder / how, size, words, items)
            cost = measured(clean, *_places(corpus), str(against), how)
            spent.append(cost.cpu - start.cpu)
            found = found_ids(corpus)
            missed, more = len(corpus.leaks - found), len(found - corpus.leaks)
            rate = f"{corpus.size / 1e6 / spent[-1]:5.1f} MB per CPU-second past start-up"
            is_small = spent[-1] < start.cpu / 2
            print(
                f"  {size / 1e6:6.0f} MB: {'too small to be timed' if is_small else rate}, "
                f"{cost.memory / 1e6:4.0f} MB of memory; {len(corpus.leaks):,} planted, missed {missed:,}; {corpus.others:,} that are like items, taken for one {more:,}"
            )
            wrong += [f"decontaminate: {missed} of {len(corpus.leaks)} were missed"] * (missed > 0)
            wrong += [f"decontaminate: {more} documents were taken for leaks"] * (more > 0)
        if len(spent) > 2 and min(spent) > start.cpu / 2:
            grows = exponent(sizes, spent)
            print(f"  exponent of time {grows:.2f}")
            wrong += [f"decontaminate: the exponent of time is {grows:.2f}"] * (
                grows > _MOST_EXPONENT
            )
    return wrong


def clean(source: str, out: str, against: str, how: Any) -> dict[str, Any]:
    """Run `decontaminate` with its defaults."""
    settings = DecontaminateSettings(
        inputs=[source], output=out, against=[against], id_field="id", remove=how
    )
    return dict(DecontaminateWorkflow(settings=settings).run(LocalExecutor()).metadata)


def found_ids(corpus: Leaky) -> set[str]:
    """Ids of the documents in which something was found: removed or changed."""
    out = Path(f"{corpus.folder}-out")
    parts = [*(out / "removed").glob("*.parquet"), *(out / "changes").glob("*.parquet")]
    return {str(each) for part in parts for each in pq.read_table(part).column("id").to_pylist()}


def plant(folder: Path, size: int, words: list[str], items: list[list[str]]) -> Leaky:
    """Write a corpus, in files of some 24 MB."""
    source = folder / f"in-{size}"
    source.mkdir(parents=True)
    leaks, others, total, at = set[str](), 0, 0, 0
    file = (source / "0000.jsonl").open("w", encoding="utf-8")
    for number, (text, is_leak) in enumerate(_texts(random.Random(size), size, words, items)):
        if is_leak:
            leaks.add(str(number))
        others += is_leak is False
        file.write(json.dumps({"id": str(number), "text": text}) + "\n")
        total += len(text)
        if total > 24_000_000 * (at + 1):
            at += 1
            file.close()
            file = (source / f"{at:04d}.jsonl").open("w", encoding="utf-8")
    file.close()
    return Leaky(folder=str(source), size=total, leaks=leaks, others=others)


def _texts(
    draw: random.Random, size: int, words: list[str], items: list[list[str]]
) -> Iterator[tuple[str, bool | None]]:
    """Documents; whether one holds an item, or something like one, or neither (None)."""
    total = 0
    for number in itertools.count():
        text, is_leak = " ".join(draw.choices(words, k=draw.randrange(100, 500))), None
        if number % _PLANTED in (0, _PLANTED // 2):
            is_leak = number % _PLANTED == 0
            item = draw.choice(items)
            part = _leak(draw, item) if is_leak else _no_leak(draw, item)
            text = f"{text} {part} {' '.join(draw.choices(words, k=50))}"
        yield text, is_leak
        total += len(text)
        if total >= size:
            return


def _leak(draw: random.Random, item: list[str]) -> str:
    """An item in capitals, over several lines, with other punctuation, or most of it."""
    first = draw.randrange(_ITEM_WORDS - _ENOUGH)
    return draw.choice(
        [
            " ".join(item).upper(),
            "\n".join(item),
            ", ".join(f"\u201c{word}\u201d" for word in item),
            " ".join(item[first : first + _ENOUGH]),
        ]
    )


def _no_leak(draw: random.Random, item: list[str]) -> str:
    """Too little of an item, or its words in another order."""
    first = draw.randrange(_ITEM_WORDS - _TOO_FEW)
    return " ".join(draw.choice([item[first : first + _TOO_FEW], draw.sample(item, len(item))]))


def _places(corpus: Leaky) -> tuple[str, str]:
    return corpus.folder, f"{corpus.folder}-out"
