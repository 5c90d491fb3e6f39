"""How a run uses indexes: what it is compared with, and where what it keeps is added."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curator_engine.errors import SettingsError, StageError
from curator_engine.files.paths import is_remote, join
from curator_engine.files.storage import exists, remove_tree
from curator_engine.steps import Step
from curator_engine.task import FileGroupTask, short_hash
from curator_text.dedup.index import (
    How,
    Index,
    Part,
    PartFiles,
    add_part,
    is_index,
    open_index,
    part_bytes,
    remove_leftovers,
    save_blocks,
)
from curator_text.removal.corpus import Block, Corpus, block_of
from curator_text.removal.corpus_stage import CORPUS_FILE, CorpusStage
from curator_text.removal.sources import source_tasks

COMPARED_FILE = "compared.json"
"""The documents that are compared, those of the index first."""


@dataclass(frozen=True, kw_only=True)
class IndexUse:
    """The indexes of a run."""

    against: str | None
    """Folder of the index whose documents come first and stay."""
    save: str | None
    """Folder of the index to which kept documents are added."""
    signing: How
    output: str
    """The run's folder."""

    def check(self) -> None:
        """Make sure that the indexes can be used, before any work.

        Raises:
            InputError: There is no index to compare with, or one is not readable.
            SettingsError: One holds documents that were signed in another way, or lies in the output.
        """
        for path in (self.against, self.save):
            if path and self.output and _is_within(path, self.output):
                raise SettingsError(
                    f"the index {path} lies in the output {self.output}; choose another folder."
                )
        if self.against and not self._is_first:
            open_index(self.against, self.signing)
        if self.save:
            self._saved()

    def seen(self, run: str) -> Index | None:
        """The index that a run is compared with: as it was before the run's input was added."""
        if self.against is None or self._is_first:
            return None
        return open_index(self.against, self.signing).before(run)

    @property
    def _is_first(self) -> bool:
        """Whether the index that is to be compared with is the one that this run makes."""
        return self.against == self.save and not is_index(self.save or "")

    def is_current(self, facts: dict[str, Any]) -> bool:
        """Whether a finished run was compared with what it would be now, and has been added."""
        run = facts.get("input_key", "")
        seen = self.seen(run)
        same = facts.get("against") == (seen.key if seen else None)
        return same and (self.save is None or self._saved().part_of(run) is not None)

    def add(
        self,
        step: Step,
        corpus: Corpus,
        drops: NDArray[np.int64],
        *,
        run: str,
        stage: Callable[..., CorpusStage[FileGroupTask]],
        files: PartFiles,
        cache: str,
    ) -> dict[str, Any]:
        """Add the documents that stay, unless a run of this input has done so before.

        Args:
            step: Runs the step.
            corpus: The documents of the run.
            drops: Numbers of those that go, sorted.
            run: Identifies the input.
            stage: Makes the stage, given `cache`, `corpus_key` and `path`.
            files: What the stage writes.
            cache: The cache folder, with the drops that `outcome.write_losses` has written.

        Returns:
            `index`: its path, documents and bytes, and whether it is `stale`: an earlier run of this
            input has kept others. Nothing if no index is asked for.

        Raises:
            StageError: Another run has added to the index at the same time.
        """
        if self.save is None:
            return {}
        index = self._saved()
        content = short_hash(run, hashlib.blake2b(drops.tobytes()).hexdigest())
        there = index.part_of(run)
        if there is None:
            name = index.next_name(content)
            folder = index.folder(name)
            remove_leftovers(index, keep=name)
            if not exists(folder):
                remove_tree(join(cache, "checkpoint", "index"))
            writer = stage(cache=cache, corpus_key=content, path=folder)
            tasks = step("index", writer, source_tasks(corpus))
            blocks = sorted((block_of(task._metadata["block"]) for task in tasks), key=_place)
            save_blocks(folder, blocks)
            part = Part(
                name=name,
                run=run,
                documents=sum(block.documents for block in blocks),
                bytes=part_bytes(folder, blocks, files.endings),
            )
            if self._saved().parts != index.parts:
                raise StageError(
                    f"another run has added to the index {self.save} meanwhile; run again with --resume."
                )
            index = add_part(index, part)
        facts = {"path": index.path, "documents": index.documents, "bytes": index.bytes}
        stale = there is not None and not there.name.endswith(content)
        return {"index": {**facts, "stale": stale}}

    def _saved(self) -> Index:
        return open_index(self.save or "", self.signing, create=True)


def input_key(corpus: Corpus, text_field: str, limit: int | None) -> str:
    """Identifies the input of a run: its files as they are now, and what is read of them."""
    files = {block.path: block.stamp for block in corpus.blocks}
    named = (
        f"{path if is_remote(path) else Path(path).absolute()} {stamp}"
        for path, stamp in files.items()
    )
    return short_hash(text_field, str(limit), *named)


def kept_rows(
    corpus: Corpus, task: FileGroupTask, drops: NDArray[np.int64]
) -> dict[int, NDArray[np.int64]]:
    """Positions of the documents that stay, by block of the task; blocks that keep none are left out."""
    kept: dict[int, NDArray[np.int64]] = {}
    for b in corpus.blocks_of(task):
        base, end = corpus.bases[b : b + 2]
        low, high = np.searchsorted(drops, (base, end))
        stays = np.ones(end - base, np.bool_)
        stays[drops[low:high] - base] = False
        if stays.any():
            kept[b] = np.flatnonzero(stays)
    return kept


def compared(seen: Index | None, corpus: Corpus, cache: str) -> Corpus:
    """The documents that are compared: those of the index, then those of the run."""
    if seen is None:
        return corpus
    joined = Corpus(corpus.folder, (*seen.blocks(), *corpus.blocks))
    joined.save(join(cache, COMPARED_FILE))
    return joined


def compared_file(every: Corpus) -> str:
    """The file with the documents that `compared` gave."""
    return COMPARED_FILE if any(block.part for block in every.blocks) else CORPUS_FILE


def _place(block: Block) -> tuple[int, int]:
    return block.file_index, block.offset


def _is_within(path: str, folder: str) -> bool:
    if is_remote(path) or is_remote(folder):
        return f"{path.rstrip('/')}/".startswith(f"{folder.rstrip('/')}/")
    return Path(path).resolve().is_relative_to(Path(folder).resolve())
