"""Good and bad texts, and runs of the job that trains a model of them."""

import random
from pathlib import Path
from typing import Any

from text_toys import write_jsonl

from curator_engine.executors.local import LocalExecutor
from curator_text.classifier_settings import TrainSettings
from curator_text.pipelines.train import TrainWorkflow

_SHARED = (
    *("the", "of", "and", "to", "in", "a", "is", "that", "it", "was"),
    *("for", "on", "are", "with", "as", "they", "be", "at", "one", "this"),
)
_SIGNS = {
    "good": ("theorem", "library", "measured", "evidence", "chapter", "river", "history"),
    "bad": ("click", "casino", "jackpot", "cheap", "pills", "winner", "download"),
}


def texts_of(kind: str, count: int, *, signs: int = 6) -> list[str]:
    """Texts of shared words with some signs of a kind, and one of the other kind in each third."""
    draw = random.Random(kind)
    other = "bad" if kind == "good" else "good"
    texts: list[str] = []
    for number in range(count):
        words = draw.choices(_SHARED, k=30) + draw.choices(_SIGNS[kind], k=signs)
        words += draw.choices(_SIGNS[other], k=1 if number % 3 == 0 else 0)
        draw.shuffle(words)
        texts.append(f"{' '.join(words)}.")
    return texts


def write_kinds(folder: Path, count: int = 120, **more: Any) -> tuple[str, str]:
    """Files of good and of bad texts; their paths."""
    paths = []
    for kind in ("good", "bad"):
        rows = [
            {"id": f"{kind}{n}", "text": each}
            for n, each in enumerate(texts_of(kind, count, **more))
        ]
        paths.append(write_jsonl(folder / f"{kind}.jsonl", rows))
    return str(paths[0]), str(paths[1])


def train_into(good: str, bad: str, out: Path | str, **settings: Any) -> dict[str, Any]:
    """Run the workflow; its facts."""
    given = TrainSettings(inputs=[good, bad], output=str(out), bits=12, **settings)
    executor = LocalExecutor({"workers": 1, "on_error": "quarantine"})
    return TrainWorkflow(settings=given).run(executor).metadata
