"""Decontamination: index evaluation sets, look for their n-grams, decide, remove.

Each step after the index is a pipeline of its own, joined to the next by files in the cache, so that each can
run on any executor and resumes where it was stopped. Only the first of them reads all texts.
"""

import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curator_engine.files.listing import FileInfo
from curator_engine.files.output_folder import refuse_overlap
from curator_engine.files.paths import join
from curator_engine.pipeline import Executor
from curator_engine.stage import AnyStage
from curator_engine.stages.files import parse_size
from curator_engine.steps import Steps
from curator_engine.task import FileGroupTask, short_hash
from curator_text.content_settings import DecontaminateSettings
from curator_text.decontaminate.cut_matches import CHANGES, CutMatches
from curator_text.decontaminate.decide_matches import (
    IGNORED_FILE,
    PARTS,
    DecideMatches,
    found_items,
    frequent_ngrams,
    items_left,
)
from curator_text.decontaminate.evaluation_index import (
    EvaluationIndex,
    build_index,
    is_saved,
    load_index,
)
from curator_text.decontaminate.evaluation_items import evaluation_files
from curator_text.decontaminate.match_documents import MatchDocuments
from curator_text.pipelines.removal_workflow import RemovalWorkflow
from curator_text.removal.array_files import load_arrays, save_array
from curator_text.removal.corpus import Corpus, corpus_of
from curator_text.removal.outcome import (
    check_ratio,
    check_read,
    count_documents,
    write_data,
    write_losses,
)
from curator_text.removal.rewrite_documents import RewriteDocuments
from curator_text.removal.sources import source_tasks
from curator_text.report.decontaminate_page import try_decontaminate_report


@dataclass(kw_only=True)
class DecontaminateWorkflow(RemovalWorkflow[DecontaminateSettings]):
    """Remove documents that hold items of evaluation sets, or cut the items out of them.

    An item is a field of a row of an evaluation set. A document goes if at least `min_overlap` of an item's
    n-grams of words are in it. Letters and digits are compared; a document never goes for a collision of hashes.

    Example:
        >>> settings = DecontaminateSettings(
        ...     inputs=["corpus"], output="decontaminated", against=["gsm8k.jsonl"]
        ... )
        >>> DecontaminateWorkflow(settings=settings).run()
    """

    job, title = "decontaminate", "decontamination"

    @cached_property
    def evaluation(self) -> list[FileInfo]:
        """The files of the evaluation sets."""
        against = self.settings.against
        return evaluation_files(against) if against else []

    def build_index(self) -> EvaluationIndex:
        """The index of the evaluation sets.

        Raises:
            InputError: A file cannot be read, or none has a field that was named.
        """
        settings = self.settings
        return build_index(
            self.evaluation,
            fields=settings.against_field,
            ngram=settings.ngram,
            min_words=settings.min_words,
        )

    def check(self) -> None:
        """Look at the settings together."""
        super().check()
        self.settings.check()

    def look(self, executor: Executor) -> None:
        """Look for the text field and the evaluation sets."""
        super().look(executor)
        refuse_overlap(self.settings.output, [file.path for file in self.evaluation])

    def folders(self, inputs: Sequence[str]) -> ExitStack:
        """As of every job; the evaluation sets are input."""
        return super().folders([*inputs, *(file.path for file in self.evaluation)])

    def recorded(self) -> dict[str, Any]:
        """With a hash of the evaluation sets, whose files may change."""
        marks = [f"{each.path} {each.stamp}" for each in self.evaluation]
        return {**super().recorded(), "against_hash": short_hash(*marks)}

    def work(self, steps: Steps, tasks: list[FileGroupTask] | None, facts: dict[str, Any]) -> None:
        """Index, look, decide, remove."""
        settings, cache, output = self.settings, self.cache, self.settings.output
        steps.seconds["list"] = self.looked_seconds
        index = self._index(steps)
        facts["evaluation"] = [asdict(each) for each in index.files]
        facts |= {"ngrams": len(index.anchors), "index_bytes": index.nbytes}
        corpus = self._match(steps, tasks)
        counts = count_documents(corpus)
        facts |= {name: counts[name] for name in ("num_documents", "no_text", "text_bytes")}
        ignored = frequent_ngrams(corpus, index, settings.max_matches)
        save_array(join(cache, IGNORED_FILE), ignored)
        facts["ignored_ngrams"] = int(ignored.sum())
        facts["items_left"] = items_left(index, ignored)
        found = self._decide(steps, corpus)
        results = [load_arrays(task.data[0]) for task in found]
        numbers: NDArray[np.int64] = np.sort(
            np.concatenate([np.empty(0, np.int64), *(each["drops"] for each in results)])
        )
        facts["num_removed"] = len(numbers)
        facts["found_items"] = found_items(index, [each["items"] for each in results])
        facts |= _added(found, cuts=settings.remove == "span")
        facts["alarms"] = _unread(index) + write_losses(
            steps.run,
            corpus,
            numbers,
            cache=cache,
            output=output,
            source_field=settings.source_field,
        )
        check_ratio(len(numbers), facts["num_documents"], most=settings.max_removed_ratio)
        if settings.remove == "document":
            write_data(steps.run, corpus, numbers, cache=cache, output=output)
            return
        write_data(
            steps.run,
            corpus,
            numbers,
            cache=cache,
            output=output,
            write=partial(RewriteDocuments, changes=join(cache, CHANGES)),
            write_key=self._decide_key(corpus),
        )

    @property
    def _index_key(self) -> str:
        settings = self.settings
        given = (settings.against_field, settings.ngram, settings.min_words, self.version)
        return short_hash(self.recorded()["against_hash"], repr(given))

    @property
    def _index_folder(self) -> str:
        return join(self.cache, f"evaluation-{self._index_key}")

    def _index(self, steps: Steps) -> EvaluationIndex:
        start = time.perf_counter()
        if not is_saved(self._index_folder):
            self.build_index().save(self._index_folder)
        steps.seconds["index"] = round(time.perf_counter() - start, 3)
        return load_index(self._index_folder)

    def _match(self, steps: Steps, tasks: list[FileGroupTask] | None) -> Corpus:
        folder = join(self.cache, "match")
        match = MatchDocuments(
            path=folder,
            text_field=self.settings.text_field,
            id_field=self.settings.id_field,
            max_row=parse_size(self.settings.max_row),
            index=self._index_folder,
            index_key=self._index_key,
        )
        stages: list[AnyStage] = [match]
        tasks = self.tasks_of_input(tasks)
        if tasks is None:
            stages.insert(0, self.source())
        corpus = corpus_of(folder, steps.run("match", stages, tasks))
        corpus.require_text(self.settings.text_field)
        check_read(corpus, quarantined=steps.troubles()["quarantined"])
        corpus.save(join(self.cache, "corpus.json"))
        return corpus

    def _decide_key(self, corpus: Corpus) -> str:
        """Changes with whatever the decisions depend on."""
        settings = self.settings
        described = repr([self._index_key, settings.text_field, settings.id_field])
        spans = repr([settings.remove, settings.around, settings.min_chars_left])
        how = repr([settings.max_matches, settings.min_overlap])
        return short_hash(corpus.key, described, how, spans)

    def _decide(self, steps: Steps, corpus: Corpus) -> list[FileGroupTask]:
        key = self._decide_key(corpus)
        given = {"cache": self.cache, "corpus_key": key, "index": self._index_folder}
        return steps.run("decide", decide_stage(self.settings, **given), source_tasks(corpus))

    def has_result(self, facts: dict[str, Any]) -> bool:
        """Whether it is known which documents go."""
        return "num_removed" in facts

    def page(self) -> str | None:
        """Write `report.html`."""
        return try_decontaminate_report(self.settings.output)


