"""Evaluation sets, documents with planted leaks, and a plain answer to compare with."""

import random
import re
from pathlib import Path
from typing import Any

from text_toys import write_jsonl

from curator_engine.executors.local import LocalExecutor
from curator_text.content_settings import DecontaminateSettings
from curator_text.pipelines.decontaminate import DecontaminateWorkflow

_RNG = random.Random(7)
VOCABULARY = ["".join(_RNG.choices("abcdefghijklmnop", k=2 + i % 8)) for i in range(600)]


def words(seed: int, count: int) -> list[str]:
    """Words that no other seed gives in that order."""
    rng = random.Random(seed)
    return [rng.choice(VOCABULARY) for _ in range(count)]


QUESTIONS = [" ".join(words(1000 + i, 24)) for i in range(12)]
"""Of an evaluation set."""


def disguised(text: str, how: int) -> str:
    """The same words as somebody else would write them."""
    parts = text.split()
    match how % 5:
        case 0:
            return text.upper()
        case 1:
            return "\n".join(" ".join(parts[k : k + 4]) for k in range(0, len(parts), 4))
        case 2:
            return ", ".join(parts).title() + "!"
        case 3:
            return " \u2014 ".join(f"\u201c{part}\u201d" for part in parts)
        case _:
            return "\t\u00a0".join(parts).replace("a", "\u00e1").replace("e", "e\u0301")


def leaky_rows(documents: int = 60) -> list[dict[str, Any]]:
    """Documents, of which those whose number is divisible by five hold a question in a disguise."""
    rows: list[dict[str, Any]] = []
    for i in range(documents):
        text = " ".join(words(i, 80))
        if i % 5 == 0:
            cut = len(text) // 2
            question = disguised(QUESTIONS[i // 5 % len(QUESTIONS)], i // 5)
            text = f"{text[:cut].rpartition(' ')[0]}. {question} And then {text[cut:]}"
        rows.append({"id": f"d{i}", "site": "ab"[i % 2], "text": text})
    return rows


def write_evaluation(path: Path | str) -> str:
    """Write the questions as lines of JSON, with answers that are too short to be looked for."""
    rows = [{"question": each, "answer": "yes, it is"} for each in QUESTIONS]
    return write_jsonl(path, rows)


def plain_overlap(document: str, item: str, n: int) -> float:
    """Share of an item's n-grams that are in a document of plain words."""
    a, b = (re.findall(r"[a-z0-9]+", text.lower()) for text in (document, item))
    size = min(n, len(b))
    grams = [{tuple(t[k : k + size]) for k in range(len(t) - size + 1)} for t in (a, b)]
    return len(grams[0] & grams[1]) / len(grams[1])


def decontaminate_into(
    source: Path | str, out: Path | str, against: Path | str, **settings: Any
) -> dict[str, Any]:
    """Run the workflow; its facts."""
    given = DecontaminateSettings(
        inputs=[str(source)], output=str(out), against=[str(against)], **settings
    )
    executor = LocalExecutor({"workers": 1, "on_error": "quarantine"})
    return DecontaminateWorkflow(settings=given).run(executor).metadata
