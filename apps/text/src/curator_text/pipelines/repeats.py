"""Repeated passages and repeated lines: hash pieces of texts, find repeated spans, take them out.

Each step is a pipeline of its own, joined to the next by files in the cache, so that each can run
on any executor and resumes where it was stopped.
"""

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curator_engine.files.paths import join
from curator_engine.pipeline import Executor
from curator_engine.stages.files import parse_size
from curator_engine.steps import Steps
from curator_engine.task import FileGroupTask, short_hash
from curator_text.dedup.index import Units, Windows
from curator_text.dedup.index_use import IndexUse, compared, compared_file, input_key
from curator_text.dedup.removed_tables import PartitionTask
from curator_text.pipelines.removal_workflow import RemovalWorkflow
from curator_text.read.keep import parse_keep
from curator_text.removal.corpus import Corpus
from curator_text.removal.remove_documents import RemoveDocuments
from curator_text.removal.rewrite_documents import RewriteDocuments
from curator_text.removal.sources import source_tasks
from curator_text.repeats.decide import CHANGES, DecideRepeats
from curator_text.repeats.find_lines import FindLines
from curator_text.repeats.find_windows import CompareRuns, FindRuns, HashRuns, parts_of, paths_of
from curator_text.repeats.hash_pieces import HashPieces, HashUnits, HashWindows
from curator_text.repeats.index_pieces import LINES_FILES, WINDOWS_FILES, IndexPieces
from curator_text.repeats.pieces import PIECES_TOGETHER, count_pieces, save_ranks
from curator_text.report.repeats_page import build_page
from curator_text.settings import LinesSettings, RepeatSettings, SubstringSettings


@dataclass(kw_only=True)
class RepeatsWorkflow[S: RepeatSettings](RemovalWorkflow[S]):
    """A workflow that takes repeated spans out of documents, or documents that repeat others.

    A document without text (null) is no document here: it stays, and is counted as `no_text`.
    """

    pieces_together: int = PIECES_TOGETHER
    """Pieces of texts that are compared together, about and at most; the result does not depend on it."""
    draw = staticmethod(build_page)

    def check(self) -> None:
        """Look at the sizes and the keep policy."""
        super().check()
        parse_keep(self.settings.keep)

    def documents(
        self, steps: Steps, tasks: list[FileGroupTask] | None, facts: dict[str, Any]
    ) -> Corpus:
        """Hash pieces of them."""
        keep = parse_keep(self.settings.keep)
        stage = self.hashing(
            path=join(self.cache, "hash"), keep=keep, cuts=self.edits_texts, **self.reads_texts
        )
        corpus = self.read(steps, "hash", stage, tasks, keep=keep)
        facts["input_key"] = input_key(corpus, self.settings.text_field, self.settings.limit)
        return corpus

    def decide(self, steps: Steps, corpus: Corpus, facts: dict[str, Any]) -> list[FileGroupTask]:
        """Find repeated spans, and decide what to do about them."""
        seen = self.indexes.seen(facts["input_key"])
        every = compared(seen, corpus, self.cache)
        save_ranks(self.cache, every, parse_keep(self.settings.keep))
        spans = self.find(steps, corpus, every, facts)
        found = steps.run("decide", self._decide(every, spans), source_tasks(corpus))
        facts |= {"against": seen.key} if seen else {}
        for name in ("passages", "changed", "repeated_bytes"):
            facts[name] = sum(task._metadata.get(name, 0) for task in found)
        return found

    def writer(self) -> tuple[Callable[..., RemoveDocuments], str]:
        """Without the passages, or without documents."""
        if self.settings.remove == "passages":
            changes = join(self.cache, CHANGES)
            return partial(RewriteDocuments, changes=changes), repr(self.recorded())
        return RemoveDocuments, repr(self.recorded())

    def finish(
        self, steps: Steps, corpus: Corpus, numbers: NDArray[np.int64], facts: dict[str, Any]
    ) -> None:
        """As of every job; then add to the index what was read."""
        super().finish(steps, corpus, numbers, facts)
        window = getattr(self.settings, "min_bytes", None) if self.job == "substring" else None
        facts |= self.indexes.add(
            steps.run,
            corpus,
            np.empty(0, np.int64),
            run=facts["input_key"],
            stage=partial(IndexPieces, **self.reads_texts, window=window),
            files=LINES_FILES if window is None else WINDOWS_FILES,
            cache=self.cache,
        )

    def look(self, executor: Executor) -> None:
        """Look for the text field and the indexes."""
        super().look(executor)
        self.indexes.check()

    @property
    def indexes(self) -> IndexUse:
        """The indexes of the run."""
        settings = self.settings
        return IndexUse(
            against=settings.against,
            save=settings.save_index,
            signing=self.how,
            output=settings.output,
        )

    def _decide(self, every: Corpus, spans: list[str]) -> DecideRepeats:
        settings = self.settings
        return DecideRepeats(
            **self.common(every),
            compared_file=compared_file(every),
            output=settings.output,
            **self.reads_texts,
            spans=spans,
            remove=settings.remove,
            max_repeated=settings.max_repeated,
        )

    def common(self, every: Corpus) -> dict[str, Any]:
        """What every stage after the first takes.

        Args:
            every: The documents that are compared.
        """
        key = short_hash(every.key, repr(self.recorded()))
        return {"cache": self.cache, "corpus_key": key}

    @property
    def edits_texts(self) -> bool:
        """Where passages are cut out."""
        return self.settings.remove == "passages"

    @abstractmethod
    def hashing(self, **given: Any) -> HashPieces:
        """The first stage."""

    @property
    @abstractmethod
    def how(self) -> Windows | Units:
        """What an index must have in common with the run."""

    @abstractmethod
    def find(self, steps: Steps, corpus: Corpus, every: Corpus, facts: dict[str, Any]) -> list[str]:
        """Find the repeated spans; gives their files, see `repeats/pieces.py`.

        Args:
            steps: Runs the steps.
            corpus: The documents of the run.
            every: Those of the index, then those of the run.
            facts: Gets what is said of them.
        """

    def parts(self, every: Corpus) -> int:
        """Ranges of hashes that are looked at one after the other."""
        return parts_of(count_pieces(every), most=self.pieces_together)


