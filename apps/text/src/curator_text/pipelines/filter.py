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
from numpy.typing import NDArray

from curator_engine.files.output_folder import refuse_overlap
from curator_engine.files.paths import join
from curator_engine.pipeline import Executor
from curator_engine.stage import AnyStage
from curator_engine.stages.files import parse_size
from curator_engine.steps import Steps
from curator_engine.task import FileGroupTask, short_hash
from curator_text.filters.recipe import Recipe, load_recipe
from curator_text.pipelines.removal_workflow import RemovalWorkflow
from curator_text.removal.array_files import load_arrays
from curator_text.removal.corpus import Corpus, corpus_of
from curator_text.removal.outcome import (
    check_ratio,
    check_read,
    count_documents,
    forget_data,
    write_data,
    write_losses,
)
from curator_text.removal.sources import shared_tasks
from curator_text.report.filter_page import try_filter_report
from curator_text.scoring.decide import DecideDocuments
from curator_text.scoring.earlier_scores import (
    BLOCKS,
    LoadScores,
    check_scores,
    kept_tasks,
    save_blocks,
)
from curator_text.scoring.recipe_record import describe
from curator_text.scoring.score_documents import ScoreDocuments
from curator_text.scoring.score_tables import check_where, score_names
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

    @cached_property
    def recipe(self) -> Recipe:
        """The recipe with the changes of the settings."""
        recipe = self.own_recipe or load_recipe(self.settings.recipe, self.settings.set)
        lang = self.settings.exact_words
        return recipe.with_exact_words(lang) if lang else recipe

    def check(self) -> None:
        """Look at the recipe and the condition."""
        super().check()
        names = score_names(self.recipe)
        if self.settings.where is not None:
            check_where(self.settings.where, names)

    def look(self, executor: Executor) -> None:
        """Look for the text field, and at the run whose scores are taken."""
        super().look(executor)
        if scores := self.settings.scores:
            refuse_overlap(self.settings.output, [join(scores, BLOCKS)])
            files = self.listed().files
            check_scores(scores, self.recipe, self.recorded(), files, self.version)

    def folders(self, inputs: Sequence[str]) -> ExitStack:
        """As of every job; the scores that are taken are input."""
        scores = self.settings.scores
        return super().folders([*inputs, *([join(scores, "scores")] if scores else [])])

    def recorded(self) -> dict[str, Any]:
        """With a hash of the recipe, whose file may change."""
        return {**super().recorded(), "recipe_hash": short_hash(repr(describe(self.recipe)))}

    def about(self) -> dict[str, Any]:
        """The filters with their settings and bounds."""
        return {"filters": describe(self.recipe)}

    def work(self, steps: Steps, tasks: list[FileGroupTask] | None, facts: dict[str, Any]) -> None:
        """Score, decide, remove."""
        settings, cache, output = self.settings, self.cache, self.settings.output
        steps.seconds["list"] = self.looked_seconds
        corpus = self._score(steps, tasks)
        counts = count_documents(corpus)
        facts |= {name: counts[name] for name in ("num_documents", "no_text", "text_bytes")}
        found = self._decide(steps, corpus)
        drops = [load_arrays(task.data[0])["drops"] for task in found]
        numbers: NDArray[np.int64] = np.sort(np.concatenate([np.empty(0, np.int64), *drops]))
        facts["num_removed"] = len(numbers)
        facts["rules"] = _rules(found)
        facts["alarms"] = write_losses(
            steps.run,
            corpus,
            numbers,
            cache=cache,
            output=output,
            source_field=settings.source_field,
        )
        check_ratio(len(numbers), facts["num_documents"], most=settings.max_removed_ratio)
        if settings.score_only:
            facts["alarms"] = []
            forget_data(corpus, cache=cache, output=output)
        else:
            write_data(steps.run, corpus, numbers, cache=cache, output=output)

    def _score(self, steps: Steps, tasks: list[FileGroupTask] | None) -> Corpus:
        folder = join(self.cache, "score")
        given: dict[str, Any] = {
            "path": folder,
            "recipe": self.recipe,
            "recipe_key": short_hash(repr([describe(self.recipe), self.recipe.exact_words])),
        }
        if self.settings.scores:
            stages: list[AnyStage] = [LoadScores(**given, run=self.settings.scores)]
            tasks = kept_tasks(self.settings.scores, self.listed().files)
        else:
            tasks = self.tasks_of_input(tasks)
            stages = self._stages(given, with_source=tasks is None)
        corpus = corpus_of(folder, steps.run("score", stages, tasks))
        corpus.require_text(self.settings.text_field)
        check_read(corpus, quarantined=steps.troubles()["quarantined"])
        corpus.save(join(self.cache, "corpus.json"))
        if self.listing is not None:
            save_blocks(self.settings.output, corpus, self.listing.files)
        return corpus

    def _stages(self, given: dict[str, Any], *, with_source: bool) -> list[AnyStage]:
        score = ScoreDocuments(
            **given,
            text_field=self.settings.text_field,
            id_field=self.settings.id_field,
            max_row=parse_size(self.settings.max_row),
        )
        return [self.source(), score] if with_source else [score]

    def _decide(self, steps: Steps, corpus: Corpus) -> list[FileGroupTask]:
        settings = self.settings
        fields = [settings.text_field, settings.id_field, self.recipe.exact_words]
        described = repr([describe(self.recipe), *fields])
        decide = DecideDocuments(
            cache=self.cache,
            corpus_key=short_hash(corpus.key, described),
            output=self.settings.output,
            recipe=self.recipe,
            where=self.settings.where,
            with_removed=not self.settings.score_only,
        )
        return steps.run("decide", decide, shared_tasks(corpus))

    def has_result(self, facts: dict[str, Any]) -> bool:
        """Whether it is known which documents go."""
        return "num_removed" in facts

    def page(self) -> str | None:
        """Write `report.html`."""
        return try_filter_report(self.settings.output)


def _rules(found: list[FileGroupTask]) -> dict[str, int]:
    """Documents that go by the rule that they fail first, the worst rule first."""
    counts = Counter[str]()
    for task in found:
        counts.update(task._metadata["rules"])
    return dict(sorted(counts.items(), key=lambda each: (-each[1], each[0])))
