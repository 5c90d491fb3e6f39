"""Filtering: score documents by a recipe, decide from the scores, remove.

Each step is a pipeline of its own, joined to the next by files in the cache, so that each can run
on any executor and resumes where it was stopped. Only the first step reads texts.
"""

from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curator_engine.errors import InputError, SettingsError
from curator_engine.files.hive import partition_values
from curator_engine.files.output_folder import refuse_overlap
from curator_engine.files.paths import join
from curator_engine.pipeline import Executor
from curator_engine.running.shard_runs import ShardRun
from curator_engine.stage import AnyStage
from curator_engine.steps import Steps
from curator_engine.task import FileGroupTask, short_hash
from curator_text.filters.recipe import Recipe, load_recipe
from curator_text.pipelines.removal_workflow import RemovalWorkflow
from curator_text.read.preflight import check_text_field
from curator_text.removal.corpus import Corpus
from curator_text.removal.read_fields import ReadFields
from curator_text.removal.sources import shared_tasks
from curator_text.report.filter_page import build_page
from curator_text.scoring.decide import DecideDocuments
from curator_text.scoring.earlier_scores import (
    BLOCKS,
    LoadScores,
    check_scores,
    join_blocks,
    kept_tasks,
    save_blocks,
)
from curator_text.scoring.recipe_record import describe
from curator_text.scoring.score_documents import ScoreDocuments
from curator_text.scoring.score_tables import check_where, score_names, where_fields
from curator_text.settings import FilterSettings


@dataclass(kw_only=True)
class FilterWorkflow(RemovalWorkflow[FilterSettings]):
    """Score documents by the filters of a recipe, and remove those that fail one.

    A document without text (null) is no document here: it stays, and is counted as `no_text`.

    Example:
        >>> settings = FilterSettings(
        ...     inputs=["corpus"], output="filtered", set=["WordCount.min_words=80"]
        ... )
        >>> FilterWorkflow(settings=settings).run()
    """

    own_recipe: Recipe | None = None
    """Filters of your own, instead of the recipe that the settings name."""
    job, title = "filter", "filter"
    unrecorded = frozenset({"own_recipe", "scores"})
    draw = staticmethod(build_page)

    @cached_property
    def recipe(self) -> Recipe:
        """The recipe with the changes of the settings."""
        settings, lang = self.settings, self.settings.exact_words
        recipe = self.own_recipe or load_recipe(settings.recipe, settings.set, model=settings.model)
        return recipe.with_exact_words(lang) if lang else recipe

    def check(self) -> None:
        """Look at the recipe and the condition."""
        super().check()
        if self.settings.where is not None:
            check_where(self.settings.where, score_names(self.recipe), self.fields)

    @cached_property
    def fields(self) -> dict[str, pa.DataType]:
        """Fields of documents that the condition looks at, and what they are compared as."""
        return where_fields(self.settings.where, score_names(self.recipe))

    def look(self, executor: Executor) -> None:
        """Look for the text field, and at the run whose scores are taken."""
        super().look(executor)
        if self.settings.inputs:
            self._look_for_fields()
        if scores := self.settings.scores:
            refuse_overlap(self.settings.output, [join(scores, BLOCKS)])
            files = self.listed().files
            check_scores(scores, self.recipe, self.recorded(), files, self.version)

    def _look_for_fields(self) -> None:
        """Look for the condition's fields.

        Raises:
            SettingsError: A name is neither a score nor a field of the input.
        """
        files = self.listed().files
        for name in self.fields:
            if any(name in partition_values(file.path) for file in files):
                continue
            try:
                check_text_field(files, name, option="where")
            except InputError as error:
                # It may be a score that is written wrongly.
                check_where(str(self.settings.where), score_names(self.recipe))
                raise SettingsError(str(error)) from error

    def folders(self, inputs: Sequence[str]) -> ExitStack:
        """As of every job; the scores that are taken are input."""
        scores = self.settings.scores
        return super().folders([*inputs, *([join(scores, "scores")] if scores else [])])

    def recorded(self) -> dict[str, Any]:
        """With a hash of the recipe, whose file may change."""
        return {**super().recorded(), "recipe_hash": short_hash(repr(describe(self.recipe)))}

    def about(self) -> dict[str, Any]:
        """The filters with their settings and bounds, and how they find words."""
        return {"filters": describe(self.recipe), "words": self.recipe.words}

    def documents(
        self, steps: Steps, tasks: list[FileGroupTask] | None, facts: dict[str, Any]
    ) -> Corpus:
        """Score them, or take the scores of an earlier run."""
        given: dict[str, Any] = {
            "path": join(self.cache, "score"),
            "recipe": self.recipe,
            "recipe_key": short_hash(repr([describe(self.recipe), self.recipe.exact_words])),
        }
        stage: AnyStage = ScoreDocuments(**given, **self.reads_texts)
        if self.settings.scores:
            stage = LoadScores(**given, run=self.settings.scores)
            tasks = kept_tasks(self.settings.scores, self.listed().files)
        corpus = self.read(steps, "score", stage, tasks)
        if self.listing is not None:
            save_blocks(self.settings.output, corpus, self.listing)
        return corpus

    @classmethod
    def join_shards(cls, runs: Sequence[ShardRun], output: str, facts: dict[str, Any]) -> None:
        """As of every job, and `blocks.parquet`."""
        super().join_shards(runs, output, facts)
        join_blocks(runs, output)

    def decide(self, steps: Steps, corpus: Corpus, facts: dict[str, Any]) -> list[FileGroupTask]:
        """Decide from the scores."""
        settings = self.settings
        fields = [settings.text_field, settings.id_field, self.recipe.exact_words]
        described = repr([describe(self.recipe), *fields])
        kinds = {name: str(kind) for name, kind in self.fields.items()}
        given: dict[str, Any] = {
            "cache": self.cache,
            "corpus_key": short_hash(corpus.key, described),
            "fields": kinds,
        }
        if kinds:
            steps.run("fields", ReadFields(**given), shared_tasks(corpus))
        stage = DecideDocuments(
            **given,
            output=settings.output,
            recipe=self.recipe,
            where=settings.where,
            with_removed=not settings.score_only,
        )
        found = steps.run("decide", stage, shared_tasks(corpus))
        facts["rules"] = _rules(found)
        return found

    def finish(
        self, steps: Steps, corpus: Corpus, numbers: NDArray[np.int64], facts: dict[str, Any]
    ) -> None:
        """As of every job; without alarms where nothing is removed."""
        super().finish(steps, corpus, numbers, facts)
        if self.settings.score_only:
            facts["alarms"] = []


def _rules(found: list[FileGroupTask]) -> dict[str, int]:
    """Documents that go by the rule that they fail first, the worst rule first."""
    counts = Counter[str]()
    for task in found:
        counts.update(task._metadata["rules"])
    return dict(sorted(counts.items(), key=lambda each: (-each[1], each[0])))
