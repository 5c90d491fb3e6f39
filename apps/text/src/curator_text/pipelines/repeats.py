"""Repeated passages and repeated lines: hash pieces of texts, find repeated spans, take them out.

Each step is a pipeline of its own, joined to the next by files in the cache, so that each can run
on any executor and resumes where it was stopped.
"""

from abc import abstractmethod
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curator_engine.files.paths import join
from curator_engine.stages.files import parse_size
from curator_engine.steps import Steps
from curator_engine.task import FileGroupTask, short_hash
from curator_text.dedup.removed_tables import PartitionTask
from curator_text.pipelines.removal_workflow import RemovalWorkflow
from curator_text.read.keep import parse_keep
from curator_text.removal.array_files import load_arrays
from curator_text.removal.corpus import Corpus, corpus_of
from curator_text.removal.outcome import (
    check_keep,
    check_ratio,
    check_read,
    count_documents,
    forget_data,
    write_data,
    write_losses,
)
from curator_text.removal.remove_documents import RemoveDocuments
from curator_text.removal.rewrite_documents import RewriteDocuments
from curator_text.removal.sources import source_tasks
from curator_text.repeats.decide import CHANGES, DecideRepeats
from curator_text.repeats.find_lines import FindLines
from curator_text.repeats.find_windows import CompareRuns, FindRuns, HashRuns, parts_of, paths_of
from curator_text.repeats.hash_pieces import HashPieces, HashUnits, HashWindows
from curator_text.repeats.pieces import PIECES_TOGETHER, count_pieces
from curator_text.report.repeats_page import try_repeats_report
from curator_text.settings import LinesSettings, RepeatSettings, SubstringSettings

LEAST_WINDOW = 16
"""Bytes; shorter passages repeat by chance."""


