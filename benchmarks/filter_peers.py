"""Do our recipes decide as datatrove's filters do, and how much faster? On documents of `filters.english_texts`.

Words are spaCy's there, and our kernel's here: what differs, differs by them.
"""

import json
import subprocess
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
from peers import HERE, install

from curator_text.filters.recipe import load_recipe

RECIPES = ("gopher", "c4", "fineweb")
_MOST_DIFFERENT, _LEAST_RATIO = 0.005, 20.0
"""Share of the decisions; how often as fast as datatrove the recipe `fineweb` has to be."""
_BATCH, _KINDS = 1000, 8


def run(folder: Path, texts: list[str]) -> list[str]:
    """Print how decisions and speed compare; returns what does not hold.

    Args:
        folder: For the environment and the documents.
        texts: The documents.
    """
    try:
        python = install(folder, "datatrove")
    except RuntimeError as error:
        print(f"  datatrove: {error}")
        return []
    source, out = folder / "peer-in", folder / "peer-out"
    source.mkdir()
    lines = "".join(json.dumps({"text": text}) + "\n" for text in texts)
    (source / "0.jsonl").write_text(lines, encoding="utf-8")
    script = HERE / "peers" / "datatrove_filters.py"
    subprocess.run([python, script, source, out], check=True, capture_output=True)
    theirs = [json.loads(line) for line in (out / "decisions.jsonl").open(encoding="utf-8")]
    seconds: dict[str, float] = json.loads((out / "seconds.json").read_text(encoding="utf-8"))
    wrong: list[str] = []
    for name in RECIPES:
        wrong += _compare(name, texts, [each[name] for each in theirs], seconds[name])
    return wrong


def _compare(name: str, texts: list[str], theirs: list[str | None], seconds: float) -> list[str]:
    rules, ours = _decisions(name, texts)
    size = sum(len(text.encode()) for text in texts) / 1e6
    kinds = Counter(
        (f"theirs {their or 'keeps'}", f"ours {our or 'keeps'}")
        for their, our in zip(theirs, rules, strict=True)
        if (their is None) != (our is None)
    )
    share = kinds.total() / len(texts)
    print(
        f"  {name}: {rules.count(None):,} of {len(texts):,} kept, datatrove {theirs.count(None):,}; "
        f"{kinds.total()} decisions differ ({share:.2%}); {size / ours:.1f} MB per CPU-second, "
        f"datatrove {size / seconds:.2f} ({seconds / ours:.0f} x)"
    )
    for (their, our), count in kinds.most_common(_KINDS):
        print(f"    {count} x {their}, {our}")
    wrong = []
    if share > _MOST_DIFFERENT:
        wrong.append(f"filters: {share:.2%} of the decisions of {name} are not datatrove's")
    if name == "fineweb" and seconds / ours < _LEAST_RATIO:
        wrong.append(f"filters: {name} is {seconds / ours:.0f} x as fast as datatrove")
    return wrong


def _decisions(name: str, texts: list[str]) -> tuple[list[Any], float]:
    """The rule that each document fails first, or None, and CPU seconds."""
    recipe = load_recipe(name)
    array = pa.array(texts, pa.large_string())
    recipe.scores(array.slice(0, 2))
    rules: list[Any] = []
    start = time.process_time()
    for first in range(0, len(texts), _BATCH):
        scores = recipe.scores(array.slice(first, _BATCH))
        rules += recipe.judge(scores).rule.to_pylist()
    return rules, time.process_time() - start