@dataclass(kw_only=True)
class SubstringWorkflow(RepeatsWorkflow[SubstringSettings]):
    """Find every passage of at least `min_bytes` bytes that stands at an earlier place as well.

    The first place, in keep order, keeps it. Two passages count as the same if 128 bits of hashes
    are. Memory follows `pieces_together`, not the corpus; `.cache` takes about two thirds of the texts'
    size, and up to eight times that of texts that repeat with small changes.

    Example:
        >>> settings = SubstringSettings(inputs=["corpus"], output="once", min_bytes=400)
        >>> SubstringWorkflow(settings=settings).run()
    """

    job, title = "substring", "substring_deduplication"

    def hashing(self, **given: Any) -> HashPieces:
        """Windows of the shortest passage."""
        return HashWindows(**given, window=self.settings.min_bytes)

    @property
    def how(self) -> Windows:
        """The shortest passage."""
        return Windows(min_bytes=self.settings.min_bytes)

    def find(self, steps: Steps, corpus: Corpus, every: Corpus, facts: dict[str, Any]) -> list[str]:
        """Whole runs first, then the windows of those that differ somewhere."""
        window, common = self.settings.min_bytes, self.common(every)
        keep, parts, file = parse_keep(self.settings.keep), self.parts(every), compared_file(every)
        find = FindRuns(**common, corpus_file=file, keep=keep, parts=parts, window=window)
        found = steps.run("find", find, [PartitionTask(data=p) for p in range(parts)])
        spans, runs = paths_of(found, 1), paths_of(found, 0)
        if not any(task._metadata["open"] for task in found):
            return spans
        hashes = HashRuns(
            **common,
            compared_file=file,
            text_field=self.settings.text_field,
            window=window,
            runs=runs,
            max_row=parse_size(self.settings.max_row),
        )
        hashed = paths_of(steps.run("windows", hashes, source_tasks(corpus)), 0)
        compare = CompareRuns(**common, corpus_file=file, window=window, runs=runs, hashed=hashed)
        some = [PartitionTask(data=p) for p in range(parts) if found[p]._metadata["open"]]
        return spans + paths_of(steps.run("compare", compare, some), 0)


@dataclass(kw_only=True)
class LinesWorkflow(RepeatsWorkflow[LinesSettings]):
    """Find lines or paragraphs that stand in the corpus more than `max_times` times.

    White space around them does not count. Two count as the same if 128 bits of hashes are.

    Example:
        >>> settings = LinesSettings(inputs=["corpus"], output="clean", unit="paragraph")
        >>> LinesWorkflow(settings=settings).run()
    """

    job, title = "lines", "line_deduplication"

    def hashing(self, **given: Any) -> HashPieces:
        """Lines, or paragraphs."""
        return HashUnits(**given, unit=self.settings.unit, least=self.settings.min_bytes)

    @property
    def how(self) -> Units:
        """What is counted."""
        return Units(unit=self.settings.unit, least=self.settings.min_bytes)

    def find(self, steps: Steps, corpus: Corpus, every: Corpus, facts: dict[str, Any]) -> list[str]:
        """Count them."""
        settings, parts = self.settings, self.parts(every)
        find = FindLines(
            **self.common(every),
            corpus_file=compared_file(every),
            keep=parse_keep(settings.keep),
            parts=parts,
            max_times=settings.max_times,
            leave=settings.leave,
        )
        found = steps.run("find", find, [PartitionTask(data=p) for p in range(parts)])
        facts["distinct"] = sum(int(task._metadata["distinct"]) for task in found)
        return paths_of(found, 0)
