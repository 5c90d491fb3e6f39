"""Filters, documents and runs for tests of the job that filters."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from text_toys import write_jsonl

from curator_engine.executors.local import LocalExecutor
from curator_text.filters.doc_filter import DocumentFilter
from curator_text.filters.recipe import Recipe
from curator_text.pipelines.filter import FilterWorkflow
from curator_text.settings import FilterSettings


@dataclass(frozen=True, kw_only=True)
class Words(DocumentFilter):
    """Words between spaces, at least so many."""

    least: float = 3
    letter: str = ""
    """Only words with this letter count."""
    name = "words"

    def score_document(self, text: str) -> float:
        """The number of words."""
        return float(sum(self.letter in word for word in text.split()))

    def keep_document(self, score: float) -> bool:
        """Whether there are enough."""
        return score >= self.least

    def bounds(self) -> tuple[float | None, float | None]:
        """The least number."""
        return self.least, None


@dataclass(frozen=True, kw_only=True)
class Marks(DocumentFilter):
    """Exclamation marks, at most so many."""

    most: float = 1
    name = "marks"

    def score_document(self, text: str) -> float:
        """The number of marks."""
        return float(text.count("!"))

    def keep_document(self, score: float) -> bool:
        """Whether there are few enough."""
        return score <= self.most

    def bounds(self) -> tuple[float | None, float | None]:
        """The most."""
        return None, self.most


@dataclass(frozen=True, kw_only=True)
class Fragile(Words):
    """Words, unless a file says that the machine is broken."""

    broken: str = ""
    name = "fragile"

    def score_document(self, text: str) -> float:
        """The number of words."""
        if "5" in text and Path(self.broken).exists():
            raise OSError("the machine is broken")
        return super().score_document(text)


def toy_recipe(*, least: float = 3, most: float = 1, letter: str = "") -> Recipe:
    """Words, then marks."""
    return Recipe(name="toy", filters=(Words(least=least, letter=letter), Marks(most=most)))


ROWS = [
    {"id": f"d{i}", "site": "ab"[i % 2], "text": " ".join(["word"] * (i % 6)) + "!" * (i % 4)}
    for i in range(60)
]
"""Documents of 0 to 5 words and 0 to 3 marks."""


def keeps(row: dict[str, Any], *, least: float = 3, most: float = 1) -> bool:
    """What the toy recipe decides."""
    return len(row["text"].split()) >= least and row["text"].count("!") <= most


def corpus_with_bad_rows(folder: Path) -> Path:
    """Files of lines and of Parquet, with a bad line, rows without text and a file that is none."""
    write_jsonl(folder / "a.jsonl", [*ROWS[:20], {"id": "none", "text": None}])
    with (folder / "a.jsonl").open("a", encoding="utf-8") as file:
        file.write("{bad\n")
    write_jsonl(folder / "sub/b.jsonl", ROWS[20:40])
    pq.write_table(pa.Table.from_pylist(ROWS[40:]), folder / "c.parquet", row_group_size=7)
    (folder / "d.jsonl.gz").write_bytes(b"no gzip")
    return folder


def filter_into(
    source: Path | str, out: Path | str, *, recipe: Recipe | None = None, **settings: Any
) -> dict[str, Any]:
    """Run the workflow; its facts."""
    given = FilterSettings(inputs=[str(source)], output=str(out), **settings)
    workflow = FilterWorkflow(settings=given, own_recipe=recipe or toy_recipe())
    executor = LocalExecutor({"workers": 1, "on_error": "quarantine"})
    return workflow.run(executor).metadata


def files_of(out: Path, *folders: str) -> dict[str, bytes]:
    """The files of a run's folders."""
    paths = [p for folder in folders for p in (out / folder).rglob("*") if p.is_file()]
    return {str(path.relative_to(out)): path.read_bytes() for path in paths}
