"""Decontamination: index evaluation sets, look for their n-grams, decide, remove.

Each step after the index is a pipeline of its own, joined to the next by files in the cache, so that each can
run on any executor and resumes where it was stopped. Only the first of them reads all texts.
"""

import itertools
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np

from curator_engine.files.listing import FileInfo
from curator_engine.files.output_folder import refuse_overlap
from curator_engine.files.paths import join
from curator_engine.pipeline import Executor
from curator_engine.running.shard_runs import ShardRun
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
from curator_text.removal.corpus import Corpus
from curator_text.removal.remove_documents import RemoveDocuments
from curator_text.removal.rewrite_documents import RewriteDocuments
from curator_text.removal.sources import source_tasks
from curator_text.report.decontaminate_page import build_page

_NUMBERS = "found_numbers"
"""In the record of a shard: the items that were found, which other shards may have found too."""


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
    draw = staticmethod(build_page)
    same_in_shards = frozenset(
        {"evaluation", "ngrams", "index_bytes", "ignored_ngrams", "items_left", _NUMBERS}
    )

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

    @property
    def edits_texts(self) -> bool:
        """Where passages are cut out."""
        return self.settings.remove == "span"

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

    def documents(
        self, steps: Steps, tasks: list[FileGroupTask] | None, facts: dict[str, Any]
    ) -> Corpus:
        """Index the evaluation sets, and look for them."""
        index = self._index(steps)
        facts["evaluation"] = [asdict(each) for each in index.files]
        facts |= {"ngrams": len(index.anchors), "index_bytes": index.nbytes}
        facts["alarms"] = _unread(index)
        stage = MatchDocuments(
            path=join(self.cache, "match"),
            **self.reads_texts,
            index=self._index_folder,
            index_key=self._index_key,
            cuts=self.edits_texts,
        )
        return self.read(steps, "match", stage, tasks)

    def decide(self, steps: Steps, corpus: Corpus, facts: dict[str, Any]) -> list[FileGroupTask]:
        """Decide from the items that were found."""
        index = load_index(self._index_folder)
        ignored = frequent_ngrams(corpus, index, self.settings.max_matches)
        save_array(join(self.cache, IGNORED_FILE), ignored)
        facts["ignored_ngrams"] = int(ignored.sum())
        facts["items_left"] = items_left(index, ignored)
        found = self._decide(steps, corpus)
        items = found_items(index, [load_arrays(task.data[0])["items"] for task in found])
        facts["found_items"] = {name: len(numbers) for name, numbers in items.items()}
        if self.settings.shard:
            facts[_NUMBERS] = items
        facts |= _added(found, cuts=self.settings.remove == "span")
        return found

    @classmethod
    def join_shards(cls, runs: Sequence[ShardRun], output: str, facts: dict[str, Any]) -> None:
        """As of every job; an item that several shards have found counts once."""
        super().join_shards(runs, output, facts)
        facts.pop(_NUMBERS, None)
        for name in facts["found_items"]:
            numbers = [run.facts[_NUMBERS][name] for run in runs]
            facts["found_items"][name] = len(set(itertools.chain(*numbers)))

    def writer(self) -> tuple[Callable[..., RemoveDocuments], str]:
        """Without documents, or without passages as well."""
        if self.settings.remove == "document":
            return super().writer()
        return partial(RewriteDocuments, changes=join(self.cache, CHANGES)), self._decide_key

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

    @property
    def _decide_key(self) -> str:
        """Changes with whatever the decisions depend on but the documents."""
        settings = self.settings
        described = repr([self._index_key, settings.text_field, settings.id_field])
        spans = repr([settings.remove, settings.around, settings.min_chars_left])
        how = repr([settings.max_matches, settings.min_overlap])
        return short_hash(described, how, spans)

    def _decide(self, steps: Steps, corpus: Corpus) -> list[FileGroupTask]:
        key = short_hash(corpus.key, self._decide_key)
        given = {"cache": self.cache, "corpus_key": key, "index": self._index_folder}
        return steps.run("decide", decide_stage(self.settings, **given), source_tasks(corpus))


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