@dataclass(kw_only=True)
class RepeatsWorkflow[S: RepeatSettings](RemovalWorkflow[S]):
    """A workflow that takes repeated spans out of documents, or documents that repeat others.

    A document without text (null) is no document here: it stays, and is counted as `no_text`.
    """

    pieces_together: int = PIECES_TOGETHER
    """Pieces of texts that are compared together, about and at most; the result does not depend on it."""

    def check(self) -> None:
        """Look at the sizes and the keep policy."""
        super().check()
        parse_keep(self.settings.keep)

    def work(self, steps: Steps, tasks: list[FileGroupTask] | None, facts: dict[str, Any]) -> None:
        """Hash, find, decide, write."""
        settings, output = self.settings, self.settings.output
        steps.seconds["list"] = self.looked_seconds
        corpus = self._hash(steps, tasks)
        counts = count_documents(corpus)
        facts |= {name: counts[name] for name in ("num_documents", "no_text", "text_bytes")}
        spans = self.find(steps, corpus, facts)
        decided = steps.run("decide", self._decide(corpus, spans), source_tasks(corpus))
        for name in ("passages", "changed", "repeated_bytes"):
            facts[name] = sum(task._metadata.get(name, 0) for task in decided)
        drops = [load_arrays(task.data[0])["drops"] for task in decided]
        numbers: NDArray[np.int64] = np.sort(np.concatenate([np.empty(0, np.int64), *drops]))
        facts["num_removed"] = len(numbers)
        facts["alarms"] = write_losses(
            steps.run,
            corpus,
            numbers,
            cache=self.cache,
            output=output,
            source_field=settings.source_field,
        )
        check_ratio(len(numbers), facts["num_documents"], most=settings.max_removed_ratio)
        if settings.remove == "nothing":
            forget_data(corpus, cache=self.cache, output=output)
        else:
            self._write(steps, corpus, numbers)

    def _write(self, steps: Steps, corpus: Corpus, numbers: NDArray[np.int64]) -> None:
        write: Any = RemoveDocuments
        if self.settings.remove == "passages":
            write = partial(RewriteDocuments, changes=join(self.cache, CHANGES))
        write_data(
            steps.run,
            corpus,
            numbers,
            cache=self.cache,
            output=self.settings.output,
            write=write,
            write_key=repr(self.recorded()),
        )

    def _hash(self, steps: Steps, tasks: list[FileGroupTask] | None) -> Corpus:
        settings, folder = self.settings, join(self.cache, "hash")
        keep = parse_keep(settings.keep)
        stages: list[Any] = [
            self.hashing(
                path=folder,
                text_field=settings.text_field,
                id_field=settings.id_field,
                keep=keep,
                max_row=parse_size(settings.max_row),
            )
        ]
        tasks = self.tasks_of_input(tasks)
        if tasks is None:
            stages.insert(0, self.source())
        corpus = corpus_of(folder, steps.run("hash", stages, tasks))
        corpus.require_text(settings.text_field)
        check_read(corpus, quarantined=steps.troubles()["quarantined"])
        check_keep(corpus, keep)
        corpus.save(join(self.cache, "corpus.json"))
        return corpus

    def _decide(self, corpus: Corpus, spans: list[str]) -> DecideRepeats:
        settings = self.settings
        return DecideRepeats(
            **self.common(corpus),
            output=settings.output,
            text_field=settings.text_field,
            id_field=settings.id_field,
            max_row=parse_size(settings.max_row),
            spans=spans,
            remove=settings.remove,
            max_repeated=settings.max_repeated,
        )

    def common(self, corpus: Corpus) -> dict[str, Any]:
        """What every stage after the first takes."""
        key = short_hash(corpus.key, repr(self.recorded()))
        return {"cache": self.cache, "corpus_key": key}

    @abstractmethod
    def hashing(self, **given: Any) -> HashPieces:
        """The first stage."""

    @abstractmethod
    def find(self, steps: Steps, corpus: Corpus, facts: dict[str, Any]) -> list[str]:
        """Find the repeated spans; gives their files, see `repeats/pieces.py`."""

    def parts(self, corpus: Corpus) -> int:
        """Ranges of hashes that are looked at one after the other."""
        return parts_of(count_pieces(corpus), most=self.pieces_together)

    def has_result(self, facts: dict[str, Any]) -> bool:
        """Whether it is known which documents go."""
        return "num_removed" in facts

    def page(self) -> str | None:
        """Write `report.html`."""
        return try_repeats_report(self.settings.output)


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

    def find(self, steps: Steps, corpus: Corpus, facts: dict[str, Any]) -> list[str]:
        """Whole runs first, then the windows of those that differ somewhere."""
        window, common = self.settings.min_bytes, self.common(corpus)
        keep, parts = parse_keep(self.settings.keep), self.parts(corpus)
        find = FindRuns(**common, keep=keep, parts=parts, window=window)
        found = steps.run("find", find, [PartitionTask(data=p) for p in range(parts)])
        spans, runs = paths_of(found, 1), paths_of(found, 0)
        if not any(task._metadata["open"] for task in found):
            return spans
        hashes = HashRuns(
            **common,
            text_field=self.settings.text_field,
            window=window,
            runs=runs,
            max_row=parse_size(self.settings.max_row),
        )
        hashed = paths_of(steps.run("windows", hashes, source_tasks(corpus)), 0)
        compare = CompareRuns(**common, window=window, runs=runs, hashed=hashed)
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

    def find(self, steps: Steps, corpus: Corpus, facts: dict[str, Any]) -> list[str]:
        """Count them."""
        settings, parts = self.settings, self.parts(corpus)
        find = FindLines(
            **self.common(corpus),
            keep=parse_keep(settings.keep),
            parts=parts,
            max_times=settings.max_times,
            leave=settings.leave,
        )
        found = steps.run("find", find, [PartitionTask(data=p) for p in range(parts)])
        facts["distinct"] = sum(int(task._metadata["distinct"]) for task in found)
        return paths_of(found, 0)
