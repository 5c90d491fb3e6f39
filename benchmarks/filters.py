"""What do filters cost: all rules of `curator-en` at once, beside the same rules one by one in plain Python?

The text is English: the docstrings of the packages on this machine.
"""

import itertools
import json
import random
import re
import sys
import sysconfig
import time
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import langid
import numpy as np
import pyarrow as pa
from measure import measured

from curator_engine.executors.local import LocalExecutor
from curator_engine.files.blocks import iter_blocks
from curator_engine.stages.jsonl import read_block
from curator_text.filters.documents import Documents
from curator_text.filters.recipe import load_recipe
from curator_text.pipelines.filter import FilterWorkflow
from curator_text.settings import FilterSettings

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

_DOCSTRING = re.compile(r'"""(.{400,}?)"""', re.DOTALL)
_RECIPE, _PLAIN_BYTES, _BLOCK_BYTES = "curator-en", 1_000_000, 8 << 20
_LEAST_SPEED, _GOAL, _LEAST_RATIO = 25.0, 40.0, 10.0
"""MB per CPU-second past start-up, wanted and hoped for; and how often as fast as plain Python."""
_GROUPS = {
    "characters": "chars",
    "split words": "words",
    "lines": "lines",
    "paragraphs": "paragraphs",
    "URLs": "url_chars",
    "n-grams": "top_2gram_chars",
}


def english_texts(seed: int = 0) -> Iterator[str]:
    """Docstrings of at least 400 characters, one to eight joined to a document, in a drawn order, again and again."""
    found, draw = list(_docstrings()), random.Random(seed)
    while True:
        draw.shuffle(found)
        at = 0
        while at < len(found):
            size = draw.randint(1, 8)
            yield "\n\n".join(found[at : at + size])
            at += size


@cache
def _docstrings() -> tuple[str, ...]:
    """The docstrings of all packages on this machine, which takes seconds to read."""
    roots = {sysconfig.get_paths()[name] for name in ("stdlib", "purelib")}
    files = sorted(path for root in roots for path in Path(root).rglob("*.py"))
    return tuple(
        " ".join(line.strip() for line in part.splitlines(keepends=True)).replace(" \n ", "\n")
        for path in files
        for part in _DOCSTRING.findall(path.read_text(encoding="utf-8", errors="replace"))
    )