def decide_stage(
    settings: DecontaminateSettings, *, cache: str, corpus_key: str, index: str
) -> DecideMatches:
    """The stage that decides, and cuts passages if the settings say so."""
    given: dict[str, Any] = {
        "cache": cache,
        "corpus_key": corpus_key,
        "output": settings.output,
        "index": index,
        "min_overlap": settings.min_overlap,
    }
    if settings.remove == "document":
        return DecideMatches(**given)
    return CutMatches(
        **given,
        text_field=settings.text_field,
        max_row=parse_size(settings.max_row),
        around=settings.around,
        min_chars_left=settings.min_chars_left,
    )


def _added(found: list[FileGroupTask], *, cuts: bool) -> dict[str, Any]:
    """What the results of the tasks add up to."""
    overlaps, documents = np.zeros(PARTS + 1, np.int64), Counter[str]()
    counts = Counter[str](dict.fromkeys(("changed", "cuts", "cut_chars"), 0) if cuts else {})
    for task in found:
        overlaps += np.array(task._metadata["overlaps"])
        documents.update(task._metadata["documents"])
        counts.update(task._metadata["counts"])
    return {"overlaps": overlaps.tolist(), "found_documents": dict(documents), **counts}


def _unread(index: EvaluationIndex) -> list[str]:
    """A line for each evaluation file of which rows are missing, or nothing is looked for."""
    lines: list[str] = []
    for each in index.files:
        if each.unreadable:
            lines.append(
                f"{each.unreadable:,} of {each.rows:,} rows of the evaluation file {each.name} cannot be read"
            )
        if not each.items:
            lines.append(
                f"nothing of the evaluation file {each.name} is looked for: "
                f"{each.short:,} texts are below --min-words, {each.rows:,} rows"
            )
    return lines
