"""Decide from the languages which documents go, and write `languages/` and `removed/`; no text is read."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from curator_engine.files.paths import join
from curator_engine.task import FileGroupTask
from curator_text.language.codes import tag
from curator_text.language.detect_languages import FOUND
from curator_text.removal.corpus_stage import DecidingStage
from curator_text.removal.document_tables import PLACE, TableParts, read_documents

REMOVED_SCHEMA = pa.schema({**PLACE, "reason": pa.string(), **FOUND})
LANGUAGES_SCHEMA = REMOVED_SCHEMA.insert(len(PLACE), pa.field("keep", pa.bool_()))
_compute: Any = pc


@dataclass(kw_only=True)
class LanguageCount:
    """Documents of a language and a script."""

    documents: int = 0
    removed: int = 0
    text_bytes: int = 0
    several: int = 0
    """Documents with further languages."""

    def add(self, other: Sequence[int]) -> None:
        """Add as many of each."""
        self.documents += other[0]
        self.removed += other[1]
        self.text_bytes += other[2]
        self.several += other[3]

    def numbers(self) -> list[int]:
        """As `add` takes them."""
        return [self.documents, self.removed, self.text_bytes, self.several]


@dataclass(kw_only=True)
class DecideLanguages(DecidingStage[FileGroupTask]):
    """Decide about the documents of one source task, whose languages are known."""

    keep: list[str]
    """Languages that stay, as deu or deu_Latn; all if empty."""
    folders = ("languages", "removed")

    def process(self, task: FileGroupTask) -> FileGroupTask:
        """Write the tables of a source task, and the numbers of the documents that go."""
        corpus = self.corpus()
        mine = corpus.blocks_of(task)
        name = f"part-{mine[0]:05d}.parquet"
        going, counts = [np.empty(0, np.int64)], dict[str, LanguageCount]()
        with ExitStack() as stack:
            every = TableParts(join(self.output, "languages", name), LANGUAGES_SCHEMA, stack=stack)
            every.open()
            gone = TableParts(join(self.output, "removed", name), REMOVED_SCHEMA, stack=stack)
            for b in mine:
                table = read_documents(corpus, b)
                rows = self._decided(table)
                every.add(rows)
                out = _compute.invert(rows.column("keep"))
                gone.add(rows.filter(out).drop_columns(["keep"]))
                goes: NDArray[np.bool_] = out.to_numpy()
                going.append(np.flatnonzero(goes) + int(corpus.bases[b]))
                _count(counts, table, goes)
        facts = {language: each.numbers() for language, each in counts.items()}
        return self.decided(mine[0], np.concatenate(going), {"languages": facts})

    def _decided(self, table: pa.Table) -> pa.Table:
        """The rows of `languages/`."""
        languages: list[Any] = table.column("language").to_pylist()
        scripts = table.column("language_script").to_pylist()
        keep = [
            not self.keep or language in self.keep or tag(language, script or "") in self.keep
            for language, script in zip(languages, scripts, strict=True)
        ]
        reasons = [
            None if stays else _reason(language, script, guess, score)
            for stays, language, script, guess, score in zip(
                keep,
                languages,
                scripts,
                table.column("guess").to_pylist(),
                table.column("language_score").to_pylist(),
                strict=True,
            )
        ]
        columns: dict[str, Any] = {name: table.column(name) for name in (*PLACE, *FOUND)}
        columns |= {"keep": keep, "reason": pa.array(reasons, pa.string())}
        return pa.table({name: columns[name] for name in LANGUAGES_SCHEMA.names}, LANGUAGES_SCHEMA)


def _reason(language: str, script: str | None, guess: str | None, score: float | None) -> str:
    if guess is not None:
        return f"language und: score {score:g} of {guess} is too low"
    return f"language {tag(language, script or '')} is not kept"


def _count(counts: dict[str, LanguageCount], table: pa.Table, goes: NDArray[np.bool_]) -> None:
    """Add the documents of a block to the counts of their languages."""
    languages: list[Any] = table.column("language").to_pylist()
    scripts = table.column("language_script").to_pylist()
    names = [
        tag(language, script or "") for language, script in zip(languages, scripts, strict=True)
    ]
    sizes = table.column("text_bytes").to_numpy().tolist()
    several = _compute.is_valid(table.column("other_languages")).to_pylist()
    for name, gone, size, more in zip(names, goes.tolist(), sizes, several, strict=True):
        counts.setdefault(name, LanguageCount()).add([1, int(gone), size, int(more)])


def added_up(tasks: Sequence[FileGroupTask]) -> dict[str, dict[str, int]]:
    """The counts of all tasks, the language of most documents first."""
    total = dict[str, LanguageCount]()
    for task in tasks:
        for language, numbers in task._metadata["languages"].items():
            total.setdefault(language, LanguageCount()).add(numbers)
    order = sorted(total.items(), key=lambda each: (-each[1].documents, each[0]))
    return {language: dict(vars(each)) for language, each in order}
