"""Language identification: tell, decide, write.

Each step is a pipeline of its own, joined to the next by files in the cache, so that each can run on any
executor and resumes where it was stopped. Only the first step reads texts.
"""

from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curator_engine.files.paths import join
from curator_engine.stage import AnyStage
from curator_engine.stages.files import parse_size
from curator_engine.steps import Steps
from curator_engine.task import FileGroupTask, short_hash
from curator_text.content_settings import LangidSettings
from curator_text.language.decide_languages import DecideLanguages, added_up
from curator_text.language.detect_languages import FOUND, DetectLanguages, field_names
from curator_text.language.detectors import Detector, make_detector, wanted_languages
from curator_text.language.split_languages import SplitLanguages
from curator_text.pipelines.removal_workflow import RemovalWorkflow
from curator_text.removal.array_files import load_arrays
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
from curator_text.report.langid_page import try_langid_report


@dataclass(kw_only=True)
class LangidWorkflow(RemovalWorkflow[LangidSettings]):
    """Tell the language of each document, and remove those of languages that are not kept.

    Each row gets the language (ISO 639-3), its script (ISO 15924), the detector's score and further languages
    of the document. What is not determined is `und`.

    Example:
        >>> settings = LangidSettings(inputs=["corpus"], output="english", keep=["en"])
        >>> LangidWorkflow(settings=settings).run()
    """

    job, title = "langid", "language_identification"

    @cached_property
    def detector(self) -> Detector:
        """What tells languages."""
        settings = self.settings
        return make_detector(settings.detector, model=settings.model, reliable=settings.reliable)

    @cached_property
    def keep(self) -> list[str]:
        """The languages that stay, normalized; all if empty."""
        return wanted_languages(self.settings.keep, self.detector)

    def check(self) -> None:
        """Look at the detector and the languages."""
        super().check()
        self.settings.check()
        _ = self.keep

    def recorded(self) -> dict[str, Any]:
        """With a mark of the model, whose file may change."""
        return {**super().recorded(), "model_key": self._model_key}

    @property
    def _model_key(self) -> str:
        model = self.settings.model
        if model is None or not Path(model).is_file():
            return ""
        stat = Path(model).stat()
        return short_hash(model, f"{stat.st_size} {stat.st_mtime_ns}")

    def detect_stage(self, path: str = "") -> DetectLanguages:
        """The stage that tells languages, and writes into a folder."""
        settings = self.settings
        return DetectLanguages(
            path=path,
            text_field=settings.text_field,
            id_field=settings.id_field,
            max_row=parse_size(settings.max_row),
            detector=settings.detector,
            model=settings.model,
            model_key=self._model_key,
            reliable=settings.reliable,
            min_score=settings.min_score,
            language_field=settings.language_field,
        )

    def work(self, steps: Steps, tasks: list[FileGroupTask] | None, facts: dict[str, Any]) -> None:
        """Tell, decide, write."""
        settings, cache, output = self.settings, self.cache, self.settings.output
        steps.seconds["list"] = self.looked_seconds
        corpus = self._detect(steps, tasks)
        counts = count_documents(corpus)
        facts |= {name: counts[name] for name in ("num_documents", "no_text", "text_bytes")}
        found = self._decide(steps, corpus)
        drops = [load_arrays(task.data[0])["drops"] for task in found]
        numbers: NDArray[np.int64] = np.sort(np.concatenate([np.empty(0, np.int64), *drops]))
        facts["num_removed"] = len(numbers)
        facts["languages"] = added_up(found)
        facts["alarms"] = write_losses(
            steps.run,
            corpus,
            numbers,
            cache=cache,
            output=output,
            source_field=settings.source_field,
        )
        check_ratio(len(numbers), facts["num_documents"], most=settings.max_removed_ratio)
        self._write(steps, corpus, numbers)

    def _detect(self, steps: Steps, tasks: list[FileGroupTask] | None) -> Corpus:
        folder = join(self.cache, "detect")
        stages: list[AnyStage] = [self.detect_stage(folder)]
        tasks = self.tasks_of_input(tasks)
        if tasks is None:
            stages.insert(0, self.source())
        corpus = corpus_of(folder, steps.run("detect", stages, tasks))
        corpus.require_text(self.settings.text_field)
        check_read(corpus, quarantined=steps.troubles()["quarantined"])
        corpus.save(join(self.cache, "corpus.json"))
        return corpus

    @property
    def _detect_key(self) -> str:
        settings = self.settings
        given = (settings.detector, self._model_key, settings.reliable, settings.min_score)
        fields = (settings.text_field, settings.id_field, settings.language_field)
        return repr((given, fields))

    def _decide(self, steps: Steps, corpus: Corpus) -> list[FileGroupTask]:
        decide = DecideLanguages(
            cache=self.cache,
            corpus_key=short_hash(corpus.key, self._detect_key),
            output=self.settings.output,
            keep=self.keep,
        )
        return steps.run("decide", decide, source_tasks(corpus))

    def _write(self, steps: Steps, corpus: Corpus, numbers: NDArray[np.int64]) -> None:
        name = self.settings.language_field
        added = {new: FOUND[old] for old, new in field_names(name).items()}
        write: Any = partial(RewriteDocuments, added=added)
        if self.settings.split_by_language:
            write = partial(SplitLanguages, added=added, language_field=name)
        write_data(
            steps.run,
            corpus,
            numbers,
            cache=self.cache,
            output=self.settings.output,
            write=write,
            write_key=self._detect_key,
        )

    def has_result(self, facts: dict[str, Any]) -> bool:
        """Whether it is known which documents go."""
        return "num_removed" in facts

    def page(self) -> str | None:
        """Write `report.html`."""
        return try_langid_report(self.settings.output)