def documents(count: int) -> list[str]:
    """Some of the texts, a fifth of them film reviews where there are some: of docstrings few pass most rules."""
    texts = [text for _, text in langid.reviews(most=count // 5)]
    return [*texts, *itertools.islice(english_texts(), count - len(texts))]


def filtered(source: str, out: str) -> dict[str, Any]:
    """Filter in this process, as the command does."""
    settings = FilterSettings(inputs=[source], output=out, recipe=_RECIPE)
    return dict(FilterWorkflow(settings=settings).run(executor=LocalExecutor()).metadata)


def floor(source: str, out: str) -> None:
    """Read every text, split it into words once, write the files again."""
    Path(out).mkdir(parents=True)
    for path in sorted(Path(source).iterdir()):
        with (Path(out) / path.name).open("wb") as file:
            for _, data in iter_blocks(str(path)):
                texts = read_block(data, {"text": pa.string()}).table.column("text")
                Documents(texts.combine_chunks())["words"].sum()
                file.write(data)


def run(folder: Path, *, size: int) -> list[str]:
    """Print the report; returns what does not hold.

    Args:
        folder: For the corpus and what comes of it.
        size: Bytes of the corpus.
    """
    texts, total = list[str](), 0
    for text in english_texts():
        texts.append(text)
        total += len(text.encode())
        if total >= size:
            break
    print(f"filters: {_RECIPE}, {len(texts):,} documents, {total / 1e6:.0f} MB of English")
    wrong = _beside_plain_python(texts)
    _split_of_time(texts)
    return wrong + _end_to_end(folder, texts, total)


def _beside_plain_python(texts: list[str]) -> list[str]:
    """Decide on some documents by kernels and in plain Python: the same, and how much faster."""
    some, size = list[str](), 0
    for text in texts:
        some.append(text)
        size += len(text.encode())
        if size >= _PLAIN_BYTES:
            break
    recipe = load_recipe(_RECIPE)
    array = pa.array(some, pa.large_string())
    recipe.scores(array.slice(0, 1))
    start = time.process_time()
    scores = recipe.scores(array)
    verdict = recipe.judge(scores)
    fast = time.process_time() - start
    # From tests/, which are held to the same rules.
    plain_scores: Any = import_module("plain_rules").plain_scores
    start = time.process_time()
    plain = [plain_scores(text) for text in some]
    slow = time.process_time() - start
    columns = {name: np.array([each[name] for each in plain]) for name in scores}
    differ = sum(int((columns[name] != scores[name]).sum()) for name in scores)
    other = recipe.judge(columns)
    moved = int((other.keep != verdict.keep).sum())
    print(
        f"  {len(some):,} documents: {size / 1e6 / fast:.1f} MB per CPU-second, plain Python "
        f"{size / 1e6 / slow:.2f} ({slow / fast:.0f} x); {differ} scores and {moved} decisions differ; "
        f"{int(verdict.keep.sum()):,} kept"
    )
    wrong = [f"filters: {differ} scores differ from plain Python"] if differ else []
    if slow / fast < _LEAST_RATIO:
        wrong.append(f"filters: {slow / fast:.1f} x plain Python, not {_LEAST_RATIO:.0f} x")
    return wrong


def _split_of_time(texts: list[str]) -> None:
    """Print what each group of counts takes."""
    recipe = load_recipe(_RECIPE)
    wanted = [name for each in recipe.filters for name in getattr(each, "counts", ())]
    array = pa.array(texts[: max(1, len(texts) // 4)], pa.large_string())
    documents = Documents(array, wanted=wanted)
    size = documents["chars"].sum() / 1e6
    parts: list[str] = []
    for group, name in _GROUPS.items():
        fresh = Documents(array, wanted=wanted)
        if group == "n-grams":
            fresh["words"].sum()
        start = time.process_time()
        fresh[name].sum()
        parts.append(f"{group} {(time.process_time() - start) * 1e3 / size:.1f}")
    print(f"  ns per character: {', '.join(parts)}")


def _end_to_end(folder: Path, texts: list[str], total: int) -> list[str]:
    """Filter files of lines, beside the floor."""
    source, small = folder / "in", folder / "small"
    for place, some in ((source, texts), (small, texts[:20])):
        place.mkdir(parents=True)
        for part in range(4):
            lines = (json.dumps({"id": k, "text": text}) for k, text in enumerate(some[part::4]))
            (place / f"{part}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    # The first run may compile kernels.
    measured(filtered, str(small), str(folder / "out-first"))
    least = measured(filtered, str(small), str(folder / "out-small"))
    cost = measured(filtered, str(source), str(folder / "out"))
    base = measured(floor, str(small), str(folder / "floor-small"))
    bottom = measured(floor, str(source), str(folder / "floor"))
    speed = total / 1e6 / (cost.cpu - least.cpu)
    share = (bottom.cpu - base.cpu) / (cost.cpu - least.cpu)
    print(
        f"  end to end: {cost.cpu:.1f} CPU-s ({least.cpu:.1f} to start), {speed:.1f} MB per CPU-second "
        f"(wanted {_LEAST_SPEED:.0f}, goal {_GOAL:.0f}); floor (read, split words, write) "
        f"{bottom.cpu - base.cpu:.1f} CPU-s, {share:.2f} of it; {cost.memory / 1e6:.0f} MB"
    )
    return [f"filters: {speed:.1f} MB per CPU-second"] if speed < _LEAST_SPEED else []
